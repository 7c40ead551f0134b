"""Marks of cards, contracts and tariffs for charges that were recorded before they were kept.

Only where the CDR or Session that told them is still kept. Charges of erased drivers have no
key any more and stay unmarked.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Upper

from charging.domain.ocpi.charge import ChargeFacts, read_cdr, read_session
from charging.domain.ocpi.document import read_object
from charging.errors import ChargingError
from charging.models import Cdr, OcpiObject, Session
from charging.models.sealing import unseal
from charging.services.ocpi.charges import marks_of
from ledger.models.bulk import update

AT_ONCE = 500  # in one transaction
MARKS = ("token_hmac", "contract_hmac", "tariff_hmac")
UNMARKED = Q(token_hmac=None) | Q(contract_hmac=None) | Q(tariff_hmac=None)
Progress = Callable[[int, int], None]
Reading = Callable[[dict[str, Any]], ChargeFacts]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Marked:
    """Charges that got a mark, and kept records that could not be read any more."""

    charges: int
    unreadable: int


def mark_charges(*, progress: Progress | None = None) -> Marked:
    """Mark every charge that can still be; again changes nothing, a stop loses one batch."""
    cdrs = Cdr.objects.filter(session__disclosure_key__isnull=False)
    sent = OcpiObject.objects.filter(module=OcpiObject.Module.SESSIONS)
    total, done = cdrs.count() + sent.count(), 0
    charges = unreadable = 0
    for rows, mark in ((cdrs, _mark_cdrs), (sent, _mark_sessions)):
        last = 0
        while ids := list(
            rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
        ):
            with transaction.atomic():
                marked, failed = mark(ids)
            charges, unreadable, done, last = (
                charges + marked, unreadable + failed, done + len(ids), ids[-1],
            )  # fmt: skip
            if progress:
                progress(min(done, total), total)
    return Marked(charges + _hand_down(), unreadable)


def _mark_cdrs(ids: list[int]) -> tuple[int, int]:
    charges = Session.objects.filter(UNMARKED, disclosure_key__isnull=False)
    rows = Cdr.objects.filter(pk__in=ids, session__in=charges)
    told, failed = {}, 0
    for cdr in rows.order_by("pk"):
        facts = _read(cdr, lambda body: read_cdr(body).charge)
        failed += facts is None
        if facts is not None and cdr.session_id is not None:
            told[cdr.session_id] = facts
    return _write(told), failed


def _mark_sessions(ids: list[int]) -> tuple[int, int]:
    """Those that no CDR completed yet."""
    named = {
        (row.party.organisation_id, str(row.party).upper(), row.uid.upper()): row
        for row in OcpiObject.objects.filter(pk__in=ids).select_related("party")
    }
    charges = Session.objects.annotate(name=Upper("uid")).filter(
        UNMARKED,
        operator__in={operator for operator, _, _ in named},
        name__in={uid for _, _, uid in named},
        disclosure_key__isnull=False,
    )
    told, failed = {}, 0
    for charge in charges:
        party = f"{charge.country_code}*{charge.party_id}".upper()
        row = named.get((charge.operator_id, party, charge.uid.upper()))
        if row is None:
            continue
        facts = _read(row, read_session)
        failed += facts is None
        if facts is not None:
            told[charge.pk] = facts
    return _write(told), failed


def _read(row: Cdr | OcpiObject, how: Reading) -> ChargeFacts | None:
    try:
        return how(read_object(unseal(row.body)))
    except (InvalidTag, ChargingError, ValueError, KeyError) as error:
        logger.warning("%s %s cannot be read any more: %r", type(row).__name__, row.pk, error)
        return None


def _write(told: dict[int, ChargeFacts]) -> int:
    """Fill what is empty; how many charges got a mark. A driver erased meanwhile stays so."""
    charges = (
        Session.objects.select_for_update(of=("self",))
        .select_related("operator", "claimant")
        .filter(pk__in=told, disclosure_key__isnull=False)
    )
    fresh = []
    for charge in charges.order_by("pk"):
        found = marks_of(charge.operator, charge.claimant, told[charge.pk])
        kept = [getattr(charge, name) for name in MARKS]
        marks = [old if old is not None else new for old, new in zip(kept, found, strict=True)]
        if marks != kept:
            fresh.append((*marks, charge.pk))
    update(Session, MARKS, fresh)
    return len(fresh)


def _hand_down() -> int:
    """Records that replaced a marked one are of the same card; returns how many got marks."""
    done = 0
    while marked := _hand_down_some():
        done += marked
    return done


@transaction.atomic
def _hand_down_some() -> int:
    later = Session.objects.select_for_update(of=("self",)).filter(
        token_hmac=None, disclosure_key__isnull=False, replaces__token_hmac__isnull=False
    )
    rows = later.order_by("pk").values_list(*(f"replaces__{name}" for name in MARKS), "pk")
    some = list(rows[:AT_ONCE])
    update(Session, MARKS, some)
    return len(some)
