"""What a previewed file's corrections would bring about, without bringing it about."""

from datetime import datetime

from django.db import transaction

from certificates.models import MeterFile
from certificates.queries.correction_effects import Effect, effect_of
from certificates.services import readings

# As many as a page can wait for; what more would do is shown once it is done.
MOST_CORRECTIONS, MOST_ROWS = 2_000, 20_000


def foresee(*, file: MeterFile, now: datetime) -> Effect | None:
    """The effect of importing a file now; None where it corrects too much to try out.

    The import is carried out as it will be, read off and taken back in one transaction, so
    that what is shown is what the rules do and not a second account of them. What others do
    before the file is confirmed may change it.
    Raises: DeviceNotApproved, MeterFileRefused and its kinds.
    """
    if file.report.get("corrections", 0) > MOST_CORRECTIONS or file.report["rows"] > MOST_ROWS:
        return None
    try:
        with transaction.atomic():
            tried = MeterFile.objects.get(pk=file.pk)
            readings.import_file(file=tried, now=now)
            raise _TakeBack(effect_of(tried))
    except _TakeBack as found:
        return found.effect


class _TakeBack(Exception):
    """Ends the trial; nothing of it is kept."""

    def __init__(self, effect: Effect) -> None:
        super().__init__()
        self.effect = effect
