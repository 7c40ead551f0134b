"""The main job on the sample data, start to end; playing it again repeats nothing."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings

from certificates.models import Area
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from charging.demo.cast import AREA, SHARE_PPM, TURBINE, Cast, engage
from charging.demo.samples import Samples, find
from charging.domain.profiles import PERTH_KINROSS
from charging.errors import NotInDemoMode
from charging.models import Receipt, Session
from charging.queries.showcase import showcase
from charging.queries.story import Rule, rules
from charging.services import reference
from charging.services.matching.runs import match
from charging.services.receipts import claim_receipt
from charging.services.sessions.importing import Upload, import_sessions
from charging.services.sessions.options import Options
from ledger.services.settlement import settle

Progress = Callable[[int, int], None]
Stage = Callable[[str], AbstractContextManager[Progress]]  # a label and its progress

YEAR = (datetime(2018, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC))
FEBRUARY = datetime(2018, 2, 1, tzinfo=UTC)
PARTS = ((YEAR[0], FEBRUARY), (FEBRUARY, YEAR[1]))  # the first month soon, then the rest
CLAIMED = 20  # receipts that the demo driver keeps
CLAIM_NOTE = "Demo: claimed for the demo driver; the file names no drivers."


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What the demo came to: Wh under each rule, and a receipt worth opening."""

    rules: dict[str, Rule]
    receipt: str
    certified: int


def play(
    *, clock: Callable[[], datetime], stage: Stage, say: Callable[[Receipt], None]
) -> DemoResult:
    """Load, issue, match and settle the sample year; `say` is told the first receipt early.

    Raises: NotInDemoMode, SampleDataMissing, and what the services raise.
    """
    if not settings.IS_DEMO:
        raise NotInDemoMode(
            "This registry is in production; demo data would mix with real claims. "
            "Set REGISTRY_MODE=demo and another DATA_DIR."
        )
    samples = find()
    cast = _load(samples, clock, stage)
    certified = 0
    for part, (starts_at, ends_at) in enumerate(PARTS):
        certified += _certify(cast, starts_at, ends_at, clock, stage)
        if part == 0:
            say(showcase(cast.company, starts_at, ends_at))
    _keep_receipts(cast, clock())
    return DemoResult(
        rules=rules(cast.company, *YEAR, SHARE_PPM),
        receipt=showcase(cast.company, *PARTS[0]).public_id,
        certified=certified,
    )


def _load(samples: Samples, clock: Callable[[], datetime], stage: Stage) -> Cast:
    with stage("Reference tables"):
        reference.load_everything()
        area = Area.objects.get(code=AREA, valid_to__isnull=True)
        cast = engage(area=area, sites=samples.sites, now=clock())
    with stage("Meter readings") as progress, samples.generation.open("rb") as stream:
        import_readings(
            device=cast.device,
            stream=stream,
            name=samples.generation.name,
            selection={"turbine": TURBINE},
            now=clock(),
            progress=progress,
        )
    with stage("Charging sessions") as progress:
        import_sessions(
            organisation=cast.company,
            upload=Upload(samples.sessions.name, samples.sessions.read_bytes()),
            options=Options(
                profile=PERTH_KINROSS.name,
                area=AREA,
                starts_at=YEAR[0],
                ends_at=YEAR[1],
                final=True,
            ),
            now=clock(),
            progress=progress,
        )
    return cast


def _certify(
    cast: Cast,
    starts_at: datetime,
    ends_at: datetime,
    clock: Callable[[], datetime],
    stage: Stage,
) -> int:
    """Issue, match and settle one part of the year; returns how many acts were certified."""
    name = f"{starts_at:%B}" if ends_at == FEBRUARY else "the rest of the year"
    with stage(f"Certificates of {name}") as progress:
        issue(
            device=cast.device,
            starts_at=starts_at,
            ends_at=ends_at,
            now=clock(),
            progress=progress,
        )
    with stage(f"Matching {name}") as progress:
        match(
            organisation=cast.company,
            starts_at=starts_at,
            ends_at=ends_at,
            now=clock(),
            progress=progress,
        )
    with stage(f"Settling {name}") as progress:
        return settle(clock=clock, progress=progress).certified


def _keep_receipts(cast: Cast, now: datetime) -> None:
    """Twenty charges spread over the year, the same ones each time, go to the demo driver."""
    sessions = list(
        Session.objects.filter(claimant=cast.company, started_at__gte=YEAR[0])
        .order_by("started_at", "uid")
        .values_list("pk", flat=True)
    )
    chosen = sessions[:: max(1, len(sessions) // CLAIMED)][:CLAIMED]
    for receipt in Receipt.objects.filter(session__in=chosen, version=1).order_by("session"):
        claim_receipt(public_id=receipt.public_id, driver=cast.driver, now=now, note=CLAIM_NOTE)
