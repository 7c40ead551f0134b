"""Addresses that are printed or sent, and therefore whole."""

from django.conf import settings
from django.urls import reverse


def receipt_link(public_id: str) -> str:
    """The public address of a receipt."""
    return f"{settings.PUBLIC_URL}{reverse('receipt', args=[public_id])}"
