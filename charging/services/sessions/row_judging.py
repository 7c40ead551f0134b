"""A file's rows, each read and judged by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from certificates.models import Organisation
from charging.domain.local_time import to_seconds
from charging.domain.profiles import Profile
from charging.domain.session_file import count_lines, read_rows
from charging.domain.session_rows import Outcome, Period, judge
from charging.domain.signed_charge import Proof
from charging.services.sessions.options import Options
from charging.services.sessions.row_drivers import RowDrivers
from charging.services.sessions.row_evidence import RowKeys

SHOWN_EVERY = 500  # rows between two signs of progress
Progress = Callable[[int, int], None]  # (rows read, rows in all or 0 where nobody knows)


@dataclass(frozen=True, slots=True)
class Judged:
    """A row by itself: its line, its text, what it came to before others are looked at, and
    what its signed meter values prove.
    """

    line: int
    raw: str
    outcome: Outcome
    proof: Proof | None = None


def judge_rows(
    data: bytes,
    profile: Profile,
    options: Options,
    organisation: Organisation,
    progress: Progress | None = None,
    most: int | None = None,
) -> list[Judged]:
    """Read every row of a file by itself, or the first `most`; of the database only keys of
    meters are asked for.

    Raises: UnreadableFile, FileTooLarge, MissingColumns.
    """
    period = Period(
        to_seconds(options.starts_at) if options.starts_at else None,
        to_seconds(options.ends_at) if options.ends_at else None,
    )
    keys, drivers = RowKeys(organisation), RowDrivers(organisation, profile)
    judged: list[Judged] = []
    total = max(count_lines(data) - 1, 0) if progress else 0
    for row in map(drivers.hide, islice(read_rows(data, profile), most)):
        outcome = judge(row.fields, profile, period)
        proof = keys.prove(outcome.charge) if outcome.charge else None
        judged.append(Judged(row.line, row.raw, outcome, proof))
        if progress and len(judged) % SHOWN_EVERY == 0:
            progress(len(judged), max(total, len(judged)) if total else 0)
    if progress:
        progress(len(judged), len(judged))
    return judged
