"""EDL40's values in XML, each record on its own: what `edl40_xml` reads.

A charging process of Mennekes has two signatures, over its begin and over its end; each becomes
a record with what both share. Only what is read is taken along, and no deeper than it lies.
"""

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element, SubElement, tostring  # builds; parsing is defusedxml's

from charging.domain.meters.edl40_xml import KINDS, METER_VALUE, PROCESS, local_name


def records(element: Element) -> Iterator[bytes]:
    """The records that an element is: two of a charging process, one of a signed value."""
    name = local_name(element)
    if name == METER_VALUE:
        yield _alone(name, element)
    elif name == PROCESS:
        shared = [part for part in element if local_name(part) not in KINDS]
        measured = [part for part in element if local_name(part) in KINDS]
        if 0 < len(measured) <= len(KINDS):
            for measurement in measured:
                yield _alone(name, (*shared, measurement))
        else:  # no process: named as malformed instead of lost
            yield _alone(name, element)


def _alone(name: str, parts: Iterable[Element]) -> bytes:
    root = Element(name)
    for part in parts:
        copy = SubElement(root, local_name(part))
        copy.text = part.text
        if local_name(part) in KINDS:
            for inner in part:
                SubElement(copy, local_name(inner)).text = inner.text
    return bytes(tostring(root))
