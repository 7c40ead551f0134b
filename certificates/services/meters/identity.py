"""Which uploads of a meter file are the same one, and which say something again."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from certificates.errors import FileOvertaken
from certificates.models import Device, MeterFile, Reading
from certificates.services.meters.examination import examine_stored, report_of
from certificates.services.meters.storing import StoredFile

Status = MeterFile.Status
REPEATS = "repeats"  # in a report: which earlier import the file says again


def known_file(
    device: Device, stored: StoredFile, selection: Mapping[str, str], now: datetime
) -> MeterFile | None:
    """The file that answers an upload of the same content, device and selection.

    None where there is none, where it failed, and where what it said was corrected since: the
    upload then states those values again, as a correction.
    """
    latest = _latest(device, stored, selection)
    if latest is None or latest.status == Status.FAILED or corrections_since(latest, now):
        return None
    return latest


def check_not_overtaken(
    device: Device, stored: StoredFile, selection: Mapping[str, str], now: datetime
) -> None:
    """For uploads that nobody looks at before they count. Raises: FileOvertaken."""
    latest = _latest(device, stored, selection)
    since = corrections_since(latest, now) if latest else 0
    if latest and since:
        raise FileOvertaken(
            f"{latest.name} was imported already (sent {latest.uploaded_at:%Y-%m-%d %H:%M} UTC), "
            f"and {since} of its values were corrected since. Nothing was changed. To correct "
            "them back to what this file says, send it with again=true (command: --again)."
        )


def corrections_since(file: MeterFile, now: datetime) -> int:
    """How many values of an imported file another one has taken the place of."""
    if file.status != Status.IMPORTED or not _later_readings(file).exists():
        return 0
    stored = StoredFile(file.sha256, file.stored_as, 0)
    examined = examine_stored(file.device, stored, file.selection, now, must_be_settled=False)
    return int(report_of(examined)["corrections"])


def keep(
    *, device: Device, stored: StoredFile, selection: Mapping[str, str], **facts: Any
) -> MeterFile:
    """Write a file's row, over one that failed; one that says something again gets its own."""
    latest = _latest(device, stored, selection)
    if latest is None:
        key = key_of(device, stored, selection)
    elif latest.status != Status.IMPORTED or not _later_readings(latest).exists():
        key = latest.key
    else:
        # Until a reading is stored, a second click finds the first one's row under this key.
        last = Reading.objects.filter(device=device).order_by("-pk").values_list("pk", flat=True)
        key = f"{_again(key_of(device, stored, selection))}{last[:1].get()}"
        earlier = {"file": latest.pk, "sent": latest.uploaded_at.isoformat()}
        facts["report"] = facts.get("report", {}) | {REPEATS: earlier}
    values = {
        "device": device,
        "sha256": stored.sha256,
        "stored_as": stored.stored_as,
        "selection": dict(selection),
        **facts,
    }
    # What another process kept or imported at the same time stays as it is.
    file, is_new = MeterFile.objects.get_or_create(key=key, defaults=values)
    if not is_new and file.status == Status.FAILED:
        for name, value in values.items():
            setattr(file, name, value)
        file.save(update_fields=list(values))
    return file


def key_of(device: Device, stored: StoredFile, selection: Mapping[str, str]) -> str:
    """What makes two uploads the same."""
    chosen = "&".join(f"{name}={value}" for name, value in sorted(selection.items()))
    if len(chosen) > 100:
        chosen = hashlib.sha256(chosen.encode()).hexdigest()
    return f"import:{stored.sha256}:{device.gsrn}:{chosen}"


def _again(key: str) -> str:
    """How the keys of later uploads begin; the last reading they were made after follows."""
    return f"import-again:{hashlib.sha256(key.encode()).hexdigest()}:"


def _latest(device: Device, stored: StoredFile, selection: Mapping[str, str]) -> MeterFile | None:
    key = key_of(device, stored, selection)
    same = MeterFile.objects.filter(Q(key=key) | Q(key__startswith=_again(key)))
    return same.select_related("device__area").order_by("-pk").first()


def _later_readings(file: MeterFile):  # type: ignore[no-untyped-def]
    own = file.readings.order_by("-pk").values_list("pk", flat=True).first()
    later = Reading.objects.filter(device=file.device)
    return later.exclude(file=file) if own is None else later.filter(pk__gt=own)
