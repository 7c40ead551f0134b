"""Which generation was matched to which hour of which charge."""

from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from certificates.models import entry_stands
from charging.models.session import SessionHour


class MatchingRun(models.Model):
    """One run that booked something: who, where, when, under which rule, with what result.

    `verdict` is what the checker said of it; runs from before it was kept here have none.
    """

    class Policy(models.TextChoices):
        HOURLY = "hourly", "By the hour"

    organisation = models.ForeignKey(
        "certificates.Organisation", on_delete=models.PROTECT, related_name="matching_runs"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    policy = models.CharField(max_length=20, choices=Policy)
    version = models.CharField(max_length=20)
    demand_wh = models.BigIntegerField("demand (Wh)")
    supply_wh = models.BigIntegerField("supply (Wh)")
    matched_wh = models.BigIntegerField("matched (Wh)")
    ran_at = models.DateTimeField()
    verdict = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="matching_run_is_a_period"
            ),
            models.CheckConstraint(
                condition=Q(matched_wh__lte=F("demand_wh")) & Q(matched_wh__lte=F("supply_wh")),
                name="matching_run_matches_what_is_there",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.starts_at:%Y-%m-%d} to {self.ends_at:%Y-%m-%d}"


class ClosedInterval(models.Model):
    """An interval whose matching is done for one company and area.

    Late data open a new round, and so does a retirement of the last round that fell.
    """

    organisation = models.ForeignKey(
        "certificates.Organisation", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    area = models.ForeignKey("certificates.Area", on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    rounds = models.PositiveSmallIntegerField(default=1)
    run = models.ForeignKey(MatchingRun, on_delete=models.PROTECT, related_name="intervals")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "area", "starts_at"], name="closed_interval_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%dT%H:%MZ}"


class AllocationQuerySet(QuerySet[Any]):
    """Allocations by what became of their retirement."""

    def standing(self) -> "AllocationQuerySet":
        """Those whose retirement was neither undone nor refused, and whose claim stands."""
        # Not `superseded__isnull`: PostgreSQL takes that join for one that few rows survive.
        void = SupersededAllocation.objects.filter(allocation=OuterRef("pk"))
        return self.filter(entry_stands("retirement__entry"), ~Exists(void))

    def fallen(self) -> "AllocationQuerySet":
        """Those whose retirement was undone or refused: they cover nothing any more."""
        return self.filter(retirement__entry__reversal__isnull=False)


class Allocation(models.Model):
    """The retirement that covers a part of a session hour; only `standing()` ones count."""

    run = models.ForeignKey(MatchingRun, on_delete=models.PROTECT, related_name="allocations")
    session_hour = models.ForeignKey(
        SessionHour, on_delete=models.PROTECT, related_name="allocations"
    )
    retirement = models.OneToOneField(
        "certificates.Retirement", on_delete=models.PROTECT, related_name="allocation"
    )

    objects = AllocationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.session_hour_id} by {self.retirement_id}"


class SupersededAllocation(models.Model):
    """The claim of one allocation is void; its Wh stay retired, without a claim.

    `receipt` is the version that says so. `reason` is the number that the chain keeps.
    """

    class Reason(models.IntegerChoices):
        CREDITED = 1, "Credited"
        CORRECTED = 2, "Corrected downward"

    allocation = models.OneToOneField(
        Allocation, on_delete=models.PROTECT, related_name="superseded"
    )
    receipt = models.ForeignKey(
        "charging.Receipt", on_delete=models.PROTECT, related_name="superseded_allocations"
    )
    reason = models.PositiveSmallIntegerField(choices=Reason)
    superseded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.allocation_id}: {self.get_reason_display()}"
