"""Logging in, at leisure: who guesses passwords has to wait."""

from contextlib import suppress
from hashlib import sha256
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOST_WRONG = 10  # passwords for one address, in each process of the web server
REST_S = 15 * 60
RESTS = _("Too many wrong passwords for this address. Wait a quarter of an hour, then try again.")


class Unhurried(AuthenticationForm):
    """Refuses an address for a while after wrong passwords, and the right one, too.

    Which addresses have accounts is not told: others rest as well.
    """

    rests = False

    def clean(self) -> dict[str, Any]:
        address = self.cleaned_data.get("username", "")
        key = f"log-in:{sha256(address.lower().encode()).hexdigest()}"
        if cache.get(key, 0) >= MOST_WRONG:
            self.rests = True
            raise ValidationError(RESTS, code="rests")
        try:
            cleaned = super().clean()
        except ValidationError:
            cache.add(key, 0, REST_S)
            with suppress(ValueError):  # it ended just now
                cache.incr(key)
            raise
        cache.delete(key)
        return cleaned


class UnhurriedAdmin(Unhurried, AdminAuthenticationForm):
    """The same at the auditors' door."""
