"""Other systems that send charges by OCPI, and what they sent.

Bodies are kept byte for byte, sealed under the registry's key, because they name drivers.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from charging.models.location import Party
from charging.models.session import Session


class Connection(models.Model):
    """One system of a charging company. Of its token only the SHA-256 is kept.

    `roles`: what the other side said it is, each `{role, country_code, party_id, name}`.
    `endpoints`: where its modules are, as `[{identifier, role, url}]`.
    """

    class Status(models.TextChoices):
        INVITED = "invited", "Invited"
        CONNECTED = "connected", "Connected"
        REVOKED = "revoked", "Revoked"

    organisation = models.ForeignKey(
        "certificates.Organisation", on_delete=models.PROTECT, related_name="connections"
    )
    label = models.CharField(max_length=100)
    status = models.CharField(max_length=10, choices=Status, default=Status.INVITED)
    token_hash = models.BinaryField(max_length=32, null=True, unique=True)
    version = models.CharField(max_length=10, blank=True)
    url = models.CharField(max_length=255, blank=True)
    roles = models.JSONField(default=list)
    endpoints = models.JSONField(default=list)
    invited_at = models.DateTimeField()
    connected_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "OCPI connection"
        constraints = [
            models.CheckConstraint(
                condition=Q(status="revoked", token_hash__isnull=True)
                | (~Q(status="revoked") & Q(token_hash__isnull=False)),
                name="connection_has_a_token_until_revoked",
            )
        ]

    def __str__(self) -> str:
        return self.label


class ConnectionMessage(models.Model):
    """What a connection wrote, and what it was answered; written once.

    `kind` is empty for what was taken, otherwise the refusal's code. `notices` are faults
    that did not hinder. `body` is sealed; empty for refusals and where the CDR has it.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, db_index=False, related_name="messages"
    )
    at = models.DateTimeField()
    method = models.CharField(max_length=6)
    module = models.CharField(max_length=12)
    subject = models.CharField(max_length=140, blank=True)
    status_code = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=40, blank=True)
    is_alarm = models.BooleanField(default=False)
    detail = models.TextField(blank=True)
    notices = models.JSONField(default=list)
    sha256 = models.BinaryField(max_length=32)
    body = models.BinaryField(blank=True)
    request_id = models.CharField(max_length=100, blank=True)
    correlation_id = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = "OCPI message"
        indexes = [models.Index(fields=["connection", "at"], name="connection_message_time")]

    def __str__(self) -> str:
        return f"{self.method} {self.module} {self.subject}"


class OcpiObject(models.Model):
    """A location, tariff, token or session as it stands now, under its sender's name for it.

    `uid` is the object's id in capitals; of a token it is the HMAC of its uid and type.
    `fingerprint` of a session is the HMAC of charge point, driver's token and start.
    """

    class Module(models.TextChoices):
        LOCATIONS = "locations", "Location"
        TARIFFS = "tariffs", "Tariff"
        TOKENS = "tokens", "Token"
        SESSIONS = "sessions", "Session"

    module = models.CharField(max_length=10, choices=Module)
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, db_index=False, related_name="objects_sent"
    )
    uid = models.CharField("id", max_length=64)
    version = models.CharField(max_length=10)
    body = models.BinaryField()
    last_updated = models.DateTimeField()
    fingerprint = models.BinaryField(max_length=32, null=True)
    received_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "OCPI object"
        indexes = [
            models.Index(
                fields=["fingerprint"],
                condition=Q(fingerprint__isnull=False),
                name="ocpi_object_fingerprint",
            ),
            models.Index(fields=["module", "last_updated"], name="ocpi_object_updated"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["party", "module", "uid"], name="ocpi_object_unique")
        ]

    def __str__(self) -> str:
        return f"{self.module} {self.uid}"


class Cdr(models.Model):
    """A charge detail record: final, immutable, byte for byte (sealed).

    `session` is the consumption record that it completed, or whose claim it voided.
    `credits` is the id of the CDR that this one credits, in capitals.
    A CDR held `TO_PLACE` is stored and answered, and its charge is looked up in a moment.
    """

    TO_PLACE = "to_place"  # beside the holds below, which a person or other data end

    class Status(models.TextChoices):
        RECORDED = "recorded", "Recorded"
        HELD = "held", "Held"
        NO_ENERGY = "no_energy", "Took no energy"
        CREDITED = "credited", "Credited"
        CREDIT = "credit", "Credit"

    class Hold(models.TextChoices):
        AREA_UNKNOWN = "area_unknown", "The bidding area of its site is unknown"
        POSSIBLE_DUPLICATE = (
            "possible_duplicate",
            "It names no session, and no session like it is known",
        )
        ANOTHER_CDR = "another_cdr", "Another CDR stands for this charge; it waits for its credit"
        TOO_LONG = "too_long", "It lasts longer than 24 hours"
        IN_A_FILE = "in_a_file", "A file holds a charge at this charge point and start"

    party = models.ForeignKey(Party, on_delete=models.PROTECT, db_index=False, related_name="cdrs")
    uid = models.CharField("id", max_length=39)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="cdrs")
    claimant = models.ForeignKey(
        "certificates.Organisation", on_delete=models.PROTECT, related_name="claimed_cdrs"
    )
    version = models.CharField(max_length=10)
    session_uid = models.CharField("session id", max_length=50, blank=True)
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, null=True, blank=True, related_name="cdrs"
    )
    status = models.CharField(max_length=10, choices=Status)
    hold = models.CharField("why held", max_length=20, choices=Hold, blank=True)
    credits = models.CharField("credits the CDR", max_length=39, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    energy_wh = models.BigIntegerField("energy (Wh)")
    fingerprint = models.BinaryField(max_length=32, db_index=True)
    content_hash = models.BinaryField(max_length=32)
    body = models.BinaryField()
    received_at = models.DateTimeField()
    reconciled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "CDR"
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=Q(status="recorded", reconciled_at__isnull=True),
                name="cdr_to_reconcile",
            ),
            models.Index(
                fields=["party", "session_uid"],
                condition=Q(status="held"),
                name="cdr_held_by_session",
            ),
        ]
        constraints = [
            models.UniqueConstraint("party", Upper("uid"), name="cdr_unique_any_case"),
            models.UniqueConstraint(
                "party", Upper("credits"), condition=~Q(credits=""), name="cdr_credited_once"
            ),
            models.CheckConstraint(
                condition=Q(status="held") & ~Q(hold="") | ~Q(status="held") & Q(hold=""),
                name="cdr_held_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(status="credit") & ~Q(credits="") | ~Q(status="credit") & Q(credits=""),
                name="cdr_credit_names_what_it_credits",
            ),
            models.CheckConstraint(
                condition=~Q(status="recorded") | Q(session__isnull=False),
                name="cdr_recorded_has_its_record",
            ),
        ]

    def __str__(self) -> str:
        return self.uid


class ClaimDelegation(models.Model):
    """An operator leaves the claim of charges to an eMSP: of one contract, or of all its own."""

    operator = models.ForeignKey(
        "certificates.Organisation", on_delete=models.PROTECT, related_name="delegations_given"
    )
    provider = models.ForeignKey(
        "certificates.Organisation", on_delete=models.PROTECT, related_name="delegations_held"
    )
    contract_id = models.CharField(max_length=36, blank=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(operator=models.F("provider")), name="delegation_is_to_another"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
                name="delegation_is_a_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator_id} to {self.provider_id}"
