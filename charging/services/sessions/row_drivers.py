"""Cards and contracts in rows of files: a keyed mark in place of each, before anything is kept."""

from certificates.models import Organisation
from charging.domain.party import PartyName
from charging.domain.profiles import DRIVERS, Profile
from charging.domain.session_file import Row, written
from charging.models.product_marks import contract_mark, token_mark

# In the text of a row that is kept; in a row that was downloaded, corrected and sent again it
# names nobody.
HIDDEN = "(hidden)"


class RowDrivers:
    """Puts marks where a company's file names cards and contracts."""

    def __init__(self, organisation: Organisation, profile: Profile) -> None:
        self._slug, self._missing = organisation.slug, profile.missing
        self._issuer, self._issued_by = profile.issuer, PartyName.read(profile.issued_by)
        self._columns = {name: getattr(profile, name) for name in DRIVERS if getattr(profile, name)}

    def hide(self, row: Row) -> Row:
        """The same row without who charged, in its fields and in its text."""
        marks = {
            column: self._mark(name, row.fields[column], row)
            for name, column in self._columns.items()
            if row.fields.get(column)
        }
        if not marks:
            return row
        shown = row.fields | dict.fromkeys(marks, HIDDEN)
        raw = written(shown.values(), row.delimiter)
        return Row(row.line, row.fields | marks, raw, row.delimiter)

    def _mark(self, name: str, text: str, row: Row) -> str:
        if text in self._missing or text == HIDDEN:
            return ""
        if name == "token":
            mark = token_mark(self._slug, self._issuer_of(row), text)
        else:
            mark = contract_mark(self._slug, text)
        return mark.hex() if mark else ""

    def _issuer_of(self, row: Row) -> str:
        """Who issued the card of a row, as OCPI names it; empty where nobody says so."""
        said = PartyName.read(row.fields.get(self._issuer, "")) if self._issuer else None
        issuer = said or self._issued_by
        return str(issuer) if issuer else ""
