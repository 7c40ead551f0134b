"""How known files of charging sessions are laid out."""

from dataclasses import dataclass

DAY_MONTH_YEAR = "dd/mm/yyyy"
ISO_8601 = "ISO 8601"


@dataclass(frozen=True, slots=True)
class Profile:
    """The columns of one kind of file, its clock, and the most that its chargers can give.

    `timezone` is an IANA name for local stamps without an offset, empty where every stamp
    carries its own. An end of `start_time` or `end_time` left empty means that the date
    column holds the whole stamp. `max_power_w` bounds what is believed, with a tolerance of
    `tolerance_wh` for clocks that cut off seconds.
    """

    name: str
    title: str
    charger: str
    connector: str
    start_date: str
    end_date: str
    energy_kwh: str
    site: str
    start_time: str = ""
    end_time: str = ""
    model: str = ""
    session_id: str = ""
    duration_minutes: str = ""
    stamps: str = ISO_8601
    timezone: str = ""
    country: str = ""
    max_power_w: int = 350_000
    tolerance_wh: int = 1_000

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the file must have."""
        named = (
            self.charger,
            self.connector,
            self.start_date,
            self.start_time,
            self.end_date,
            self.end_time,
            self.energy_kwh,
            self.site,
            self.model,
            self.session_id,
            self.duration_minutes,
        )
        return tuple(name for name in named if name)


PERTH_KINROSS = Profile(
    name="perth_kinross",
    title="Perth & Kinross Council, charge point use",
    charger="CP ID",
    connector="Connector",
    start_date="Start Date",
    start_time="Start Time",
    end_date="End Date",
    end_time="End Time",
    energy_kwh="Total kWh",
    site="Site",
    model="Model",
    stamps=DAY_MONTH_YEAR,
    timezone="Europe/London",
    country="GB",
    max_power_w=130_000,
)
GENERIC = Profile(
    name="generic",
    title="One row per session, stamps with offset",
    session_id="session_id",
    charger="charger",
    connector="connector",
    start_date="started_at",
    end_date="ended_at",
    energy_kwh="energy_kwh",
    site="site",
)
PROFILES = {profile.name: profile for profile in (PERTH_KINROSS, GENERIC)}
