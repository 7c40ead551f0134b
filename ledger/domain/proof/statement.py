"""What a valid proof shows, in numbers that follow by arithmetic and in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ledger.domain.proof.block import Header
from ledger.domain.proof.document import Proof
from ledger.domain.token_id import EMISSIONS, RENEWABLE, TokenId

ATTRIBUTES = {RENEWABLE: "renewable", EMISSIONS: "emissions"}
NOT_CHECKED = (
    "that nobody else holds a copy of this receipt",
    "that the meters told the truth",
    "what the registry says of a plant beyond its number, such as its name or technology",
    "whether the claim was declared void after block {block}",
)
NO_TRUST = "who sealed the block: no trust file was given, so the keys stand for nobody"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Wh numbers [first, end) of a device's attribute, retired for this receipt alone.

    The generation's period is [starts_at, ends_at); `used_in` is the disclosed interval of
    use, empty when it is not disclosed.
    """

    device: str
    attribute: str
    first: int
    end: int
    starts_at: datetime
    ends_at: datetime
    used_in: str

    @property
    def same_start(self) -> bool:
        """Whether it was used in the interval in which it was made."""
        minutes = int((self.ends_at - self.starts_at).total_seconds()) // 60
        return self.used_in == f"{self.starts_at:%Y-%m-%dT%H:%M:%SZ}/PT{minutes}M"


@dataclass(frozen=True, slots=True)
class Statement:
    """`charge` are the disclosed fields that all opened retirements share."""

    block: int
    sealed_at: datetime
    charge: tuple[tuple[str, str], ...]
    stretches: tuple[Stretch, ...]

    def total_wh(self, attribute: str) -> int:
        return sum(one.end - one.first for one in self.stretches if one.attribute == attribute)


def statement(proof: Proof, before: Sequence[int], header: Header) -> Statement:
    """The statement of a proof whose every step passed; `before` are Wh left of each leaf."""
    stretches: list[Stretch] = []
    for one, prefix in zip(proof.retirements, before, strict=True):
        entry = proof.entries[one.entry]
        token = TokenId.from_number(entry.token_id)
        used_in = one.opening.interval if one.opening else ""
        for attribute, start in (
            (RENEWABLE, entry.from_renewable),
            (EMISSIONS, entry.from_emissions),
        ):
            if token.mask & attribute:
                stretches.append(
                    Stretch(
                        device=f"{token.device:018d}",
                        attribute=ATTRIBUTES[attribute],
                        first=start + prefix,
                        end=start + prefix + one.amount,
                        starts_at=token.starts_at,
                        ends_at=token.ends_at,
                        used_in=used_in,
                    )
                )
    return Statement(
        block=header.number,
        sealed_at=datetime.fromtimestamp(header.timestamp, UTC),
        charge=tuple(sorted((field.name, field.value) for field in proof.charge.fields)),
        stretches=tuple(stretches),
    )


def not_checked(block: int, *, authenticated: bool) -> list[str]:
    """What the steps do not show; a checker says it as plainly as what they do."""
    said = [line.format(block=f"{block:,}") for line in NOT_CHECKED]
    return said if authenticated else [NO_TRUST, *said]
