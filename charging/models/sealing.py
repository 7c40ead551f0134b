"""Keeping what names drivers: sealed bodies, and fingerprints that find without telling.

AES-256-GCM and HMAC-SHA-256 under keys derived from the registry's own
(`CHARGING_TOKEN_KEY`); without that key neither says anything about anyone.
"""

import hashlib
import hmac
import secrets
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12


def seal(body: bytes) -> bytes:
    """The body, readable again by `unseal` alone."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(_key("seal")).encrypt(nonce, body, None)


def unseal(sealed: bytes | memoryview) -> bytes:
    """The body, byte for byte. Raises: cryptography.exceptions.InvalidTag under another key."""
    sealed = bytes(sealed)
    return AESGCM(_key("seal")).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)


def fingerprint(*parts: str) -> bytes:
    """32 bytes, the same for the same parts in any case."""
    text = "\n".join(part.strip().upper() for part in parts)
    return hmac.new(_key("fingerprint"), text.encode(), hashlib.sha256).digest()


def _key(purpose: str) -> bytes:
    return _derived(str(settings.CHARGING_TOKEN_KEY), purpose)


@cache
def _derived(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()
