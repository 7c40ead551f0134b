"""Loading marginal intensities; they stand beside the averages and never in their place."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from certificates.models import GridIntensity
from charging.domain.emissions import Factor, FactorKind
from charging.domain.marginal_file import BadField, MarginalRow, read_marginal
from charging.domain.session_file import decode
from charging.queries.areas import Areas
from charging.queries.grid import COUNTED
from ledger.models.bulk import insert
from ledger.services import audit

MARGINAL = GridIntensity.Kind.MARGINAL
Key = tuple[int, datetime]
Known = dict[Key, tuple[int, Factor]]  # minutes, figure


@dataclass(frozen=True, slots=True)
class MarginalReport:
    """What became of every line: rows = accepted + duplicates + rejected."""

    rows: int
    accepted: int
    duplicates: int
    rejected: int
    errors: tuple[BadField, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as it is printed."""
        return asdict(self) | {"errors": [asdict(error) for error in self.errors]}


@transaction.atomic
def load_marginal(
    *, data: bytes, name: str, actor: object, now: datetime, dry_run: bool = False
) -> MarginalReport:
    """Take a table of marginal intensities; again adds nothing.

    A line that is wrong, or that gives another figure for an interval that has one, is named
    and left out: figures that receipts were shown with are never changed.
    Raises: UnreadableFile, FileTooLarge, MissingColumns.
    """
    found = list(read_marginal(decode(data)))
    good = [one for one in found if isinstance(one, MarginalRow)]
    errors = [one for one in found if isinstance(one, BadField)]
    areas = Areas()
    placed: list[tuple[int, MarginalRow]] = []
    for row in good:
        area = areas.by_code(row.area, row.starts_at)
        if area is None:
            reason = "is the code of no registered area at that time"
            errors.append(BadField(row.line, "area", row.area, reason))
        else:
            placed.append((area.pk, row))
    fresh, duplicates = _sort_out(placed, errors)
    if fresh and not dry_run:
        _write(fresh)
        audit.record(
            actor=actor,
            action="grid.marginal_loaded",
            subject=name[:200],
            now=now,
            detail={"accepted": len(fresh), "rejected": len(errors)},
        )
    return MarginalReport(
        rows=len(found),
        accepted=len(fresh),
        duplicates=duplicates,
        rejected=len(errors),
        errors=tuple(sorted(errors, key=lambda one: one.line)),
    )


def _sort_out(
    placed: Iterable[tuple[int, MarginalRow]], errors: list[BadField]
) -> tuple[list[tuple[int, MarginalRow]], int]:
    """The lines that are new, and how many say what is known; the others join the errors."""
    rows = list(placed)
    known = _known(rows)
    fresh: list[tuple[int, MarginalRow]] = []
    duplicates = 0
    for area, row in rows:
        mine = (row.length_minutes, row.factor)
        earlier = known.setdefault((area, row.starts_at), mine)
        if earlier is mine:
            fresh.append((area, row))
        elif earlier == mine:
            duplicates += 1
        else:
            minutes, figure = earlier
            reason = (
                f"has a figure already: {figure.ug_per_wh} mg/kWh for {minutes} minutes, "
                f"{figure.source} ({figure.basis}, version {figure.version}); "
                "known figures are never changed"
            )
            at = f"{row.starts_at:%Y-%m-%dT%H:%MZ}"
            errors.append(BadField(row.line, "starts_at", at, reason))
    return fresh, duplicates


def _known(rows: list[tuple[int, MarginalRow]]) -> Known:
    if not rows:
        return {}
    starts = [row.starts_at for _, row in rows]
    kept = GridIntensity.objects.filter(
        kind=MARGINAL,
        area__in={area for area, _ in rows},
        starts_at__gte=min(starts),
        starts_at__lte=max(starts),
    )
    return {
        (area, start): (
            minutes,
            Factor(figure, FactorKind.MARGINAL, scope, gas, source, version=version),
        )
        for area, start, minutes, figure, scope, gas, source, version in kept.values_list(
            "area", "starts_at", "length_minutes", "emissions_ug_per_wh", *COUNTED
        )
    }


def _write(fresh: Iterable[tuple[int, MarginalRow]]) -> None:
    names = ["area", "kind", "starts_at", "length_minutes", "emissions_ug_per_wh"]
    insert(
        GridIntensity,
        [*names, "estimated", *COUNTED],
        [
            (
                area,
                MARGINAL.value,
                row.starts_at,
                row.length_minutes,
                row.ug_per_wh,
                False,
                row.scope,
                row.gas,
                row.source,
                row.version,
            )
            for area, row in fresh
        ],
    )
