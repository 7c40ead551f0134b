"""What a previewed file's corrections would bring about, without bringing it about."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from certificates.models import MeterFile
from certificates.queries.readings.correction_effects import Effect, effect_of
from certificates.services.meters import readings

# As many as a page can wait for; what more would do is shown once it is done.
MOST_CORRECTIONS, MOST_ROWS = 2_000, 20_000


def foresee(*, file: MeterFile, now: datetime) -> Effect | None:
    """The effect of importing a file now; None where it corrects too much to try out.

    Raises: DeviceNotApproved, MeterFileRefused and its kinds.
    """
    found = foresee_all(files=[file], now=now)
    return found[0] if found else None


def foresee_all(*, files: Sequence[MeterFile], now: datetime) -> list[Effect] | None:
    """The effect on each file's plant of importing files together; None where it is too much.

    The import is carried out as it will be, read off and taken back in one transaction, so
    that what is shown is what the rules do and not a second account of them. What others do
    before the files are confirmed may change it.
    Raises: DeviceNotApproved, MeterFileRefused and its kinds.
    """
    corrections = sum(file.report.get("corrections", 0) for file in files)
    rows = sum(file.report["rows"] for file in files)
    if corrections > MOST_CORRECTIONS or rows > MOST_ROWS:
        return None
    try:
        with transaction.atomic():
            tried = [MeterFile.objects.get(pk=file.pk) for file in files]
            readings.import_files(files=tried, now=now)
            raise _TakeBack([effect_of(file) for file in tried])
    except _TakeBack as found:
        return found.effects


class _TakeBack(Exception):
    """Ends the trial; nothing of it is kept."""

    def __init__(self, effects: list[Effect]) -> None:
        super().__init__()
        self.effects = effects
