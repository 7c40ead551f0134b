"""Rows as CSV text, one at a time."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence


def csv_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Each row as one line of CSV."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow(row)
        yield text.getvalue()
        text.seek(0)
        text.truncate()
