"""The keys of charging meters: registered, rotated, ended, revoked; never edited or removed."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Upper

from certificates.models import Organisation
from charging.domain.meters.curves import curve_named
from charging.domain.meters.keys import PublicKey, read_public_key
from charging.errors import MeterKeyRefused, UnsupportedKey
from charging.models import MeterKey
from ledger.services import audit


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as it is handed in, and its window [valid_from, valid_until), aware, may be open.

    `curve` names the curve of a bare point, which does not say it itself.
    """

    meter: str
    text: str
    curve: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@transaction.atomic
def register(*, owner: Organisation, key: NewKey, actor: object, now: datetime) -> MeterKey:
    """Register a meter's key under its owner; the same key and window again is the first.

    A meter has one owner: nobody else can put a key of theirs beside it.
    Raises: MeterKeyRefused, UnreadableKey, UnsupportedKey.
    """
    read = _read(key)
    known = list(_locked_keys(owner, key.meter))
    same = next((row for row in known if row.fingerprint == read.fingerprint), None)
    if same is not None:
        if (same.valid_from, same.valid_until) == (key.valid_from, key.valid_until):
            return same
        raise MeterKeyRefused(
            f"Meter {same.meter} has this key already, with another window. A window is not "
            "changed; revoke the key, or rotate to a new one."
        )
    row = _create(owner, key, read, now)
    audit.record(actor=actor, action="meter_key.registered", subject=row, now=now, detail=_of(row))
    return row


@transaction.atomic
def rotate(*, old: MeterKey, key: NewKey, actor: object, now: datetime) -> MeterKey:
    """Put a new key in place of one: the old window ends where the new one begins. Once.

    Raises: MeterKeyRefused, UnreadableKey, UnsupportedKey.
    """
    read = _read(key)
    known = list(_locked_keys(old.owner, old.meter))
    old = next(row for row in known if row.pk == old.pk)
    later = next((row for row in known if row.replaces_id == old.pk), None)
    if later is not None:
        if later.fingerprint == read.fingerprint:
            return later
        raise MeterKeyRefused(f"The key of meter {old.meter} was replaced before. Rotate that one.")
    if key.meter.strip().upper() != old.meter.upper() or key.valid_from is None:
        raise MeterKeyRefused("A rotation is of one meter, and the new key says from when it is.")
    if old.revoked_at is not None or (old.valid_from and old.valid_from >= key.valid_from):
        raise MeterKeyRefused(
            f"The key of meter {old.meter} is revoked, or not older than the new one."
        )
    if any(row.fingerprint == read.fingerprint for row in known):
        raise MeterKeyRefused(f"Meter {old.meter} has had this key before.")
    if old.valid_until is None or old.valid_until > key.valid_from:
        old.valid_until = key.valid_from
        old.save(update_fields=["valid_until"])
    row = _create(old.owner, key, read, now, replaces=old)
    audit.record(
        actor=actor,
        action="meter_key.rotated",
        subject=row,
        now=now,
        detail={**_of(row), "replaces": old.pk},
    )
    return row


@transaction.atomic
def revoke(
    *, key: MeterKey, revoked_for: str, revoked_at: datetime, actor: object, now: datetime
) -> MeterKey:
    """Revoke a key: `replaced` from an instant on, `compromised` for all times.

    What it proved before stays as it was decided then. A replaced key may turn out to be
    compromised, never the other way.
    Raises: MeterKeyRefused.
    """
    row = MeterKey.objects.select_for_update().get(pk=key.pk)
    if revoked_for not in MeterKey.Revoked.values:
        raise MeterKeyRefused("A key is revoked because it was replaced, or compromised.")
    if (row.revoked_for, row.revoked_at) == (revoked_for, revoked_at):
        return row
    if row.revoked_for and (row.revoked_for, revoked_for) != (
        MeterKey.Revoked.REPLACED,
        MeterKey.Revoked.COMPROMISED,
    ):
        raise MeterKeyRefused(f"The key of meter {row.meter} was revoked before.")
    row.revoked_for, row.revoked_at = revoked_for, revoked_at
    row.save(update_fields=["revoked_for", "revoked_at"])
    detail = {**_of(row), "for": revoked_for, "from": revoked_at.isoformat()}
    audit.record(actor=actor, action="meter_key.revoked", subject=row, now=now, detail=detail)
    return row


def key_named(*, owner: Organisation, meter: str, fingerprint: str) -> MeterKey:
    """A key by the beginning of its fingerprint. Raises: MeterKeyRefused."""
    rows = list(_keys(meter).filter(owner=owner, fingerprint__startswith=fingerprint.lower())[:2])
    if len(rows) != 1:
        raise MeterKeyRefused(
            f"{owner.name} has {'no' if not rows else 'more than one'} key of meter {meter!r} "
            f"whose fingerprint begins with {fingerprint!r}."
        )
    return rows[0]


def _read(key: NewKey) -> PublicKey:
    if not key.meter.strip() or len(key.meter) > 100:
        raise MeterKeyRefused("A key needs the name of its meter, of at most 100 characters.")
    if key.meter.strip() == "*":
        raise MeterKeyRefused("A key is of one meter; '*' names none.")
    if key.valid_from and key.valid_until and key.valid_until <= key.valid_from:
        raise MeterKeyRefused("The window ends before it begins.")
    curve = curve_named(key.curve) if key.curve else None
    if key.curve and curve is None:
        raise UnsupportedKey(f"The curve {key.curve!r} is not known.")
    return read_public_key(key.text, curve)


def _keys(meter: str) -> QuerySet[MeterKey]:
    return MeterKey.objects.alias(name=Upper("meter")).filter(name=meter.strip().upper())


def _locked_keys(owner: Organisation, meter: str) -> QuerySet[MeterKey]:
    """The meter's keys, one act at a time. Raises: MeterKeyRefused for another's meter."""
    # One row that everybody locks: two owners of one new meter cannot both be its first.
    first = Organisation.objects.order_by("pk").values_list("pk", flat=True)[:1]
    list(Organisation.objects.select_for_update(no_key=True).filter(pk__in=list(first)))
    rows = _keys(meter).select_related("owner").order_by("pk")
    if rows.exclude(owner=owner).exists():
        raise MeterKeyRefused(
            f"Meter {meter.strip()} is registered under another owner. Ask the registrar."
        )
    return rows


def _create(
    owner: Organisation,
    key: NewKey,
    read: PublicKey,
    now: datetime,
    replaces: MeterKey | None = None,
) -> MeterKey:
    return MeterKey.objects.create(
        owner=owner,
        meter=key.meter.strip(),
        public_key=key.text.strip(),
        curve=read.curve.name,
        fingerprint=read.fingerprint,
        valid_from=key.valid_from,
        valid_until=key.valid_until,
        replaces=replaces,
        registered_at=now,
    )


def _of(row: MeterKey) -> dict[str, str]:
    return {"meter": row.meter, "owner": row.owner.slug, "fingerprint": row.fingerprint}
