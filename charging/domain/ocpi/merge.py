"""PATCH, as OCPI means it: named fields replace, `null` removes, periods are appended."""

from typing import Any

from charging.domain.ocpi.values import read_instant

PERIODS = "charging_periods"
STAMP = "last_updated"


def patched(stored: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """The object after a PATCH; neither argument is changed."""
    merged = dict(stored)
    for name, value in part.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = value
    return merged


def patched_session(stored: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """The same for a Session, whose charging periods are added to those there are.

    A period that is there already is not added again: whoever lost the answer sends the
    same PATCH a second time.
    """
    merged = patched(stored, part)
    if part.get(PERIODS) is not None:
        known = list(stored.get(PERIODS) or [])
        merged[PERIODS] = known + [item for item in part[PERIODS] if item not in known]
    return merged


def with_evse(location: dict[str, Any], evse: dict[str, Any]) -> dict[str, Any]:
    """The location with this EVSE put in place of the one with its uid, or added."""
    evses = _put(location.get("evses") or [], evse, "uid")
    return _bumped({**location, "evses": evses}, evse)


def with_connector(evse: dict[str, Any], connector: dict[str, Any]) -> dict[str, Any]:
    """The EVSE with this connector put in place of the one with its id, or added."""
    connectors = _put(evse.get("connectors") or [], connector, "id")
    return _bumped({**evse, "connectors": connectors}, connector)


def part_of(items: list[dict[str, Any]] | None, key: str, name: str) -> dict[str, Any] | None:
    """The EVSE or connector of this id, in any case."""
    return next((item for item in items or [] if _same(item.get(key), name)), None)


def _put(items: list[dict[str, Any]], item: dict[str, Any], key: str) -> list[dict[str, Any]]:
    if part_of(items, key, item[key]) is None:
        return [*items, item]
    return [item if _same(old.get(key), item[key]) else old for old in items]


def _bumped(parent: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    """A parent is as new as its newest child."""
    stamps = [text for text in (parent.get(STAMP), child.get(STAMP)) if text]
    return {**parent, STAMP: max(stamps, key=read_instant)} if stamps else parent


def _same(one: Any, other: str) -> bool:
    return isinstance(one, str) and one.upper() == other.upper()
