"""What a file could not take, in the file's own layout, to be put right and sent again."""

from collections.abc import Iterator, Sequence

from charging.domain.session_file import cells_of, written
from charging.models import SessionFile, SessionRow
from ledger.domain.exporting import harmless

LINE, REASONS = "line", "reasons"
LAST = [LINE, REASONS]  # columns that no layout reads
COMMA = ","


def rejected_lines(file: SessionFile) -> Iterator[str]:
    """A table of the rejected rows: their own columns, then the line and every reason.

    Of a file from before headers were kept a row is one cell, as it came.
    """
    columns: list[str] = file.options.get("columns", [])
    delimiter: str = file.options.get("delimiter", COMMA)
    if columns[-2:] == LAST:  # rows that were sent back once already
        columns = columns[:-2]
    yield _line([*columns, *LAST] if columns else [*LAST, "row"], delimiter)
    rows = file.rows.filter(status=SessionRow.Status.REJECTED).order_by("line")
    for row in rows.iterator(chunk_size=2_000):
        told = [str(row.line), _reasons(row)]
        if columns:
            cells = cells_of(row.raw, delimiter)[: len(columns)]
            told = [*cells, *[""] * (len(columns) - len(cells)), *told]
        else:
            told = [*told, row.raw]
        yield _line(told, delimiter)


def _line(cells: Sequence[str], delimiter: str) -> str:
    return written([harmless(cell, numbers=True) for cell in cells], delimiter) + "\r\n"


def _reasons(row: SessionRow) -> str:
    return "; ".join(
        f"{each['field']}: {each['reason']}" if each["field"] else each["reason"]
        for each in row.reasons
    )
