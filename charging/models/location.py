"""Where cars charge."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Upper


class Party(models.Model):
    """An organisation's name in roaming: ISO country and three characters, as in OCPI."""

    organisation = models.ForeignKey(
        "certificates.Organisation", on_delete=models.PROTECT, related_name="parties"
    )
    country_code = models.CharField(max_length=2)
    party_id = models.CharField(max_length=3)

    class Meta:
        verbose_name_plural = "parties"
        constraints = [
            models.UniqueConstraint(
                Lower("country_code"), Lower("party_id"), name="party_unique_any_case"
            )
        ]

    def __str__(self) -> str:
        return f"{self.country_code}*{self.party_id}"


class Location(models.Model):
    """A charging site. Without an area its sessions are held.

    A site known by OCPI has its sender's `party` and id; one from files has a name alone.
    """

    operator = models.ForeignKey(
        "certificates.Organisation", on_delete=models.PROTECT, related_name="locations"
    )
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    area = models.ForeignKey(
        "certificates.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, blank=True, related_name="locations"
    )
    uid = models.CharField("id", max_length=36, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "name"],
                condition=Q(party__isnull=True),
                name="location_name_unique",
            ),
            models.UniqueConstraint("party", Upper("uid"), name="location_uid_unique_any_case"),
            models.CheckConstraint(
                condition=Q(party__isnull=True, uid="") | Q(party__isnull=False) & ~Q(uid=""),
                name="location_of_a_party_has_a_uid",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LocationAlias(models.Model):
    """Another spelling of a location's name in an operator's files."""

    operator = models.ForeignKey(
        "certificates.Organisation", on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(max_length=200)
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="aliases")

    class Meta:
        verbose_name_plural = "location aliases"
        constraints = [
            models.UniqueConstraint(fields=["operator", "name"], name="location_alias_unique")
        ]

    def __str__(self) -> str:
        return self.name


class Evse(models.Model):
    """A charge point. `power_w` is its largest power where known."""

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="evses")
    uid = models.CharField("id", max_length=36)
    model = models.CharField(max_length=200, blank=True)
    power_w = models.PositiveIntegerField("power (W)", null=True, blank=True)

    class Meta:
        verbose_name = "EVSE"
        constraints = [
            models.UniqueConstraint(fields=["location", "uid"], name="evse_uid_unique"),
            models.CheckConstraint(condition=~Q(uid=""), name="evse_has_a_uid"),
        ]

    def __str__(self) -> str:
        return self.uid


class CoupledArea(models.Model):
    """Generation of one area may serve charges of another, [starts_at, ends_at); empty is open.

    One direction only; none by default.
    """

    generation = models.ForeignKey(
        "certificates.Area", on_delete=models.PROTECT, related_name="coupled_to"
    )
    charge = models.ForeignKey(
        "certificates.Area", on_delete=models.PROTECT, related_name="coupled_from"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "charge", "starts_at"], name="coupled_area_once"
            ),
            models.CheckConstraint(
                condition=~Q(generation=models.F("charge")), name="coupled_area_is_another"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=models.F("starts_at")),
                name="coupled_area_is_a_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.generation_id} for {self.charge_id}"


class DeviceSite(models.Model):
    """A plant stands at a charging site, [starts_at, ends_at); empty is open.

    What it makes goes first to charges at that site.
    """

    device = models.ForeignKey(
        "certificates.Device", on_delete=models.PROTECT, related_name="charging_sites"
    )
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="plants")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device", "location", "starts_at"], name="device_site_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=models.F("starts_at")),
                name="device_site_is_a_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} at {self.location_id}"
