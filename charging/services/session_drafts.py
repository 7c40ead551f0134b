"""A file that a person uploads: kept sealed, shown as it would be read, imported on their yes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from certificates.models import Organisation, User
from charging.domain.profiles import MAPPED, PROFILES
from charging.domain.session_file import header_of, read_all
from charging.errors import ChargingError, DecisionRefused
from charging.models import SessionDraft, SessionFile
from charging.models.sealing import seal, unseal
from charging.services.sessions import ImportReport, Options, Upload, file_key, import_sessions

KEPT = timedelta(days=1)
MOST = 5  # drafts of one company at a time; the oldest makes room
GUESSES = {  # words of which a column's name has one, most telling first
    "charger": ("charger", "cp id", "evse", "station", "charge point"),
    "connector": ("connector", "plug id", "socket"),
    "start_date": ("start", "arrival", "begin", "plugin"),
    "end_date": ("end", "departure", "stop", "plugout"),
    "energy": ("kwh", "energy", "wh"),
    "site": ("site", "location", "garage", "address"),
    "session_id": ("session",),
}


@dataclass(frozen=True, slots=True)
class Understood:
    """How a draft would be read: its columns, and the report; or why it cannot be read so."""

    columns: tuple[str, ...]
    report: ImportReport | None
    refusal: str = ""


@transaction.atomic
def upload(
    *, organisation: Organisation, user: User, file: Any, area: str, now: datetime
) -> SessionDraft:
    """Keep an uploaded file for its preview. Raises: FileTooLarge, UnreadableFile."""
    data = read_all(file)
    header = header_of(data)
    SessionDraft.objects.filter(uploaded_at__lt=now - KEPT).delete()
    mine = SessionDraft.objects.filter(organisation=organisation).order_by("-pk")
    SessionDraft.objects.filter(pk__in=list(mine.values_list("pk", flat=True)[MOST - 1 :])).delete()
    return SessionDraft.objects.create(
        organisation=organisation,
        name=file.name[:200],
        body=seal(data),
        options={**guess(header), "area": area},
        uploaded_by=user,
        uploaded_at=now,
    )


def guess(header: list[str]) -> dict[str, Any]:
    """The shipped layout that fits the columns best, else a layout to be looked over."""
    fitting = [each for each in PROFILES.values() if set(each.columns) <= set(header)]
    if fitting:
        return {"profile": max(fitting, key=lambda each: len(each.columns)).name}
    chosen: dict[str, Any] = {}
    for field, words in GUESSES.items():
        for word in words:
            free = [name for name in header if name and name not in chosen.values()]
            match = next((name for name in free if word in name.lower()), "")
            if match:
                chosen[field] = match
                break
    return {"profile": MAPPED, "mapping": chosen}


@transaction.atomic
def choose(*, draft: SessionDraft, options: dict[str, Any]) -> None:
    """How the draft is to be read from now on."""
    draft.options = options
    draft.save(update_fields=["options"])


def understand(*, draft: SessionDraft, now: datetime) -> Understood:
    """Read a draft as its options say; nothing is written."""
    data = unseal(draft.body)
    columns = tuple(header_of(data))
    try:
        report = import_sessions(
            organisation=draft.organisation,
            upload=Upload(draft.name, data),
            options=options_of(draft),
            now=now,
            dry_run=True,
        )
    except ChargingError as error:
        return Understood(columns, None, str(error))
    return Understood(columns, report)


@transaction.atomic
def confirm(*, organisation: Organisation, draft_id: int, user: User, now: datetime) -> SessionFile:
    """Import a draft as it was shown. Twice imports once.

    Raises: DecisionRefused for a draft that is gone, and what `import_sessions` raises.
    """
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    draft = SessionDraft.objects.filter(pk=draft_id, organisation=organisation).first()
    if draft is None:
        raise DecisionRefused("This upload was imported or has expired. Upload the file again.")
    data = unseal(draft.body)
    options = options_of(draft)
    import_sessions(
        organisation=organisation,
        upload=Upload(draft.name, data, user),
        options=options,
        now=now,
    )
    draft.delete()
    return SessionFile.objects.get(key=file_key(data, organisation, options))


def options_of(draft: SessionDraft) -> Options:
    """The draft's options as the import takes them."""
    chosen = draft.options
    return Options(
        profile=chosen.get("profile", ""),
        area=chosen.get("area", ""),
        final=bool(chosen.get("final")),
        mapping=chosen.get("mapping"),
    )
