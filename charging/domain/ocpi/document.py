"""JSON as OCPI sends it: exact numbers in, the same digits out.

A number is read as `Decimal` and written with the digits it came with: a cost of 2.00
stays 2.00. Nothing here goes through a binary float.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from json.encoder import encode_basestring as as_it_is
from json.encoder import encode_basestring_ascii as in_ascii
from typing import Any, NoReturn

from charging.errors import UnreadableDocument

MAX_BYTES = 1_000_000  # a CDR with a thousand signed values has a tenth of it
MAX_DEPTH = 16  # the deepest object of the standard has seven levels
EXPONENTS = range(-40, 41)  # of a number written with one digit before the point
Json = dict[str, Any]
Pairs = list[tuple[str, Any]]


def read(data: bytes, *, pairs: Callable[[Pairs], Json] | None = None) -> Any:
    """The document in these bytes; `pairs` makes an object of its members.

    Raises: UnreadableDocument, with what is wrong.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableDocument(f"The body has {len(data)} bytes; at most {MAX_BYTES} are read.")
    try:
        value = json.loads(
            data.decode("utf-8-sig"),
            parse_float=_number,
            parse_int=_number,
            parse_constant=_no_number,
            object_pairs_hook=pairs,
        )
    except RecursionError as error:
        raise UnreadableDocument("The body nests too deeply. Flatten it.") from error
    except ValueError as error:  # also of text that is no UTF-8
        raise UnreadableDocument(f"The body is no JSON: {error}.") from error
    _check_depth(value)
    return value


def read_object(data: bytes) -> Json:
    """The same, for a body that must be one JSON object."""
    return _object(read(data))


def read_sent(data: bytes) -> Json:
    """The same, for a body that another system sent: no field may stand twice in one object.

    Two readers of one CDR could see two amounts in it.
    """
    return _object(read(data, pairs=_once))


def _object(value: Any) -> Json:
    if not isinstance(value, dict):
        raise UnreadableDocument("The body must be one JSON object.")
    return value


def write(value: Any) -> bytes:
    """UTF-8 JSON; a `Decimal` as it was written, object members in their order."""
    return _text(value, iter, _digits).encode("utf-8", "replace")


def content_hash(value: Any) -> bytes:
    """SHA-256 over what the document says: neither blanks, nor order, nor 2.0 for 2 count."""
    text = _text(value, sorted, _plain_digits)
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _number(text: str) -> Decimal:
    value = Decimal(text) if len(text) <= 100 else Decimal("NaN")
    if not value.is_finite() or (value and value.adjusted() not in EXPONENTS):
        raise ValueError(f"the number {text[:30]} is beyond any use")
    return value


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


def _once(pairs: Pairs) -> Json:
    members = dict(pairs)
    if len(members) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"the field {twice[:40]!r} stands twice in one object")
    return members


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise UnreadableDocument(f"The body nests deeper than {MAX_DEPTH} levels. Flatten it.")
        level = [inner for outer in level for inner in _members(outer)]


def _members(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _text(
    value: Any, names: Callable[[Json], Iterable[str]], digits: Callable[[Decimal], str]
) -> str:
    """JSON with an object's members as `names` orders them and numbers as `digits` writes them."""
    if isinstance(value, str):
        return as_it_is(value) if value.isprintable() else in_ascii(value)
    if isinstance(value, Decimal):
        return digits(value)
    if isinstance(value, dict):
        inner = [f"{in_ascii(name)}:{_text(value[name], names, digits)}" for name in names(value)]
        return f"{{{','.join(inner)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join([_text(item, names, digits) for item in value])}]"
    return json.dumps(value)


def _digits(value: Decimal) -> str:
    text = format(value, "f")
    return "0" if text in ("", "-0") else text


def _plain_digits(value: Decimal) -> str:
    return _digits(value.normalize())
