"""Rules about the plant and the registry's terms at the time of a line."""

from datetime import timedelta

import numpy as np

from certificates.domain.meter_values import EPOCH
from certificates.domain.rules.case import ENERGY, START, Case
from certificates.domain.rules.rule import HELD, REFUSED, rule

DAY = 1_440  # minutes


@rule("R16", REFUSED)
def after_commissioning(case: Case, message: str) -> None:
    """lies before the device was commissioned ({day})"""
    first = case.plant.first_minute
    if first is not None:
        reason = message.format(day=_day(first))
        for position in np.flatnonzero((case.minute < first) & case.is_open()):
            case.reject(position, START, reason)


@rule("R17", REFUSED)
def within_registration(case: Case, message: str) -> None:
    """lies after the device's registration ended ({day}); renew it first"""
    last = case.plant.last_minute
    if last is not None:
        reason = message.format(day=_day(last))
        late = case.minute + case.length > last
        for position in np.flatnonzero(late & case.is_open()):
            case.reject(position, START, reason)


@rule("R18", HELD)
def area_in_force(case: Case, message: str) -> None:
    """lies outside the time in which the device's area was in force"""
    plant = case.plant
    outside = np.zeros(len(case.minute), np.bool_)
    if plant.area_from is not None:
        outside |= case.minute < plant.area_from
    if plant.area_to is not None:
        outside |= case.minute + case.length > plant.area_to
    for position in np.flatnonzero(outside & case.is_open()):
        case.hold(position, START, message)


@rule("R19", HELD)
def before_the_deadline(case: Case, message: str) -> None:
    """comes more than {days} days after its interval, the registry's deadline"""
    deadline = case.plant.deadline_minutes
    if deadline is not None:
        late = case.now_minute - (case.minute + case.length) > deadline
        reason = message.format(days=deadline // DAY)
        for position in np.flatnonzero(late & case.is_open()):
            case.hold(position, START, reason)


@rule("R28", HELD)
def correction_before_the_owner(case: Case, message: str) -> None:
    """corrects an interval from before the plant changed hands ({day}): its certificates were
    another owner's
    """
    first = case.plant.owned_from
    if first is not None:
        reason = message.format(day=_day(first))
        earlier = case.verdicts.corrects & (case.minute < first)
        for position in np.flatnonzero(earlier & case.is_open()):
            case.hold(position, ENERGY, reason)


def _day(minute: int) -> str:
    return f"{EPOCH + timedelta(minutes=minute):%Y-%m-%d}"
