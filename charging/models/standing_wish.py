"""What all charges under a contract, a card or a tariff are to get first, from a day on."""

from django.db import models
from django.db.models import F, Q


class StandingWish(models.Model):
    """A wish for every charge of a company under one product that starts in [valid_from, valid_to).

    Its content is never edited: another wish from a later instant ends it there, so that the
    rows are its history. `mark` stands for the product (charging/models/sealing.py), `name` is
    what people call it. `preferences` are as a charge keeps them.
    """

    class Kind(models.TextChoices):
        TOKEN = "token", "Charging token"
        CONTRACT = "contract", "Contract"
        TARIFF = "tariff", "Tariff"

    organisation = models.ForeignKey(
        "certificates.Organisation", on_delete=models.PROTECT, related_name="standing_wishes"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    mark = models.BinaryField(max_length=32)
    name = models.CharField(max_length=60)
    green_tariff = models.BooleanField(default=False)
    preferences = models.JSONField(default=dict, blank=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    set_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "standing wishes"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "mark"],
                condition=Q(valid_to__isnull=True),
                name="standing_wish_one_without_an_end",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="standing_wish_is_a_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name} from {self.valid_from:%Y-%m-%d}"
