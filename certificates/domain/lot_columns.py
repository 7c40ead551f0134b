"""Many lots of one device, as columns: what differs from lot to lot, and who gets how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
DAY_MINUTES = 1_440
EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class LotColumns:
    """Of each lot its start (minutes since 1970-01-01T00:00Z), its minutes, its sequence, its Wh,
    how its reading came about and the SHA-256 of the meter file."""

    minutes: Sequence[int]
    lengths: Sequence[int]
    sequences: Sequence[int]
    amounts: Sequence[int]
    qualities: Sequence[str]
    files: Sequence[str]

    def starts(self) -> list[str]:
        """Starts as `lot_facts.instant` writes them."""
        texts = np.datetime_as_string(np.array(self.minutes).astype("datetime64[m]"))
        return [f"{text}Z" for text in texts.tolist()]

    def facts(self) -> dict[str, Sequence[str]]:
        """The public facts of each lot, as `lot_facts.interval_facts` names and writes them."""
        return {
            "amount": list(map(str, self.amounts)),
            "file": self.files,
            "length": list(map(str, self.lengths)),
            "quality": self.qualities,
            "start": self.starts(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Which account gets how many Wh of which lot (by its place): one part a row, lot by lot."""

    lots: I64
    accounts: I64
    amounts: I64

    @classmethod
    def of_all(cls, by_account: Mapping[int, I64]) -> "Given":
        """From what each account gets of every lot, where 0 is nothing."""
        amounts = np.stack(list(by_account.values()), axis=1)
        lots, columns = np.nonzero(amounts)
        return cls(lots, np.array(list(by_account))[columns], amounts[lots, columns])

    @classmethod
    def of_each(cls, by_lot: Sequence[Mapping[int, int]]) -> "Given":
        """From what every lot gives to each account."""
        return cls(
            np.repeat(np.arange(len(by_lot)), [len(each) for each in by_lot]),
            np.array([account for each in by_lot for account in each], np.int64),
            np.array([wh for each in by_lot for wh in each.values()], np.int64),
        )

    def days(self, minutes: Sequence[int]) -> dict[int, set[date]]:
        """The UTC days of which each account gets something, of lots that start at `minutes`."""
        days = (np.array(minutes) // DAY_MINUTES)[self.lots]
        pairs = np.unique(np.stack([self.accounts, days]), axis=1)
        found: dict[int, set[date]] = {}
        for account, day in pairs.T.tolist():
            found.setdefault(account, set()).add(date.fromordinal(EPOCH_DAY + day))
        return found
