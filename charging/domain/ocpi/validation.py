"""Whether a document is the object it should be, with a sentence for everything wrong.

Fields that the standard does not know are let through. What its own examples lack, or what
nobody's charge depends on, is a notice; everything else that is wrong refuses the object.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from charging.domain.ocpi.objects import Edition, Field, edition
from charging.domain.ocpi.values import is_instant

# The standard's own examples omit these.
MAY_LACK = {("Tariff", "last_updated"), ("Tariff", "tax_included")}
# Copies of tariffs that come along with a CDR, and where cars stand: kept, and deciding nothing
# about a charge. Systems write parking in the ways of several drafts.
BESIDE_THE_POINT = re.compile(r"^tariffs\[\d+\]|^(evses\[\d+\]\.)?parking(_places)?\b")
# What other messages name an object by; there is no address without it.
NAMES = {
    ("CDR", "id"),
    ("Session", "id"),
    ("Location", "id"),
    ("EVSE", "uid"),
    ("Connector", "id"),
    ("Tariff", "id"),
    ("Token", "uid"),
}
URL_LENGTH = 255
LARGEST = 18  # exponent of a number that anything is counted with
SHOWN = 20  # findings named in one answer
PRINTABLE = re.compile(r"^[\x20-\x7e]*$")
UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: where (a path such as `charging_periods[0].dimensions`) and what."""

    path: str
    problem: str
    is_notice: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}" if self.path else self.problem


def check(kind: str, value: Any, version: str) -> list[Finding]:
    """Everything wrong with an object of this kind; empty when it is right."""
    rules = edition(version)
    return [_weigh(finding) for finding in _object(rules, kind, value, "")]


def check_part(kind: str, part: dict[str, Any], version: str) -> list[Finding]:
    """The same for a PATCH: what is there must be right, what is missing is no fault."""
    rules = edition(version)
    fields = {field.name: field for field in rules.objects[kind]}
    return [
        _weigh(finding)
        for name, value in part.items()
        if name in fields and value is not None
        for finding in _field(rules, fields[name], value, name)
    ]


def errors_of(findings: list[Finding]) -> list[Finding]:
    """Those that refuse the object."""
    return [finding for finding in findings if not finding.is_notice]


def in_words(findings: list[Finding]) -> str:
    """The findings as one sentence, the first twenty by name."""
    more = f"; and {len(findings) - SHOWN} more" if len(findings) > SHOWN else ""
    return "; ".join(map(str, findings[:SHOWN])) + more + "."


def _weigh(finding: Finding) -> Finding:
    if BESIDE_THE_POINT.match(finding.path):
        return Finding(finding.path, finding.problem, is_notice=True)
    return finding


def _object(rules: Edition, kind: str, value: Any, path: str) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield Finding(path, f"must be a {kind} object, not {_named(value)}")
        return
    for field in rules.objects[kind]:
        where = f"{path}.{field.name}" if path else field.name
        inner = value.get(field.name)
        if inner is None:
            if field.is_mandatory:
                forgiven = (kind, field.name) in MAY_LACK
                yield Finding(where, "is missing", is_notice=forgiven)
            continue
        if inner == "" and (kind, field.name) in NAMES:
            yield Finding(where, "is empty")
        yield from _field(rules, field, inner, where)


def _field(rules: Edition, field: Field, value: Any, path: str) -> Iterator[Finding]:
    if not field.is_list:
        yield from _one(rules, field, value, path)
        return
    if not isinstance(value, list):
        yield Finding(path, f"must be a list, not {_named(value)}")
        return
    if field.is_mandatory and not value:
        yield Finding(path, "must have at least one entry")
    for n, item in enumerate(value):
        yield from _one(rules, field, item, f"{path}[{n}]")


def _one(rules: Edition, field: Field, value: Any, path: str) -> Iterator[Finding]:
    if field.type in rules.objects:
        yield from _object(rules, field.type, value, path)
        return
    problem = (
        _enumerated(rules, field, value)
        if field.type in rules.enumerations
        else _simple(field, value)
    )
    if problem:
        yield Finding(path, problem)


def _enumerated(rules: Edition, field: Field, value: Any) -> str:
    allowed = rules.enumerations[field.type]
    if not isinstance(value, str):
        return f"must be a {field.type}, not {_named(value)}"
    if UNWRITABLE.search(value) or len(value) > URL_LENGTH:
        return f"is no {field.type}"
    if allowed.is_open or value in allowed.values:
        return ""
    return f"must be one of {', '.join(sorted(allowed.values))}, not {value[:40]!r}"


def _simple(field: Field, value: Any) -> str:
    if field.type == "boolean":
        return "" if isinstance(value, bool) else f"must be true or false, not {_named(value)}"
    if field.type in ("number", "int"):
        if not isinstance(value, Decimal):
            return f"must be a number, not {_named(value)}"
        if value and value.adjusted() > LARGEST:
            return f"is beyond any use: {value:.3g}"
        whole = field.type == "number" or value == value.to_integral_value()
        return "" if whole else f"must be a whole number, not {value}"
    if not isinstance(value, str):
        return f"must be text, not {_named(value)}"
    if field.type == "DateTime":
        return "" if is_instant(value) else f"is no UTC instant such as 2026-01-31T12:00:00Z: {value[:40]!r}"  # fmt: skip # noqa: E501
    return _text(field, value)


def _text(field: Field, value: str) -> str:
    longest = field.max_length or (URL_LENGTH if field.type == "URL" else None)
    if longest and len(value) > longest:
        return f"has {len(value)} characters, {longest} at most"
    if field.type == "CiString" and not PRINTABLE.match(value):
        return "may hold printable ASCII characters only"
    return "holds characters that cannot be kept" if UNWRITABLE.search(value) else ""


def _named(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return names.get(type(value), "a number")
