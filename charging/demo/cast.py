"""Who takes part in the demo: a wind farm, a council's chargers, an audit office, a driver.

The facts of the plant: Kelmarsh wind farm, Northamptonshire, six Senvion MM92 of 2.05 MW
(Plumley 2022, CC-BY-4.0). Its number is synthetic; its generation is SCADA mean power and
therefore "calculated".
"""

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from certificates.domain import gsrn
from certificates.domain.device_facts import DeviceFacts
from certificates.models import Area, Device, Organisation, Role, User
from certificates.services.holding.agreements import agree
from certificates.services.organisations import add_member, register_organisation
from certificates.services.plants.devices import register_device
from charging.domain.session_file import decode
from charging.services.locations import Site, register_sites
from charging.services.matching.closing import set_grace
from charging.services.score_publishers import let_publish

AREA = "10YGB----------A"
TURBINE = "Kelmarsh 2"
SHARE_PPM = 46_300  # the council's yearly use as a share of the turbine's yearly output
# One password for all four, written down here and printed on purpose: a demo registry holds
# nothing to protect, and a registry in production refuses to load the demo.
PASSWORD = "green-charge-demo"  # noqa: S105
ACTOR = "demo"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Login:
    """A person of the demo, what they are, and for whom they act."""

    email: str
    role: str
    slug: str = ""


AUDITOR = Login("auditor@example.org", Role.AUDITOR, "audit-office")
GENERATOR = Login("generator@example.org", Role.PRODUCER, "kelmarsh")
COMPANY = Login("company@example.org", Role.CHARGING_COMPANY, "perth-kinross")
DRIVER = Login("driver@example.org", "driver")
LOGINS = (AUDITOR, GENERATOR, COMPANY, DRIVER)
NAMES = {
    AUDITOR.slug: "Demo audit office",
    GENERATOR.slug: "Kelmarsh Wind Ltd",
    COMPANY.slug: "Perth & Kinross Council chargers",
}


@dataclass(frozen=True, slots=True)
class Cast:
    """The rows of those who take part."""

    producer: Organisation
    company: Organisation
    device: Device
    driver: User


def engage(*, area: Area, sites: Path, now: datetime) -> Cast:
    """Register everybody, the turbine and the agreement; again changes nothing."""
    organisations, users = {}, {}
    for login in LOGINS:
        users[login.email] = _user(login)
        if login.slug:
            organisations[login.slug] = register_organisation(
                name=NAMES[login.slug],
                slug=login.slug,
                roles=[login.role],
                now=now,
                actor=ACTOR,
            )
            add_member(
                organisation=organisations[login.slug],
                user=users[login.email],
                role=login.role,
                now=now,
                actor=ACTOR,
            )
    company = organisations[COMPANY.slug]
    let_publish(person=users[COMPANY.email], now=now, actor=ACTOR)
    device = register_device(facts=_turbine(), now=now, approve=True, actor=ACTOR)
    agree(device=device, to=company, share_ppm=SHARE_PPM, now=now, actor=ACTOR)
    register_sites(operator=company, sites=_sites(sites), country="GB", area=area)
    set_grace(
        area=None,
        grace_minutes=0,
        valid_from=LONG_AGO,
        reason="The demo waits for nothing: an hour closes as soon as it is over.",
        actor=ACTOR,
        now=now,
    )
    return Cast(organisations[GENERATOR.slug], company, device, users[DRIVER.email])


def _user(login: Login) -> User:
    known = User.objects.filter(email__iexact=login.email).first()
    if known:
        return known
    return User.objects.create_user(
        login.email, PASSWORD, is_staff=login is AUDITOR, first_name=login.role.capitalize()
    )


def _turbine() -> DeviceFacts:
    return DeviceFacts(
        gsrn=gsrn.make(gsrn.SYNTHETIC_PREFIX, 2),
        name=TURBINE,
        organisation=GENERATOR.slug,
        technology_code="T020001",
        energy_source_code="F01050100",
        capacity_w=2_050_000,
        area=AREA,
        commissioned_on=date(2016, 4, 1),
        latitude=Decimal("52.400000"),
        longitude=Decimal("-0.947000"),
        quality="calculated",
    )


def _sites(path: Path) -> list[Site]:
    rows = csv.DictReader(decode(path.read_bytes()).splitlines())
    return [
        Site(
            spelling=row["site"],
            name=row["location"],
            latitude=Decimal(row["latitude"]),
            longitude=Decimal(row["longitude"]),
        )
        for row in rows
    ]
