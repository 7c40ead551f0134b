"""Issuance of a device whose market knows only whole certificates of 1 MWh."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from certificates.domain.tally import Tally
from certificates.domain.whole_certificates import issuable
from certificates.models import Device
from certificates.queries.readings.issuable import (
    IssuableReading,
    begun_starts,
    first_issuable,
    issuable_readings,
)
from certificates.queries.readings.tallies import amended_starts, chunks, readings_in_force, tallies
from certificates.queries.readings.whole_waiting import issued_wh
from certificates.services.issuing.due_lots import Period, charge, lock, take_back
from certificates.services.issuing.lot_writing import Due, terms_of, write_lots

FRESH = 2_000  # readings looked at in one transaction, more where they make no MWh
Candidate = tuple[IssuableReading, Tally]


def issue_whole(device: Device, period: Period, now: datetime) -> Iterator[list[int]]:
    """Issue as many whole MWh as the readings of a period make; the Wh of each lot, by run.

    Each run is a transaction that leaves the device's total whole, so that a crash between two
    leaves it so. What is short of the next MWh waits, of one interval a part.
    Raises: DeviceNotApproved, FactorMissing.
    """
    take_back(device, period, now)
    limit, is_more = FRESH, True
    while is_more:
        amounts, is_more = _issue_some(device, period, limit, now)
        if amounts:
            yield amounts
        else:
            limit *= 2  # a small plant's readings of months make a MWh


@transaction.atomic
def _issue_some(
    device: Device, period: Period, limit: int, now: datetime
) -> tuple[list[int], bool]:
    locked = lock(device)
    fresh = first_issuable(issuable_readings(locked, *period, now=now), limit)
    is_more = len(fresh) == limit
    until = fresh[-1].starts_at if is_more else None
    candidates = _begun(locked, period, until, now)
    candidates += [(reading, Tally(generated_wh=reading.energy_wh)) for reading in fresh]
    candidates.sort(key=lambda each: each[0].starts_at)
    due = charge(locked, candidates, now)
    amounts = issuable([each.amount_wh for each in due], issued_wh(locked))
    whole = [Due(each.reading, wh) for each, wh in zip(due, amounts, strict=True) if wh]
    if whole:
        write_lots(terms=terms_of(locked), due=whole, now=now)
    return [each.amount_wh for each in whole], is_more


def _begun(
    device: Device, period: Period, until: datetime | None, now: datetime
) -> list[Candidate]:
    """Intervals that were issued in part, or corrected, or charged with a debt."""
    starts = sorted({*amended_starts(device, *period), *begun_starts(device, *period)})
    if until is not None:
        starts = [at for at in starts if at <= until]
    found = tallies(device, starts, now)
    readings: list[IssuableReading] = []
    for chunk in chunks(starts):
        rows = readings_in_force(device, now).filter(starts_at__in=chunk)
        readings += first_issuable(rows, len(chunk))
    return [(reading, found[reading.starts_at]) for reading in readings]
