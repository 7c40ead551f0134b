"""The closing bundle's own files: what the old contract held, and the statement that binds it.

`state.jsonl` holds an object a line, devices first, then lots, then holdings, each in order;
`closing.json` names the closing block and the SHA-256 of every other file that the move needs.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from ledger.domain.calls import Holder
from ledger.domain.counters import Counters
from ledger.domain.keccak import keccak256
from ledger.domain.moving import State
from ledger.domain.token_id import CODE_DIGITS, TokenId
from ledger.errors import MoveRefused

FORMAT = "renewable-energy-registry/closing/1"
STATE, CLOSING = "state.jsonl", "closing.json"
LONGEST_LINE = 1_000
ADDRESS = re.compile(r"0x[0-9a-f]{40}")
DIGEST = re.compile(r"[0-9a-f]{64}")
COUNTERS = tuple(Counters.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Closing:
    """What was closed: the chain, its last block, and the files by name with their SHA-256."""

    chain_id: int
    registry_id: int
    genesis_hash: str
    height: int
    block_hash: str
    state_root: str
    files: Mapping[str, str]

    def dump(self) -> bytes:
        """The statement as a file; its hash is the commitment of all that it carries over."""
        return (json.dumps({"format": FORMAT, **asdict(self)}, indent=2) + "\n").encode()

    @property
    def statement(self) -> bytes:
        """keccak256 of the file, 32 bytes."""
        return keccak256(self.dump())


def read_closing(content: bytes) -> Closing:
    """Raises: MoveRefused."""
    try:
        stated = json.loads(content)
        if stated.pop("format") != FORMAT:
            raise ValueError("another format")
        found = Closing(**stated)
        numbers = (found.chain_id, found.registry_id, found.height)
        texts = (found.genesis_hash, found.block_hash, found.state_root, *found.files.values())
        if not all(type(each) is int for each in numbers) or not all(
            DIGEST.fullmatch(each.removeprefix("0x")) for each in texts
        ):
            raise ValueError("a number or hash is none")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MoveRefused(f"{CLOSING} is no closing statement: {error}.") from error
    if found.dump() != content:
        raise MoveRefused(f"{CLOSING} is not written as it was: take the file that was published.")
    return replace(found, files=dict(found.files))


def state_lines(state: State) -> Iterator[str]:
    """`state.jsonl`, line by line; the same state gives the same lines."""
    for device in sorted(state.odometers):
        yield _line({"device": str(device), "odometer": state.odometers[device]})
    for lot in sorted(state.lots):
        counters = [getattr(state.lots[lot], name) for name in COUNTERS]
        yield _line({"lot": _code(lot), "counters": counters, "leaf": state.leaves[lot].hex()})
    rows = [(_name(holder), token, wh) for (holder, token), wh in state.holdings.items() if wh]
    for name, token, wh in sorted(rows):
        yield _line({"holder": name, "asset": _code(token), "wh": wh})


def read_state(lines: Iterable[bytes]) -> State:
    """Raises: MoveRefused, naming the line."""
    state = State({}, {}, {}, {})
    for number, line in enumerate(lines, start=1):
        try:
            _add(state, _object(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MoveRefused(f"{STATE}, line {number}, cannot be read: {error}.") from error
    return state


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise ValueError(f"it has more than {LONGEST_LINE} characters")
    stated = json.loads(line)
    if not isinstance(stated, dict):
        raise ValueError("it is no object")
    return stated


def _add(state: State, stated: dict[str, Any]) -> None:
    if "device" in stated:
        _put(state.odometers, int(stated["device"]), _whole(stated["odometer"]))
    elif "lot" in stated:
        lot = int(stated["lot"], 16)
        TokenId.from_number(lot | 1)  # refuses what is none
        values = [_whole(each) for each in stated["counters"]]
        _put(state.lots, lot, Counters(**dict(zip(COUNTERS, values, strict=True))))
        _put(state.leaves, lot, bytes.fromhex(stated["leaf"]))
    else:
        token = TokenId.from_code(stated["asset"]).number
        _put(state.holdings, (_holder(stated["holder"]), token), _whole(stated["wh"]))


def _put(into: Any, key: object, value: object) -> None:
    if key in into:
        raise ValueError("it says again what an earlier line says")
    into[key] = value


def _whole(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no whole number")
    return value


def _holder(name: str) -> Holder:
    return bytes.fromhex(name[2:]) if ADDRESS.fullmatch(name) else UUID(name)


def _name(holder: Holder) -> str:
    return f"0x{holder.hex()}" if isinstance(holder, bytes) else str(holder)


def _code(number: int) -> str:
    return f"{number:0{CODE_DIGITS}x}"


_line: Callable[[object], str] = json.JSONEncoder(separators=(",", ":")).encode
