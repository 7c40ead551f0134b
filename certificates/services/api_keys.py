"""Keys for machines that act for an organisation."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from certificates.domain.scopes import SCOPES
from certificates.errors import ApiKeyRefused, UnknownScope
from certificates.models import ApiKey, Organisation
from ledger.services import audit

PREFIX = "rer"  # makes a leaked key recognisable to scanners
SEEN_EVERY = timedelta(minutes=1)  # a write for each request would be one too many


@transaction.atomic
def create_api_key(
    *,
    organisation: Organisation,
    label: str,
    scopes: Sequence[str],
    actor: object,
    now: datetime,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which is known only now.

    Raises: UnknownScope.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise UnknownScope(
            f"{'Unknown scope: ' + ', '.join(unknown) if unknown else 'No scope given'}. "
            f"Choose from: {', '.join(SCOPES)}."
        )
    key_id = secrets.token_hex(8)
    secret = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        organisation=organisation,
        key_id=key_id,
        secret_hash=_hash(secret),
        label=label,
        scopes=sorted(set(scopes)),
        created_at=now,
    )
    audit.record(actor=actor, action="api_key.created", subject=key, now=now)
    return key, secret


@transaction.atomic
def revoke_api_key(*, key: ApiKey, actor: object, now: datetime) -> None:
    """End a key. Twice is as once."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        audit.record(actor=actor, action="api_key.revoked", subject=key, now=now)


def authenticate(*, secret: str, now: datetime) -> ApiKey:
    """The key that a secret opens, with its organisation.

    Raises: ApiKeyRefused, in the same words whatever is wrong.
    """
    parts = secret.split("_", 2)
    row = None
    if len(parts) == 3 and parts[0] == PREFIX:
        keys = ApiKey.objects.select_related("organisation")
        row = keys.filter(key_id=parts[1], revoked_at=None).first()
    stored = bytes(row.secret_hash) if row else bytes(32)
    if not hmac.compare_digest(stored, _hash(secret)) or row is None:
        raise ApiKeyRefused("This API key is not known, or was revoked.")
    if row.last_used_at is None or now - row.last_used_at > SEEN_EVERY:
        ApiKey.objects.filter(pk=row.pk).update(last_used_at=now)
    return row


def _hash(secret: str) -> bytes:
    """SHA-256: enough for a secret of 256 random bits, unlike for a password."""
    return hashlib.sha256(secret.encode()).digest()
