"""How a company's connections are: seen when, what was taken and refused, what waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from certificates.models import Organisation
from charging.models import Cdr, Connection, ConnectionMessage

WINDOW = timedelta(days=30)
SHOWN = 20  # alarms and held CDRs on one page


@dataclass(frozen=True, slots=True)
class ModuleCount:
    """Messages of one module in the window."""

    module: str
    taken: int
    refused: int
    with_notices: int


@dataclass(frozen=True, slots=True)
class Refusals:
    """Refusals of one kind in the window, and the newest one in words."""

    kind: str
    count: int
    last: ConnectionMessage


@dataclass(frozen=True, slots=True)
class ConnectionHealth:
    """One connection and its last thirty days; alarms are of all time."""

    connection: Connection
    modules: tuple[ModuleCount, ...]
    refusals: tuple[Refusals, ...]
    alarms: tuple[ConnectionMessage, ...]

    @property
    def roles(self) -> str:
        """What the other side said it is, in words."""
        return ", ".join(
            f"{role['country_code']}*{role['party_id']} ({role['role']})"
            for role in self.connection.roles
        )


def connections_of(organisation: Organisation, now: datetime) -> list[ConnectionHealth]:
    """The company's connections, the newest first."""
    rows = Connection.objects.filter(organisation=organisation).order_by("-pk")
    return [_health(row, now - WINDOW) for row in rows]


def held_of(organisation: Organisation) -> list[Cdr]:
    """CDRs that this company may claim and that wait for something, the oldest first."""
    return list(_held(organisation).select_related("party").order_by("pk")[:SHOWN])


def count_held(organisation: Organisation) -> int:
    """How many there are."""
    return _held(organisation).count()


def _held(organisation: Organisation) -> QuerySet[Cdr]:
    """What is only about to be placed waits for nothing."""
    held = Cdr.objects.filter(claimant=organisation, status=Cdr.Status.HELD)
    return held.exclude(hold=Cdr.TO_PLACE)


def _health(connection: Connection, since: datetime) -> ConnectionHealth:
    recent = ConnectionMessage.objects.filter(connection=connection, at__gte=since)
    modules = recent.values_list("module").annotate(
        taken=Count("pk", filter=Q(kind="")),
        refused=Count("pk", filter=~Q(kind="")),
        noticed=Count("pk", filter=~Q(notices=[])),
    )
    kinds = recent.exclude(kind="").values_list("kind").annotate(n=Count("pk")).order_by("-n")
    alarms = ConnectionMessage.objects.filter(connection=connection, is_alarm=True)
    return ConnectionHealth(
        connection=connection,
        modules=tuple(ModuleCount(*row) for row in modules.order_by("module")),
        refusals=tuple(
            Refusals(kind, n, recent.filter(kind=kind).order_by("-pk")[0]) for kind, n in kinds
        ),
        alarms=tuple(alarms.order_by("-pk")[:SHOWN]),
    )
