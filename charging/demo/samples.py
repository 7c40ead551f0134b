"""The sample data that comes with the registry; see sample_data/ATTRIBUTION.md."""

from dataclasses import dataclass
from pathlib import Path

from charging.errors import SampleDataMissing

FOLDER = Path(__file__).resolve().parents[2] / "sample_data"


@dataclass(frozen=True, slots=True)
class Samples:
    """Where the files of the demo are."""

    generation: Path
    sessions: Path
    sites: Path
    grid: Path


def find(folder: Path = FOLDER) -> Samples:
    """The files of the demo. Raises: SampleDataMissing naming the first that is not there."""
    samples = Samples(
        generation=folder / "generation" / "kelmarsh_2018_hourly_by_turbine.csv.gz",
        sessions=folder / "charging" / "perth_kinross_2018.csv.gz",
        sites=folder / "charging" / "perth_kinross_locations.csv",
        grid=folder / "grid" / "gb_2018_intensity_hourly.csv.gz",
    )
    for path in (samples.generation, samples.sessions, samples.sites, samples.grid):
        if not path.exists():
            raise SampleDataMissing(f"{path} is missing; fetch the whole repository.")
    return samples
