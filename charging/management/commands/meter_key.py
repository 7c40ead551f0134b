"""`manage.py meter_key register|rotate|revoke --organisation SLUG --meter SERIAL`."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from charging.domain.meters.key_registry import is_der
from charging.errors import ChargingError, MeterKeyRefused, UnreadableKey
from charging.models import MeterKey
from charging.queries.organisations import organisation_of
from charging.services import meter_keys
from charging.services.meter_keys import NewKey
from ledger.management.registry_command import RegistryCommand, utc_instant

ACTOR = "command meter_key"


class Command(RegistryCommand):
    help = "Register, rotate or revoke the public key of a charging meter."
    refusals = (ChargingError,)

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["register", "rotate", "revoke"])
        parser.add_argument("--organisation", required=True, help="slug of the meter's owner")
        parser.add_argument("--meter", required=True, help="as its records name it")
        parser.add_argument("--key", type=Path, help="file with the public key")
        parser.add_argument("--curve", default="", help="of a bare point")
        parser.add_argument("--from", dest="starts_at", type=utc_instant, help="valid from (UTC)")
        parser.add_argument("--until", dest="ends_at", type=utc_instant, help="valid until (UTC)")
        parser.add_argument("--old", default="", help="beginning of the old key's fingerprint")
        parser.add_argument("--for", dest="why", default="", choices=["", *MeterKey.Revoked.values])

    def perform(self, *, now: datetime, **options: Any) -> dict[str, Any]:
        owner, meter = organisation_of(options["organisation"]), options["meter"]
        if options["act"] == "revoke":
            old = meter_keys.key_named(owner=owner, meter=meter, fingerprint=options["old"])
            at = options["starts_at"] or now
            row = meter_keys.revoke(
                key=old, revoked_for=options["why"], revoked_at=at, actor=ACTOR, now=now
            )
            return _shown(row)
        if options["key"] is None:
            raise MeterKeyRefused("Give the file of the public key with --key.")
        text = _read(options["key"])
        key = NewKey(meter, text, options["curve"], options["starts_at"], options["ends_at"])
        if options["act"] == "register":
            return _shown(meter_keys.register(owner=owner, key=key, actor=ACTOR, now=now))
        old = meter_keys.key_named(owner=owner, meter=meter, fingerprint=options["old"])
        return _shown(meter_keys.rotate(old=old, key=key, actor=ACTOR, now=now))


def _shown(row: MeterKey) -> dict[str, Any]:
    return {
        "meter": row.meter,
        "fingerprint": row.fingerprint,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "revoked_at": row.revoked_at,
        "revoked_for": row.revoked_for,
    }


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(10_000)
        return data.hex() if is_der(data) else data.decode("utf-8-sig")
    except OSError as error:
        raise UnreadableKey(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UnreadableKey(
            f"{path} is neither DER nor text; write the key as PEM, hex or base64."
        ) from error
