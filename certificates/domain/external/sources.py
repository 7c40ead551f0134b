"""What another registry's word for an energy source means in EECS codes.

The words are those of EnergyTag's certificate files, and usual ones beside them. A word names
prefixes of technology and source codes; the plant's own pair must begin with one of each. The
table is shown before anything is handed in.
"""

from dataclasses import dataclass

from certificates.domain import eecs
from certificates.domain.meter_values import Unreadable

ANY = ("F",)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word stands for: prefixes of EECS codes, and the same in words."""

    words: str
    technologies: tuple[str, ...]
    sources: tuple[str, ...]

    def fits(self, technology: str, source: str) -> bool:
        """Whether a plant with this pair of codes can be meant."""
        return technology.startswith(self.technologies) and source.startswith(self.sources)


SOLAR = Meaning("Solar", ("T01",), ("F010401",))
WIND = Meaning("Wind", ("T02",), ("F010501",))
HYDRO = Meaning("Hydro", ("T03",), ("F010502",))
MARINE = Meaning("Marine", ("T04",), ("F010502",))
BIOMASS = Meaning("Biomass, solid, liquid or gaseous", ("T05",), ("F0101", "F0102", "F0103"))
BIOGAS = Meaning("Biogas", ("T05",), ("F0103",))
GEOTHERMAL = Meaning("Geothermal", ("T05", "T07"), ("F010402",))
NUCLEAR = Meaning("Nuclear", ("T06",), ("F03",))
COAL = Meaning("Coal", ("T05",), ("F020101", "F020102", "F020103"))
OIL = Meaning("Oil", ("T05",), ("F0202",))
GAS = Meaning("Natural gas", ("T05",), ("F0203",))
HEAT_AND_POWER = Meaning("Heat and power, of the plant's own fuel", ("T05",), ANY)

MEANINGS = {
    "solar_pv": SOLAR,
    "solar": SOLAR,
    "pv": SOLAR,
    "wind": WIND,
    "wind_turbine": WIND,
    "hydro": HYDRO,
    "hydropower": HYDRO,
    "marine": MARINE,
    "tidal": MARINE,
    "wave": MARINE,
    "biomass": BIOMASS,
    "biogas": BIOGAS,
    "geothermal": GEOTHERMAL,
    "nuclear": NUCLEAR,
    "coal": COAL,
    "oil": OIL,
    "gas": GAS,
    "natural_gas": GAS,
    "chp": HEAT_AND_POWER,
}
# Words that say how the energy was kept or made into another form, not where it came from.
NO_SOURCES = ("battery_storage", "other_storage", "electrolysis", "other")


def meaning_of(word: str) -> Meaning:
    """What a word, or an EECS code such as F01050100, stands for. Raises: Unreadable."""
    code = word.strip().upper()
    if len(code) == len("F01050100") and code[0] == "F" and code[1:].isdigit():
        level = code.rstrip("0") if len(code.rstrip("0")) % 2 else code.rstrip("0") + "0"
        return Meaning(f"EECS code {code}", ("T",), (level,))
    name = "_".join(word.strip().lower().replace("-", " ").replace("_", " ").split())
    if name in NO_SOURCES:
        raise Unreadable(
            "does not say what the energy was made from; by EnergyTag's standard the source of the "
            "generation is kept through storage and conversion, so name that"
        )
    if name not in MEANINGS:
        raise Unreadable(f"is no energy source known here; write one of {', '.join(MEANINGS)}")
    return MEANINGS[name]


def check_plant(word: str, technology: str, source: str) -> Meaning:
    """The word's meaning, which the plant's own codes must fit. Raises: Unreadable."""
    meaning = meaning_of(word)
    if not meaning.fits(technology, source):
        raise Unreadable(
            f"means {meaning.words}, but the plant is registered as "
            f"{eecs.technology_name(technology)} ({technology}) with {eecs.source_name(source)} "
            f"({source}); choose the right plant"
        )
    return meaning
