"""A person changes or agrees to what a preview showed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from certificates.domain.formats.choices import GRAVE, GUESSED, MARK, OPEN, question
from certificates.errors import ChoiceNeeded, ChoiceRefused
from certificates.models import Device, MeterFile, User
from certificates.services.meters.examination import examine, report_of, shared_reads
from certificates.services.meters.identity import keep, known_file
from certificates.services.meters.readings import check_device, open_preview
from certificates.services.meters.storing import StoredFile
from ledger.services import audit

MOST_DEVICES = 200  # in one file
CONFIRMED = "meter_file.confirmed"  # the audit event of a confirmation


@transaction.atomic
def confirm(*, file: MeterFile, user: User, now: datetime) -> bool:
    """Release a previewed file for import; False where that was done before.

    What was guessed and shown is from now on chosen. Raises: ChoiceNeeded.
    """
    waiting = MeterFile.objects.select_for_update().filter(
        pk=file.pk, status=MeterFile.Status.PREVIEWED
    )
    row = waiting.first()
    if row is None:
        return False
    row.selection = _agreed(row)
    row.status = MeterFile.Status.IMPORTING
    row.save(update_fields=["selection", "status"])
    audit.record(actor=user, action=CONFIRMED, subject=row, now=now)
    return True


@transaction.atomic
def confirm_all(*, files: Sequence[MeterFile], user: User, now: datetime) -> int:
    """Release all or none; how many were. Raises: ChoiceNeeded."""
    return sum(confirm(file=file, user=user, now=now) for file in files)


def _agreed(file: MeterFile) -> dict[str, str]:
    made = file.report.get("choices", {})
    selection = dict(file.selection)
    for name in ("key", *GRAVE):
        choice = made.get(name)
        if choice and choice["basis"] == OPEN:
            sentence = question(name) if name != "key" else "Choose which plant is meant."
            raise ChoiceNeeded(sentence, choice=name)
        if choice and choice["basis"] == GUESSED:
            selection[f"{MARK}{name}"] = choice["value"]
    return selection


@transaction.atomic
def reread(*, file: MeterFile, changes: Mapping[str, str], now: datetime) -> MeterFile:
    """Read a previewed file again with other choices; answers with the file that says so.

    `changes` are choices by name, an empty one takes a choice back. Another preview or
    import of the same content with the same choices is the answer, if there is one.
    Raises: ChoiceRefused, MeterFileRefused and its kinds, after which nothing changed.
    """
    row = _previewed(file)
    selection = {
        **row.selection,
        **{f"{MARK}{name}": value.strip() for name, value in changes.items()},
    }
    selection = {name: value for name, value in selection.items() if value}
    stored = StoredFile(row.sha256, row.stored_as, 0)
    known = known_file(row.device, stored, selection, now)
    if known and known.pk != row.pk:
        row.delete()  # a preview holds nothing yet
        return known
    report = open_preview(row.device, stored, selection, now)
    facts = _facts(row)
    row.delete()
    return keep(device=row.device, stored=stored, selection=selection, report=report, **facts)


@transaction.atomic
def assign(*, file: MeterFile, devices: Mapping[int, Device], now: datetime) -> list[MeterFile]:
    """A preview for each device whose register a file holds, read once for all.

    `devices` are by the place of their register in the file's report. Takes the place of the
    preview that asked. Raises: ChoiceRefused, DeviceNotApproved, MeterFileRefused.
    """
    row = _previewed(file)
    registers = row.report.get("registers", [])
    if not devices:
        raise ChoiceRefused("Choose a plant for at least one line.", choice="key")
    if len(devices) > MOST_DEVICES or len(set(devices.values())) < len(devices):
        raise ChoiceRefused("Each plant may stand for one line only.", choice="key")
    if any(place >= len(registers) for place in devices):
        raise ChoiceRefused("The file has no such plant. Upload it again.", choice="key")
    stored = StoredFile(row.sha256, row.stored_as, 0)
    facts, base = _facts(row), dict(row.selection)
    row.delete()
    kept = []
    with shared_reads(stored, row.device) as reads:
        for place, device in sorted(devices.items()):
            check_device(device)
            selection = {**base, **registers[place]["selection"]}
            known = known_file(device, stored, selection, now)
            if known is None:
                read = reads.read(selection)
                examined = examine(device=device, read=read, now=now, must_be_settled=False)
                known = keep(
                    device=device,
                    stored=stored,
                    selection=selection,
                    report=report_of(examined),
                    **facts,
                )
            kept.append(known)
    return kept


def _previewed(file: MeterFile) -> MeterFile:
    rows = MeterFile.objects.select_for_update(of=["self"]).select_related("device__area")
    row = rows.filter(pk=file.pk, status=MeterFile.Status.PREVIEWED).first()
    if row is None:
        raise ChoiceRefused("The file is on its way already and cannot be read otherwise.")
    return row


def _facts(row: MeterFile) -> dict[str, object]:
    return {
        "status": MeterFile.Status.PREVIEWED,
        "name": row.name,
        "uploaded_by": row.uploaded_by,
        "uploaded_at": row.uploaded_at,
    }
