"""Addresses of rows in the admin."""

from django import template
from django.db import models

from ledger.admin.neighbours import page_url as page_url_of

register = template.Library()


@register.filter
def page_url(row: models.Model) -> str:
    """The address of a row's page in the admin."""
    return page_url_of(row)
