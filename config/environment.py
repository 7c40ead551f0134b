"""What the environment may say, read in one place.

`REGISTRY_MODE` is `demo` or `production`. In the demo a missing secret is drawn at
random once and kept in `DATA_DIR/secrets` (mode 0600); in production a missing secret
stops the start with a sentence that names it.
"""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from ledger.small_files import write_once

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR") or BASE_DIR / "var").resolve()
MODES = ("demo", "production")


def text(name: str, default: str = "") -> str:
    """The variable's value without surrounding blanks, or the default."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool = False) -> bool:
    """True for 1, true, yes or on."""
    value = text(name)
    return value.lower() in {"1", "true", "yes", "on"} if value else default


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated variable as a list."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def mode() -> str:
    """The mode of this registry.

    Raises: ImproperlyConfigured for an unknown mode.
    """
    value = text("REGISTRY_MODE", "demo")
    if value not in MODES:
        raise ImproperlyConfigured(f"REGISTRY_MODE is {value!r}; use one of: {', '.join(MODES)}.")
    return value


def secret(name: str) -> str:
    """A secret from the environment; in the demo drawn once and kept under DATA_DIR.

    Raises: ImproperlyConfigured when it is missing in production.
    """
    value = text(name)
    if value:
        return value
    if mode() != "demo":
        raise ImproperlyConfigured(f"{name} is not set. A registry in production needs its own.")
    return _demo_secret(DATA_DIR / "secrets" / name.lower())


def _demo_secret(path: Path) -> str:
    if not path.exists():
        write_once(path, secrets.token_urlsafe(48))
    return path.read_text()
