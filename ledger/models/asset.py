"""What can be held."""

from django.db import models


class Asset(models.Model):
    """One thing that is counted in whole units: a certificate (Wh) or a currency (minor units).

    `code` of a certificate is its token id as 40 hexadecimal digits, so that codes sort as
    ids do; of a currency its ISO 4217 code.
    """

    class Kind(models.TextChoices):
        CERTIFICATE = "certificate", "Certificate"
        CURRENCY = "currency", "Currency"

    kind = models.CharField(max_length=20, choices=Kind)
    code = models.CharField(max_length=40)
    unit = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "code"], name="asset_kind_and_code_unique")
        ]

    def __str__(self) -> str:
        return self.code
