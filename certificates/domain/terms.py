"""Terms in months, counted from the end of production."""

import calendar
from datetime import datetime

MONTHS = 12


def months_before(moment: datetime, months: int) -> datetime:
    """The same day and time so many months earlier, or the last day of a shorter month."""
    whole = moment.year * MONTHS + moment.month - 1 - months
    year, month = divmod(whole, MONTHS)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
