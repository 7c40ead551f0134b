"""Who may hold something in the book."""

import uuid

from django.db import models
from django.db.models import Q


class Account(models.Model):
    """A holder's or the system's account. Its uuid names it on the chain.

    A mirror stands for an address outside the registry's custody: only what the chain says
    moves it.
    """

    class System(models.TextChoices):
        ISSUED = "issued", "Source of issuance"
        RETIRED = "retired", "Retired"
        WITHDRAWN = "withdrawn", "Withdrawn"
        EXPIRED = "expired", "Expired"

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    system = models.CharField(max_length=20, choices=System, blank=True)
    may_be_negative = models.BooleanField(default=False)
    is_mirror = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["system"], condition=~Q(system=""), name="account_one_per_system_purpose"
            ),
            models.CheckConstraint(
                condition=Q(may_be_negative=False) | Q(system="issued"),
                name="account_only_the_source_of_issuance_may_be_negative",
            ),
            models.CheckConstraint(
                condition=Q(is_mirror=False) | Q(system=""), name="account_mirror_is_a_holders"
            ),
        ]

    def __str__(self) -> str:
        return self.name
