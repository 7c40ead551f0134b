"""Charge and discharge records as they are sent: a CSV file, or the lines of a JSON body.

Columns as EnergyTag's reference registry has them: `flow_start_datetime`, `flow_end_datetime`,
`flow_energy` (Wh; below zero into the storage, above zero out of it) and `validator_id` (who
vouches for the value; may be left out). `flow_energy_kwh` and `flow_energy_mwh` may stand
instead. What goes in is rounded up to whole Wh, what comes out is rounded down.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from certificates.domain.formats.csv_rows import delimiter_of, refusing, rows_of
from certificates.domain.meter_values import PLACES, UWH_IN_WH, Unreadable, millionths, minute
from certificates.errors import (
    CertificatesError,
    ColumnsMissing,
    LinesRefused,
    RefusedLine,
    UploadTooLarge,
)
from ledger.domain.calls import MAX_AMOUNT_WH

CHARGE, DISCHARGE = "charge", "discharge"
START, END, VALIDATOR = "flow_start_datetime", "flow_end_datetime", "validator_id"
UNITS = {"flow_energy": "wh", "flow_energy_kwh": "kwh", "flow_energy_mwh": "mwh"}
LENGTHS = (15, 30, 60)  # minutes
MOST_LINES = 100_000
LARGEST = 16 << 20  # bytes
LONGEST_NAME = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Flow:
    """Wh that went in or came out in an interval; `line` is where it stood, `text` how."""

    line: int
    direction: str
    starts_at: datetime
    ends_at: datetime
    energy_wh: int
    text: str
    validator: str = ""


@dataclass(frozen=True, slots=True)
class Flows:
    """Flows of one source, in their order; `empty` lines said that nothing flowed."""

    flows: Sequence[Flow]
    empty: int
    sha256: str


def read_csv(stream: BinaryIO) -> Flows:
    """Flows of a CSV file. Raises: MeterFileRefused and its kinds, LinesRefused."""
    stream.seek(0)
    content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise UploadTooLarge(f"A file above {LARGEST >> 20} MB is not read. Split it by month.")
    stream.seek(0)
    with refusing(stream) as text:
        rows = rows_of(text, delimiter_of(text))
        _, header = next(rows, (0, []))
        names = [name.strip().lower() for name in header]
        _check_header(names)
        lines = [(n, dict(zip(names, row, strict=False))) for n, row in rows]
    return _read(lines, hashlib.sha256(content).hexdigest())


def read_lines(sent: object) -> Flows:
    """Flows of a JSON list of objects with the columns as keys; numbers may be text.

    Raises: LinesRefused.
    """
    if not isinstance(sent, list) or not sent:
        raise LinesRefused([RefusedLine(0, "records", "Send at least one record.")])
    lines = []
    for n, one in enumerate(sent, start=1):
        if not isinstance(one, dict):
            raise LinesRefused([RefusedLine(n, "records", "A record is an object.")])
        unknown = sorted(set(map(str, one)) - {START, END, VALIDATOR, *UNITS})
        if unknown:
            words = f"Known are {START}, {END}, {VALIDATOR} and {', '.join(UNITS)}."
            raise LinesRefused([RefusedLine(n, unknown[0][:40], words)])
        lines.append((n, {str(name): _as_text(value) for name, value in one.items()}))
    written = "\n".join(";".join(f"{k}={v}" for k, v in sorted(row.items())) for _, row in lines)
    return _read(lines, hashlib.sha256(written.encode()).hexdigest())


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _check_header(names: Sequence[str]) -> None:
    energies = [name for name in UNITS if name in names]
    missing = [name for name in (START, END) if name not in names]
    if missing or len(energies) != 1:
        what = missing[0] if missing else f"one of {', '.join(UNITS)}"
        raise ColumnsMissing(
            f"The header needs {what}. It reads: {', '.join(names)[:200]}.", names=names
        )


def _read(lines: Sequence[tuple[int, Mapping[str, str]]], sha256: str) -> Flows:
    if len(lines) > MOST_LINES:
        words = f"{len(lines)} lines are too many at once: send at most {MOST_LINES}."
        raise LinesRefused([RefusedLine(0, "records", words)])
    flows: list[Flow] = []
    refused: list[RefusedLine] = []
    empty = 0
    for n, row in lines:
        try:
            flow = _flow(n, row)
        except _Refused as error:
            refused.append(RefusedLine(n, error.field, str(error)))
            continue
        if flow.energy_wh:
            flows.append(flow)
        else:
            empty += 1
    refused += _overlaps(flows)
    if not lines:
        refused.append(RefusedLine(0, "records", "There is no line below the header."))
    if refused:
        raise LinesRefused(sorted(refused, key=lambda one: one.line))
    return Flows(flows, empty, sha256)


class _Refused(CertificatesError):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def _flow(line: int, row: Mapping[str, str]) -> Flow:
    begin, end = (_instant(row, name) for name in (START, END))
    length = (end - begin) // MINUTE
    if length not in LENGTHS:
        raise _Refused(END, f"An interval lasts 15, 30 or 60 minutes; this one lasts {length}.")
    if (begin - EPOCH) % (length * MINUTE):
        raise _Refused(START, f"An interval of {length} minutes starts at a multiple of them, UTC.")
    name = next((name for name in UNITS if row.get(name, "").strip()), "flow_energy")
    text = row.get(name, "").strip()
    validator = row.get(VALIDATOR, "").strip()
    if len(validator) > LONGEST_NAME:
        raise _Refused(VALIDATOR, f"Has more than {LONGEST_NAME} characters.")
    try:
        # Rounded down: of what comes out the lower, of what goes in the larger whole Wh.
        wh = millionths(text, PLACES[UNITS[name]]) // UWH_IN_WH
    except Unreadable as error:
        raise _Refused(name, f"{text[:40]!r} {error}.") from None
    if abs(wh) > MAX_AMOUNT_WH:
        words = (
            f"{text[:40]!r} is more than {MAX_AMOUNT_WH:,} Wh, the most that a certificate counts."
        )
        raise _Refused(name, f"{words} Check the unit.")
    return Flow(line, CHARGE if wh < 0 else DISCHARGE, begin, end, abs(wh), text, validator)


def _instant(row: Mapping[str, str], name: str) -> datetime:
    text = row.get(name, "").strip()
    try:
        return EPOCH + minute(text, is_utc=False) * MINUTE
    except (Unreadable, OverflowError) as error:
        reason = str(error) if isinstance(error, Unreadable) else "is out of range"
        raise _Refused(name, f"{text[:40]!r} {reason}.") from None


def _overlaps(flows: Iterable[Flow]) -> Iterator[RefusedLine]:
    """Lines that overlap an earlier interval of their direction."""
    for direction in (CHARGE, DISCHARGE):
        same = [flow for flow in flows if flow.direction == direction]
        last: Flow | None = None
        for flow in sorted(same, key=lambda flow: (flow.starts_at, flow.line)):
            if last and flow.starts_at < last.ends_at:
                words = f"Overlaps line {last.line}, which is a {direction} too."
                yield RefusedLine(flow.line, START, words)
            elif not last or flow.ends_at > last.ends_at:
                last = flow
