"""Weighing what a held row would become against the charges that are known by then."""

from functools import cached_property

from certificates.models import Area, Organisation
from charging.domain import repairs
from charging.domain.consumption import content_hash
from charging.domain.local_time import to_utc
from charging.domain.profiles import MAPPED, PROFILES
from charging.domain.session_rows import Charge
from charging.domain.signed_charge import Proof
from charging.errors import DecisionRefused, UnknownArea
from charging.models import SessionFile
from charging.queries.areas import Areas
from charging.queries.company.known_charges import (
    Place,
    charges_by_ocpi,
    charges_by_place,
    known_charges,
    place_of,
)
from charging.services.locations import Sites
from charging.services.sessions.records import Accepted
from charging.services.sessions.row_evidence import RowKeys, UsedRecords, contradicts, otherwise


class Weighing:
    """Takes charges of one file, each against the company's and those taken before it.

    What is known is read once; use it inside the transaction that writes what it took.
    """

    def __init__(self, file: SessionFile, area_code: str = "") -> None:
        self._file = file
        self._code = area_code or file.options.get("area", "")
        self._keys = RowKeys(file.organisation)
        self._used = UsedRecords(file.organisation)

    def take(self, line: int, charge: Charge, kind: str) -> Accepted:
        """The charge as it is to be written. Raises: DecisionRefused, UnknownArea."""
        uid, place = charge.uid.upper(), place_of(charge)
        if uid in self._known:
            raise DecisionRefused(
                f"A charge {charge.uid} is known by now. "
                "Leave this row out, or correct that charge."
            )
        if (charge.charger.upper(), charge.started) in self._by_ocpi:
            raise DecisionRefused("This charge came by OCPI already. Leave this row out.")
        if kind != repairs.OWN and place in self._by_place:
            raise DecisionRefused("A charge of the same times and energy is known. Leave it out.")
        area = self._area(charge)
        evse = self._sites.evse(charge.site, charge.charger, charge.model, area)
        content = content_hash(charge.ended, charge.energy_wh, charge.site)
        self._known[uid] = content
        self._by_place.setdefault(place, charge.uid)
        return Accepted(line, charge, content, evse.pk, area, self._proof(charge))

    def _proof(self, charge: Charge) -> Proof | None:
        """What the row's signed values prove of the charge as it is taken now."""
        proof = self._keys.prove(charge)
        if proof is not None and contradicts(charge, proof):
            return otherwise(charge, proof)
        self._used.load([proof])
        return self._used.use(proof, charge.uid)

    @property
    def _company(self) -> Organisation:
        return self._file.organisation

    @cached_property
    def _known(self) -> dict[str, bytes]:
        return known_charges(self._company)

    @cached_property
    def _by_place(self) -> dict[Place, str]:
        return charges_by_place(self._company)

    @cached_property
    def _by_ocpi(self) -> set[tuple[str, int]]:
        return charges_by_ocpi(self._company)

    @cached_property
    def _sites(self) -> Sites:
        return Sites(self._company, country=_country(self._file))

    @cached_property
    def _areas(self) -> Areas:
        return Areas()

    def _area(self, charge: Charge) -> Area:
        """The chosen area, else the file's, the site's, or its country's only one then."""
        at = to_utc(charge.started)
        if self._code:
            self._areas.check_code(self._code)
            area = self._areas.by_code(self._code, at)
        else:
            location = self._sites.find(charge.site)
            area = location.area or (
                self._areas.only_one_of(location.country, at) if location.country else None
            )
        if area is None:
            raise UnknownArea("The bidding area is unknown. Choose the one that the site lies in.")
        return area


def _country(file: SessionFile) -> str:
    if file.profile == MAPPED:
        return str(file.options.get("mapping", {}).get("country", ""))
    profile = PROFILES.get(file.profile)
    return profile.country if profile else ""
