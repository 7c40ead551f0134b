"""What waits for a person, the longest first: the auditor's and the registrar's desk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse

from certificates.models import CertificateImport, Device, Handover, MeterFile, Reading
from certificates.queries.readings.debts import debts
from charging.models import Cdr, ConnectionMessage, SessionFile, SessionRow
from charging.queries.matching.refusals import all_waiting
from ledger.models import AuditEvent, Batch, OutboxItem
from ledger.services.consistency_runs import CHECKED

COUNTED = 1_000  # a queue longer than this says so and stops counting
PATIENCE = timedelta(hours=1)  # a settlement takes minutes
ALARMS = timedelta(days=30)
CHECK_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Queue:
    """Rows that wait, since when the oldest does, and where they are. `note` says what to do."""

    title: str
    note: str
    count: int
    since: datetime | None
    url: str

    @property
    def more(self) -> bool:
        """Whether there are more than were counted."""
        return self.count > COUNTED


def attention(now: datetime) -> list[Queue]:
    """Every queue with something in it, the one that waits longest first."""
    found = [queue for ask in QUEUES for queue in ask(now) if queue.count]
    return sorted(found, key=lambda queue: (queue.since or now, queue.title))


def held_readings(now: datetime) -> Iterator[Queue]:
    """Readings that a rule held."""
    held = Reading.objects.filter(status=Reading.Status.HELD)
    yield _queue(
        "Held readings",
        "Release or end them in the list.",
        held,
        "file__uploaded_at",
        _list("certificates_reading", "status__exact=held"),
    )


def held_sessions(now: datetime) -> Iterator[Queue]:
    """Rows of session files, and CDRs, that wait for something."""
    yield _queue(
        "Held session rows",
        "The company sees why; a corrected file takes their place.",
        SessionRow.objects.filter(status=SessionRow.Status.HELD),
        "file__uploaded_at",
        _list("charging_sessionrow", "status__exact=held"),
    )
    yield _queue(
        "Held charge records (CDRs)",
        "Each says what it waits for: an area, a credit, a person.",
        Cdr.objects.filter(status=Cdr.Status.HELD),
        "received_at",
        _list("charging_cdr", "status__exact=held"),
    )


def alarms(now: datetime) -> Iterator[Queue]:
    """Messages that contradict what was taken before."""
    yield _queue(
        "Alarms from connections, 30 days",
        "Something sent again with other content. Ask the sender.",
        ConnectionMessage.objects.filter(is_alarm=True, at__gte=now - ALARMS),
        "at",
        _list("charging_connectionmessage", "is_alarm__exact=1"),
    )


def failed_files(now: datetime) -> Iterator[Queue]:
    """Files whose import broke off."""
    for title, files, name in (
        ("Meter files that failed", MeterFile.objects.filter(status="failed"), "meterfile"),
        ("Session files that failed", SessionFile.objects.filter(status="failed"), "sessionfile"),
    ):
        app = "certificates" if name == "meterfile" else "charging"
        url = _list(f"{app}_{name}", "status__exact=failed")
        yield _queue(
            title, "Nothing of them was taken. Send them again.", files, "uploaded_at", url
        )


def settlement(now: datetime) -> Iterator[Queue]:
    """What is not on the chain and should be, and what the chain refused."""
    # One by one, as the indexes of the few that wait have them.
    is_open = Q(status=OutboxItem.Status.PENDING) | Q(status=OutboxItem.Status.SUBMITTED)
    waiting = OutboxItem.objects.filter(is_open, entry__posted_at__lt=now - PATIENCE)
    yield _queue(
        "Waiting for the chain for over an hour",
        "Look whether the chain writer runs: manage.py settle says what hinders it.",
        waiting,
        "entry__posted_at",
        _list("ledger_outboxitem", "open=1"),
    )
    # A batch that was split lives on in its children; a leaf was refused for good.
    refused = Batch.objects.filter(status=Batch.Status.REVERTED, children__isnull=True)
    yield _queue(
        "Refused by the chain",
        "What they would have done was reversed in the book. Find out why.",
        refused,
        "prepared_at",
        _list("ledger_batch", "status__exact=reverted"),
    )


def owed(now: datetime) -> Iterator[Queue]:
    """Devices that were certified for more than they made."""
    found = debts(now)
    since = min((debt.since for debt in found), default=None)
    late = sum(debt.overdue for debt in found)
    note = f"{sum(debt.amount_wh for debt in found):,} Wh are withheld from what they issue next"
    note += f"; {late} of them overdue." if late else "."
    yield Queue("Devices that owe energy", note, len(found), since, _list("certificates_debtmove"))


def devices(now: datetime) -> Iterator[Queue]:
    """Devices that somebody submitted for approval."""
    waiting = Device.objects.filter(status="submitted")
    url = _list("certificates_device", "status__exact=submitted")
    yield Queue("Devices to approve", "", waiting[: COUNTED + 1].count(), None, url)


def handovers(now: datetime) -> Iterator[Queue]:
    """Plants that both sides want to change hands."""
    yield _queue(
        "Plants that change hands",
        "Compare with the deed of sale; approve or refuse in the list.",
        Handover.objects.filter(status=Handover.Status.ACCEPTED),
        "accepted_at",
        _list("certificates_handover", "status__exact=accepted"),
    )


def imports(now: datetime) -> Iterator[Queue]:
    """Certificates of other registries that somebody wants to bring in."""
    yield _queue(
        "Imports to decide",
        "Compare with the other registry's document; accept or refuse in the list.",
        CertificateImport.objects.filter(status=CertificateImport.Status.SUBMITTED),
        "submitted_at",
        _list("certificates_certificateimport", "status__exact=submitted"),
    )


def unchecked(now: datetime) -> Iterator[Queue]:
    """Book and chain were not compared lately, or did not agree when they were."""
    last = AuditEvent.objects.filter(action=CHECKED).order_by("-pk").first()
    if last is not None and not last.detail.get("consistent"):
        url = reverse("admin:consistency_result", args=[last.pk])
        yield Queue("The last check found something", "Look at what was found.", 1, last.at, url)
    elif last is not None and now - last.at > CHECK_EVERY:
        url = reverse("admin:consistency_result", args=[last.pk])
        yield Queue("Not checked for over a day", "Check consistency now, above.", 1, last.at, url)


def stopped_matchings(now: datetime) -> Iterator[Queue]:
    """Matchings that broke a rule and were not booked."""
    found = all_waiting()
    if found:
        oldest = min(found, key=lambda one: one.at)
        yield Queue(
            "Matchings stopped by the checker",
            "They break a rule; nothing of them was booked. Find out why.",
            len(found),
            oldest.at,
            reverse("company-stopped-run", args=[oldest.number]),
        )


QUEUES: tuple[Callable[[datetime], Iterator[Queue]], ...] = (
    held_readings,
    held_sessions,
    alarms,
    failed_files,
    settlement,
    owed,
    devices,
    handovers,
    imports,
    stopped_matchings,
    unchecked,
)


def _queue(title: str, note: str, rows: "QuerySet[object]", at: str, url: str) -> Queue:  # type: ignore[type-var]
    """The rows counted up to the bound; rows come in time order, so the first is the oldest."""
    count = rows.order_by()[: COUNTED + 1].count()
    since = rows.order_by("pk").values_list(at, flat=True).first() if count else None
    return Queue(title, note, count, since, url)


def _list(name: str, question: str = "") -> str:
    return reverse(f"admin:{name}_changelist") + (f"?{question}" if question else "")
