"""Whose key a meter signs with, and when.

A meter's key is known from elsewhere than its messages: a maker's list, a type approval, the
plate on the charger. Each has a window [valid_from, valid_until); a rotation is a second key
whose window begins where the first ends, and windows may overlap while both are in use. A
key that was given up (`replaced`) stops counting at `revoked_at`; one that leaked
(`compromised`) counts for nothing at any time, since its holder can backdate a reading.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from charging.domain.meters.curves import curve_named
from charging.domain.meters.der import SEQUENCE
from charging.domain.meters.findings import Finding, finding
from charging.domain.meters.keys import PublicKey, read_public_key
from charging.errors import UnreadableKey, UnsupportedKey

ANY_METER = "*"
REPLACED, COMPROMISED = "replaced", "compromised"
MOST_BYTES = 32 * 1024 * 1024
_KNOWN = {
    "meter",
    "owner",
    "public_key",
    "curve",
    "valid_from",
    "valid_until",
    "revoked_at",
    "revoked_for",
}


@dataclass(frozen=True, slots=True)
class MeterKey:
    """One key of one meter, and who says so. Instants are aware; a missing one is open."""

    meter: str
    key: PublicKey
    owner: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    revoked_at: datetime | None = None
    revoked_for: str = ""

    def against(self, at: datetime) -> Finding | None:
        """Why a reading of that instant may not be checked with it; nothing when it may."""
        if self.revoked_at and self.revoked_for == COMPROMISED:
            return finding("key_revoked", meter=self.meter, why="somebody else may have it")
        if self.valid_from and at < self.valid_from:
            return finding(
                "key_not_yet_valid",
                meter=self.meter,
                since=self.valid_from.isoformat(),
                at=at.isoformat(),
            )
        if self.revoked_at and at >= self.revoked_at:
            why = f"it was replaced on {self.revoked_at.isoformat()}"
            return finding("key_revoked", meter=self.meter, why=why)
        if self.valid_until and at >= self.valid_until:
            return finding(
                "key_expired",
                meter=self.meter,
                until=self.valid_until.isoformat(),
                at=at.isoformat(),
            )
        return None


@dataclass(frozen=True, slots=True)
class Found:
    """The keys that count, newest first; or why those that are known do not."""

    keys: tuple[MeterKey, ...] = ()
    against: Finding | None = None


class KeyRegistry:
    """Keys by meter; built from a file, or from whatever else holds them."""

    def __init__(self, keys: Iterable[MeterKey] = ()) -> None:
        self._by_meter: dict[str, list[MeterKey]] = defaultdict(list)
        for each in keys:
            self._by_meter[_plain(each.meter)].append(each)

    def find(self, meters: Iterable[str], instants: Iterable[datetime]) -> Found:
        """The keys of the first of these names that has any, valid at all of the instants.

        Without an instant no window can be held against a key.
        """
        times = list(instants)
        for name in (*meters, ANY_METER):
            known = self._by_meter.get(_plain(name), [])
            if not known:
                continue
            objections = [_objection(each, times) for each in known]
            counting = [each for each, no in zip(known, objections, strict=True) if no is None]
            if counting:
                return Found(tuple(sorted(counting, key=_since, reverse=True)))
            return Found(against=objections[-1])
        return Found()


def single_key(text: str) -> KeyRegistry:
    """A registry of one key that was handed over beside the message, for whatever meter."""
    return KeyRegistry([MeterKey(ANY_METER, read_public_key(text))])


def read_key_file(data: bytes) -> KeyRegistry:
    """A file of keys: `{"keys": [{"meter", "public_key", ...}]}`, or one bare key, also in DER.

    Raises: UnreadableKey, UnsupportedKey.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableKey(f"A key file has at most {MOST_BYTES // 1024 // 1024} MB.")
    if is_der(data):
        return single_key(data.hex())
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise UnreadableKey("A key file is text; this one is not UTF-8.") from error
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return single_key(text)
    if isinstance(content, dict) and isinstance(content.get("keys"), list):
        return KeyRegistry(_entry(each, n) for n, each in enumerate(content["keys"], 1))
    return single_key(text)


def is_der(data: bytes) -> bool:
    """Whether a file is a key in DER, as openssl writes it, and no text."""
    return data[:1] == bytes((SEQUENCE,)) and not data.isascii()


def _entry(fields: object, number: int) -> MeterKey:
    if not isinstance(fields, dict):
        raise UnreadableKey(f"Key {number} of the file is not an object.")
    values = {name: fields.get(name) or "" for name in _KNOWN}
    for name, value in values.items():
        if not isinstance(value, str):
            raise UnreadableKey(f"Key {number} of the file: {name} is not text.")
    if unknown := set(fields) - _KNOWN:
        raise UnreadableKey(f"Key {number} of the file: {min(unknown)!r} is not known.")
    if not values["meter"]:
        raise UnreadableKey(f"Key {number} of the file has no meter.")
    if bool(values["revoked_at"]) != (values["revoked_for"] in {REPLACED, COMPROMISED}):
        raise UnreadableKey(
            f"Key {number} of the file: revoked_at goes with revoked_for, which is "
            f"{REPLACED!r} or {COMPROMISED!r}."
        )
    return _built(values, number)


def _built(values: Mapping[str, Any], number: int) -> MeterKey:
    curve = curve_named(values["curve"]) if values["curve"] else None
    if values["curve"] and curve is None:
        raise UnsupportedKey(f"Key {number} of the file is on an unknown curve.")
    try:
        key = read_public_key(values["public_key"], curve)
    except UnreadableKey as error:
        raise UnreadableKey(f"Key {number} of the file: {error}") from error
    instants = {
        name: _instant(values[name], name, number)
        for name in ("valid_from", "valid_until", "revoked_at")
    }
    return MeterKey(
        values["meter"], key, values["owner"], revoked_for=values["revoked_for"], **instants
    )


def _instant(text: str, name: str, number: int) -> datetime | None:
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise UnreadableKey(
        f"Key {number} of the file: {name} {text[:40]!r} is not a time with an offset, "
        "such as 2026-01-31T00:00:00Z."
    )


def _objection(key: MeterKey, times: list[datetime]) -> Finding | None:
    if not times and key.revoked_at:
        return key.against(key.revoked_at)
    return next(filter(None, map(key.against, times)), None)


def _since(key: MeterKey) -> datetime:
    return key.valid_from or datetime.min.replace(tzinfo=UTC)


def _plain(meter: str) -> str:
    return meter.strip().lower()
