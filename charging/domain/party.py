"""Who somebody is in roaming."""

import re
from dataclasses import dataclass

WRITTEN = re.compile(r"([A-Za-z]{2})[*-]?([A-Za-z0-9]{3})")


@dataclass(frozen=True, slots=True)
class PartyName:
    """A party in roaming, in capitals."""

    country_code: str
    party_id: str

    @classmethod
    def of(cls, country_code: str, party_id: str) -> "PartyName":
        """The name, whatever case it was written in."""
        return cls(country_code.upper(), party_id.upper())

    @classmethod
    def read(cls, text: str) -> "PartyName | None":
        """The party that this names: DE*ABC, DE-ABC or DEABC, in any case; None for others."""
        found = WRITTEN.fullmatch(text.strip())
        return cls.of(*found.groups()) if found else None

    def __str__(self) -> str:
        return f"{self.country_code}*{self.party_id}"
