"""Reading of proof and trust files: strict, bounded, and exact about what is wrong where."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from ledger.errors import ProofUnreadable

MAX_BYTES = 4 * 1024 * 1024
MAX_QUANTITY = (1 << 64) - 1
MAX_TEXT = 1_000  # characters
MAX_DEPTH = 16
# Possessive and with the closing quote optional, so that it never goes back.
_BRACKET_OR_STRING = re.compile(r'[\[\]{}]|"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,19}")
# Controls, line separators, half characters, and marks that reverse what is read.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")

T = TypeVar("T")


def load_json(data: bytes) -> Any:
    """JSON of texts, lists and objects. Raises: ProofUnreadable."""
    if len(data) > MAX_BYTES:
        raise ProofUnreadable(f"The file is larger than {MAX_BYTES // 1024 // 1024} MiB.")
    try:
        text = data.decode()
        _check_depth(text)
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_no_number,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
    except ValueError as error:
        raise ProofUnreadable(f"The file is not JSON: {error}.") from error


def _check_depth(text: str) -> None:
    """Refuse deep nesting before it is parsed.

    The parser recurses in C: where a library has raised Python's recursion limit, as py-evm
    does, it overruns the stack and takes the process with it instead of raising.
    """
    depth = 0
    for token in _BRACKET_OR_STRING.finditer(text):
        mark = token[0]
        depth += (mark in "[{") - (mark in "]}")
        if depth > MAX_DEPTH:
            raise ProofUnreadable("The file is nested too deeply.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ProofUnreadable("An object in the file names something twice.")
    return found


def _no_number(text: str) -> NoReturn:
    raise ProofUnreadable(f"Numbers are written as texts; found {text[:40]}.")


@dataclass(frozen=True, slots=True)
class At:
    """A value in a file and the place where it stands."""

    value: Any
    place: str

    def fail(self, wanted: str) -> NoReturn:
        raise ProofUnreadable(f"{self.place or 'The file'}: expected {wanted}.")

    def members(self, *names: str) -> list["At"]:
        """The members of an object, in the order named: these and no other."""
        if not isinstance(self.value, dict) or set(self.value) != set(names):
            self.fail(f"an object with {', '.join(names)}")
        prefix = f"{self.place}." if self.place else ""
        return [At(self.value[name], prefix + name) for name in names]

    def items(self, read: Callable[["At"], T], *, most: int, least: int = 0) -> tuple[T, ...]:
        if not isinstance(self.value, list) or not least <= len(self.value) <= most:
            self.fail(f"a list of {least} to {most}")
        return tuple(read(At(one, f"{self.place}[{n}]")) for n, one in enumerate(self.value))

    def text(self) -> str:
        value = self.value
        if not isinstance(value, str) or len(value) > MAX_TEXT or _UNPRINTABLE.search(value):
            self.fail(f"a printable text of at most {MAX_TEXT} characters")
        return str(value)

    def number(self, most: int = MAX_QUANTITY, least: int = 0) -> int:
        """A quantity, written as a text of decimal digits."""
        value = self.value
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
            self.fail("a whole number in a text, without leading zeros")
        if not least <= int(value) <= most:
            self.fail(f"a number from {least} to {most}")
        return int(value)

    def data(self, length: int | None = None, *, most: int = 4096) -> bytes:
        """Bytes, written as 0x and lower-case hexadecimal digits; of a length, or at most."""
        value = self.value
        limit = most if length is None else length
        if (
            not isinstance(value, str)
            or len(value) > 2 + 2 * limit
            or not value.startswith("0x")
            or not _HEX.fullmatch(value, 2)
            or (length is not None and len(value) != 2 + 2 * length)
        ):
            wanted = f"{length}" if length is not None else f"at most {most}"
            self.fail(f"0x and lower-case hexadecimal digits of {wanted} bytes")
        return bytes.fromhex(value[2:])
