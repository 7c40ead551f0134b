"""EVSEs and connectors: parts of a location that are sent by themselves."""

from typing import Any

from charging.domain.ocpi.merge import part_of, patched, with_connector, with_evse
from charging.domain.ocpi.validation import check, check_part, errors_of, in_words
from charging.errors import InvalidObject, UnknownSite
from charging.services.ocpi.log import Sent
from charging.services.ocpi.objects import Address, Kept, change

KINDS = {1: ("EVSE", "uid"), 2: ("Connector", "id")}  # by the length of the path
Document = dict[str, Any]
Path = tuple[str, ...]  # EVSE uid, and connector id


def find_part(location: Document, path: Path) -> Document | None:
    """The EVSE or connector at this path of a location."""
    evse = part_of(location.get("evses"), "uid", path[0])
    if evse is None or len(path) == 1:
        return evse
    return part_of(evse.get("connectors"), "id", path[1])


def put_part(*, sent: Sent, address: Address, path: Path, document: Document) -> Kept:
    """Keep an EVSE or connector; the location, and the EVSE, become as new as it is.

    Raises: UnknownParty, UnknownSite, InvalidObject.
    """
    kind, key = KINDS[len(path)]
    wrong = errors_of(check(kind, document, sent.version))
    if wrong:
        raise InvalidObject(in_words(wrong))
    if document[key].upper() != path[-1].upper():
        raise InvalidObject(f"{key}: is {document[key]!r}, but the address says {path[-1]!r}.")
    return change(sent=sent, address=address, how=lambda location: _with(location, path, document))


def patch_part(*, sent: Sent, address: Address, path: Path, part: Document) -> Kept:
    """Change fields of an EVSE or connector, and bump what it belongs to.

    Raises: UnknownParty, UnknownSite, InvalidObject.
    """
    kind, key = KINDS[len(path)]
    if part.get("last_updated") is None:
        raise InvalidObject("last_updated: is missing; a PATCH says when the object changed.")
    wrong = errors_of(check_part(kind, part, sent.version))
    if wrong:
        raise InvalidObject(in_words(wrong))
    if key in part and str(part[key]).upper() != path[-1].upper():
        raise InvalidObject(f"{key}: cannot change; the address says {path[-1]!r}.")

    def merged(location: Document) -> Document:
        stored = find_part(location, path)
        if stored is None:
            raise UnknownSite(f"Location {address.uid} has no {'/'.join(path)}.")
        return _with(location, path, patched(stored, part))

    return change(sent=sent, address=address, how=merged)


def _with(location: Document, path: Path, document: Document) -> Document:
    if len(path) == 1:
        return with_evse(location, document)
    evse = part_of(location.get("evses"), "uid", path[0])
    if evse is None:
        raise UnknownSite(f"The location has no EVSE {path[0]}. Send the EVSE first.")
    return with_evse(location, with_connector(evse, document))
