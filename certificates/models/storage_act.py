"""What a person did with storage by page, while it can be undone and after."""

from django.db import models
from django.db.models import Q

from certificates.domain.storage import act_states as states
from certificates.models.device import Device
from certificates.models.sub_account import SubAccount


class StorageAct(models.Model):
    """One act of a person, undone until `due_at` where they ask for it.

    Records that were sent or withdrawn count at once; `detail` names them by id. Certificates
    for charges lie in an account of the act's own until they are retired, and a loss interval
    is settled, at `due_at`. `amount_wh` is what the person was shown.
    """

    class Kind(models.TextChoices):
        RECORDS = "records", "Records sent"
        WITHDRAWAL = "withdrawal", "Records withdrawn"
        CHARGING = "charging", "Certificates for charges"
        SETTLEMENT = "settlement", "Losses settled"

    class Status(models.TextChoices):
        SCHEDULED = states.SCHEDULED, "Can still be undone"
        DONE = states.DONE, "Done"
        UNDONE = states.UNDONE, "Undone"
        EMPTY = states.EMPTY, "Nothing was left"

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="storage_acts")
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.SCHEDULED)
    sub_account = models.OneToOneField(
        SubAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="storage_act"
    )
    detail = models.JSONField(default=dict)
    amount_wh = models.BigIntegerField("amount (Wh)", default=0)
    outcome = models.CharField(max_length=500, blank=True)
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(status="scheduled"), name="storage_act_due"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "kind"],
                condition=Q(status="scheduled", kind__in=["charging", "settlement"]),
                name="storage_act_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(kind="charging", sub_account__isnull=False)
                | (~Q(kind="charging") & Q(sub_account__isnull=True)),
                name="storage_act_holds_what_it_will_retire",
            ),
            models.CheckConstraint(
                condition=Q(status="scheduled", ended_at__isnull=True)
                | (~Q(status="scheduled") & Q(ended_at__isnull=False)),
                name="storage_act_is_scheduled_or_ended",
            ),
            models.CheckConstraint(
                condition=Q(amount_wh__gte=0), name="storage_act_amount_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.device.name}"
