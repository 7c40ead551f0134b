"""With whom an organisation trades, and with whom it does not."""

from django.db import models
from django.db.models import F, Q

from certificates.models.organisation import Organisation


class Counterparty(models.Model):
    """One line of an organisation's list of other organisations.

    Who has allowed anybody trades with those alone; whoever is denied is refused.
    """

    class Rule(models.TextChoices):
        ALLOW = "allow", "Allowed"
        DENY = "deny", "Denied"

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="counterparties"
    )
    other = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=5, choices=Rule)
    noted_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "counterparties"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "other"], name="counterparty_one_rule_each"
            ),
            models.CheckConstraint(
                condition=~Q(organisation=F("other")), name="counterparty_is_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.other} {self.get_rule_display().lower()}"
