"""Every object of the standard that the registry reads, as data.

`data/objects.json` holds per version each object's fields (type, longest text, cardinality:
1 mandatory, ? optional, * list, + list of at least one) and each enumeration's values. An
enumeration that either version leaves open is open in both: a new kind of plug is no
reason to lose a charge.
Facts of OCPI 2.2.1 and 2.3.0, EVRoaming Foundation, github.com/ocpi/ocpi.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

VERSIONS = ("2.2.1", "2.3.0")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object. `max_length` counts characters, None leaves them open."""

    name: str
    type: str
    max_length: int | None
    cardinality: str

    @property
    def is_list(self) -> bool:
        """Whether it holds several values."""
        return self.cardinality in ("*", "+")

    @property
    def is_mandatory(self) -> bool:
        """Whether an object without it is wrong."""
        return self.cardinality in ("1", "+")


@dataclass(frozen=True, slots=True)
class Enumeration:
    """Values of one kind; an open one may get more."""

    is_open: bool
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of the standard."""

    objects: dict[str, tuple[Field, ...]]
    enumerations: dict[str, Enumeration]


@cache
def edition(version: str) -> Edition:
    """The objects of a version. Raises: KeyError for a version that is not spoken here."""
    content = json.loads(files(__package__).joinpath("data/objects.json").read_text())[version]
    return Edition(
        objects={
            name: tuple(Field(field, *facts) for field, facts in fields.items())
            for name, fields in content["objects"].items()
        },
        enumerations={
            name: Enumeration(facts["open"], frozenset(facts["values"]))
            for name, facts in content["enums"].items()
        },
    )
