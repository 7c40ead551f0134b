"""What an interval of a device was certified for, against what it generated.

For every interval, in whole Wh:

    generated + deficit = standing + waiting + withheld

where `standing` is what was issued less what was withdrawn because this interval was
corrected, `deficit` what stands beyond the generation because it could not be taken back
here (others gave certificates for it, or the device owes it), `withheld` what the interval
gave up for what the device owes, and `waiting` what is still to be issued.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """One interval's sums, Wh. `generated_wh` is the reading in force, below zero for own
    consumption; `consumed_wh` how much of that the device owes already.
    """

    generated_wh: int = 0
    standing_wh: int = 0
    elsewhere_wh: int = 0
    owed_wh: int = 0
    withheld_wh: int = 0
    consumed_wh: int = 0

    @property
    def deficit_wh(self) -> int:
        """Wh that stand although they were not generated in this interval."""
        return self.elsewhere_wh + self.owed_wh

    @property
    def positive_wh(self) -> int:
        """What can be certified at most."""
        return max(0, self.generated_wh)

    @property
    def waiting_wh(self) -> int:
        """What is still to be issued; below zero while too much stands."""
        return self.positive_wh + self.deficit_wh - self.standing_wh - self.withheld_wh


@dataclass(frozen=True, slots=True)
class Steps:
    """What brings a tally in order, Wh.

    `consumed` changes what own consumption owes (either way); `released` was withheld here
    beyond the generation; `take` is to be withdrawn or owed; `lowered` is owed no longer;
    `withheld` pays for what the device owes; `issue` becomes a lot.
    """

    consumed: int = 0
    released: int = 0
    take: int = 0
    lowered: int = 0
    withheld: int = 0
    issue: int = 0

    @property
    def owed_by(self) -> int:
        """How the device's open debt changes, before anything is taken."""
        return self.consumed + self.released - self.lowered - self.withheld

    def __bool__(self) -> bool:
        return any((self.consumed, self.released, self.take, self.lowered, self.issue))


def steps(tally: Tally, *, nets: bool, open_debt_wh: int) -> Steps:
    """What is to be done for an interval of a device that owes `open_debt_wh` in all.

    `nets`: own consumption is carried against the device's next generation (policy net);
    otherwise a negative interval issues nothing and owes nothing.
    """
    own = max(0, -tally.generated_wh) if nets else 0
    consumed = own - tally.consumed_wh
    released = max(0, tally.withheld_wh - tally.positive_wh)
    gap = tally.waiting_wh + released
    lowered = min(max(0, gap), tally.owed_wh)
    rest = max(0, gap) - lowered
    debt = max(0, open_debt_wh + consumed + released - lowered)
    withheld = min(rest, debt)
    return Steps(consumed, released, max(0, -gap), lowered, withheld, rest - withheld)
