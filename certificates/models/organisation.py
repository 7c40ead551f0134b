"""Who takes part, in which role, and with which keys."""

from django.conf import settings
from django.db import models


class Role(models.TextChoices):
    """What an organisation, and a person in it, comes to do."""

    PRODUCER = "producer", "Producer"
    CHARGING_COMPANY = "charging_company", "Charging company"
    TRADER = "trader", "Trader"
    AUDITOR = "auditor", "Auditor"
    REGISTRAR = "registrar", "Registrar"


class Organisation(models.Model):
    """An account holder. `account` is where the book keeps what it holds."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    account = models.OneToOneField(
        "ledger.Account", on_delete=models.PROTECT, related_name="organisation"
    )
    registered_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OrganisationRole(models.Model):
    """A role an organisation holds; it may hold several."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "role"], name="organisation_role_once")
        ]

    def __str__(self) -> str:
        return self.get_role_display()


class Membership(models.Model):
    """A person acts for an organisation in a role."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation", "role"], name="membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.get_role_display()}"


class ApiKey(models.Model):
    """A secret for machines, shown once; only its SHA-256 is kept.

    The secret reads `{prefix}_{key_id}_{random}`; `key_id` finds the row.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="api_keys"
    )
    key_id = models.CharField(max_length=16, unique=True)
    secret_hash = models.BinaryField(max_length=32)
    label = models.CharField(max_length=100)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"
        verbose_name_plural = "API keys"

    def __str__(self) -> str:
        return f"{self.label} ({self.key_id})"
