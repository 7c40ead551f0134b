"""The lines of one act over many certificates: each read by itself, refused all together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from certificates.errors import LinesRefused, RefusedLine

MOST_LINES = 100_000  # in one act
LARGEST_WH = (1 << 63) - 1  # what the book counts with
CODE_DIGITS = 40
HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Line:
    """Wh of one certificate; `number` counts from 1."""

    number: int
    asset: str
    amount_wh: int


def read_lines(sent: object) -> list[Line]:
    """Lines from `[{"asset": 40 hexadecimal digits, "amount_wh": whole Wh}, ...]`.

    Raises: LinesRefused, with every line that is wrong.
    """
    if not isinstance(sent, list) or not sent:
        raise LinesRefused([RefusedLine(0, "certificates", "Name at least one certificate.")])
    if len(sent) > MOST_LINES:
        words = f"{len(sent)} lines are too many for one act: send at most {MOST_LINES}."
        raise LinesRefused([RefusedLine(0, "certificates", words)])
    lines: list[Line] = []
    refused: list[RefusedLine] = []
    first: dict[str, int] = {}
    for number, one in enumerate(sent, start=1):
        found = _read(number, one)
        if isinstance(found, RefusedLine):
            refused.append(found)
        elif found.asset in first:
            words = f"Line {first[found.asset]} names this certificate too. Name it once."
            refused.append(RefusedLine(number, "asset", words))
        else:
            first[found.asset] = number
            lines.append(found)
    if refused:
        raise LinesRefused(refused)
    return lines


def check_held(lines: Sequence[Line], held: Mapping[str, int], state: str) -> None:
    """Refuse lines that take more than the Wh held of their certificate.

    Raises: LinesRefused, with every line that is wrong.
    """
    refused = [_short(line, held.get(line.asset, 0), state) for line in lines]
    if any(refused):
        raise LinesRefused([each for each in refused if each])


def _read(number: int, one: object) -> Line | RefusedLine:
    if not isinstance(one, dict):
        return RefusedLine(number, "certificates", "A line is an object with asset and amount_wh.")
    unknown = sorted(set(map(str, one)) - {"asset", "amount_wh"})
    if unknown:
        return RefusedLine(number, unknown[0][:40], "Only asset and amount_wh are known here.")
    asset, amount = one.get("asset"), one.get("amount_wh")
    if not isinstance(asset, str) or len(asset) != CODE_DIGITS or not HEX.issuperset(asset):
        words = f"Name the certificate by its {CODE_DIGITS} hexadecimal digits, in small letters."
        return RefusedLine(number, "asset", words)
    if type(amount) is not int or not 0 < amount <= LARGEST_WH:
        return RefusedLine(number, "amount_wh", "Give a positive whole number of Wh.")
    return Line(number, asset, amount)


def _short(line: Line, held: int, state: str) -> RefusedLine | None:
    if held >= line.amount_wh:
        return None
    if not held:
        return RefusedLine(line.number, "asset", f"None of this certificate is {state} there.")
    words = f"{held} Wh of this certificate are {state}, {line.amount_wh} Wh are asked for."
    return RefusedLine(line.number, "amount_wh", words)
