"""What cars took: one consumption record for one charge."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Upper

from charging.models.location import Evse


class SessionFile(models.Model):
    """An uploaded file of sessions, once per content and options."""

    class Status(models.TextChoices):
        IMPORTING = "importing", "Being imported"
        IMPORTED = "imported", "Imported"
        FAILED = "failed", "Failed"

    key = models.CharField(max_length=200, unique=True)
    organisation = models.ForeignKey(
        "certificates.Organisation", on_delete=models.PROTECT, related_name="session_files"
    )
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    profile = models.CharField(max_length=40)
    options = models.JSONField(default=dict)
    status = models.CharField(max_length=20, choices=Status)
    report = models.JSONField(default=dict)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    uploaded_at = models.DateTimeField()
    reconciled_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class SessionRow(models.Model):
    """A row that did not become a session, with every reason why: nothing is dropped.

    `proposals`: ways to take a held row, of which a person may approve one; that row is then
    repaired, and `session` what it became or corrected.
    """

    class Status(models.TextChoices):
        HELD = "held", "Held"
        REJECTED = "rejected", "Rejected"
        DUPLICATE = "duplicate", "Duplicate"
        REPAIRED = "repaired", "Repaired and accepted"

    file = models.ForeignKey(SessionFile, on_delete=models.PROTECT, related_name="rows")
    line = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status)
    reasons = models.JSONField(default=list)
    raw = models.TextField()
    proposals = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    decision = models.CharField(max_length=20, blank=True, default="", db_default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    session = models.ForeignKey(
        "charging.Session", on_delete=models.PROTECT, null=True, blank=True, related_name="rows"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "line"], name="session_row_line_unique"),
            models.CheckConstraint(
                condition=~Q(status="repaired")
                | (Q(session__isnull=False, decided_at__isnull=False) & ~Q(decision="")),
                name="session_row_repaired_by_a_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.line}: {self.status}"


class Session(models.Model):
    """One charge. `uid` is the operator's session id, unique in any case per party.

    `token_hmac`, `contract_hmac` and `tariff_hmac` stand for the charging token, the contract
    and the tariff it began under, where they are told (charging/models/sealing.py).
    `disclosure_key` salts the commitment of its retirements; erasing it erases the link.
    A claim that was taken back leaves its record `voided_at`, never final again; the record
    that `replaces` it then stands for the charge.
    `preferences` are `{"order": [{"supplier", "source"}, ...], "strict": bool}`, best first;
    empty without any, with `"by": "driver"` where the driver said so and not the company.
    """

    class EnergyEvidence(models.TextChoices):
        SIGNED = "signed", "Signed meter"
        STATEMENT = "statement", "Operator's statement"

    class TimingEvidence(models.TextChoices):
        SIGNED = "signed", "Signed intervals"
        PERIODS = "periods", "Charging periods"
        POWER = "power", "Power curve"
        UNIFORM = "uniform", "Spread evenly"

    operator = models.ForeignKey(
        "certificates.Organisation", on_delete=models.PROTECT, related_name="sessions"
    )
    claimant = models.ForeignKey(
        "certificates.Organisation",
        on_delete=models.PROTECT,
        db_index=False,
        related_name="claimed_sessions",
    )
    country_code = models.CharField(max_length=2, blank=True)
    party_id = models.CharField(max_length=3, blank=True)
    uid = models.CharField("id", max_length=100)
    evse = models.ForeignKey(Evse, on_delete=models.PROTECT, related_name="sessions")
    connector = models.CharField(max_length=36, blank=True)
    area = models.ForeignKey("certificates.Area", on_delete=models.PROTECT, related_name="sessions")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    energy_wh = models.BigIntegerField("energy (Wh)")
    raw_energy = models.CharField(max_length=40)
    energy_evidence = models.CharField(
        max_length=12, choices=EnergyEvidence, default=EnergyEvidence.STATEMENT
    )
    timing_evidence = models.CharField(
        max_length=12, choices=TimingEvidence, default=TimingEvidence.UNIFORM
    )
    final = models.BooleanField(default=False)
    green_tariff = models.BooleanField(default=False, db_default=False)
    preferences = models.JSONField(
        default=dict, blank=True, db_default=Value({}, models.JSONField())
    )
    content_hash = models.BinaryField(max_length=32)
    disclosure_key = models.BinaryField(max_length=32, null=True)
    token_hmac = models.BinaryField(max_length=32, null=True)
    contract_hmac = models.BinaryField(max_length=32, null=True)
    tariff_hmac = models.BinaryField(max_length=32, null=True)
    file = models.ForeignKey(
        SessionFile, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions"
    )
    line = models.PositiveIntegerField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    class Meta:
        indexes = [
            models.Index(fields=["claimant", "started_at"], name="session_claimant_start"),
            models.Index(
                fields=["operator", "token_hmac"],
                condition=Q(token_hmac__isnull=False),
                name="session_token",
            ),
            # The few records that were taken back, which every new CDR asks for.
            models.Index(
                F("operator"),
                Upper("uid"),
                condition=Q(voided_at__isnull=False),
                name="session_voided_by_charge",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                F("operator"),
                Upper("country_code"),
                Upper("party_id"),
                Upper("uid"),
                condition=Q(voided_at__isnull=True),
                name="session_one_record_per_charge",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True) | Q(final=False),
                name="session_voided_asks_for_nothing",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__gt=F("started_at")), name="session_is_a_period"
            ),
            models.CheckConstraint(condition=Q(energy_wh__gt=0), name="session_took_energy"),
        ]

    def __str__(self) -> str:
        return self.uid


class SessionHour(models.Model):
    """The Wh of a session in one matching interval, and how they were put there."""

    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, db_index=False, related_name="hours"
    )
    starts_at = models.DateTimeField(db_index=True)
    length_minutes = models.PositiveSmallIntegerField(default=60)
    energy_wh = models.BigIntegerField("energy (Wh)")
    method = models.CharField(max_length=12, choices=Session.TimingEvidence)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "starts_at"], name="session_hour_unique"),
            models.CheckConstraint(condition=Q(energy_wh__gt=0), name="session_hour_took_energy"),
        ]

    def __str__(self) -> str:
        return f"{self.energy_wh} Wh from {self.starts_at:%Y-%m-%dT%H:%MZ}"


class SessionClaim(models.Model):
    """A driver showed that a charge was theirs, by holding its receipt link."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="claim")
    driver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="session_claims"
    )
    note = models.CharField(max_length=100, blank=True)
    claimed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.session_id} by {self.driver_id}"
