"""What the pages of a meter file show."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from certificates.domain.drawing import bars, month_sums
from certificates.models import Device, MeterFile
from certificates.services.meters import import_progress
from certificates.services.meters import lines_download as meter_lines_download
from certificates.services.meters import summary as meter_summary

CORRECTIONS_SHOWN, GAPS_SHOWN = 50, 20
ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Oslo",
    "Europe/Copenhagen",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Australia/Brisbane",
    "Australia/Perth",
    "+01:00",
    "+10:00",
)


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A register of a file, and the device that it is probably."""

    place: int
    name: str
    direction: str
    guess: str


def preview(file: MeterFile) -> dict[str, Any]:
    """A file before its import."""
    report = file.report
    days = meter_summary.days(report)
    known = [(day, wh or 0) for day, wh in days]
    able_wh = file.device.capacity_w * 24
    said = meter_summary.said(file)
    is_blocked = any(choice.get("basis") == "open" for choice in report.get("choices", {}).values())
    return {
        "file": file,
        "device": file.device,
        "report": report,
        "format": meter_summary.format_name(file),
        "said": said,
        "asks": [one for one in said if one.asks],
        "filters": {k: v for k, v in file.selection.items() if not k.startswith("@")},
        "zones": ZONES,
        "findings": report.get("findings", []),
        "causes": meter_summary.causes(report),
        **_plot(known, able_wh),
        "days": known,
        "empty_days": sum(1 for _, wh in days if wh is None),
        "full_day_wh": able_wh,
        "months": month_sums(known),
        **_coverage(report),
        "corrections": [
            one | {"start": _moment(one["start"]), "change_wh": one["after_wh"] - one["before_wh"]}
            for one in report.get("diff", [])[:CORRECTIONS_SHOWN]
        ],
        "approved": file.device.status == Device.Status.APPROVED,
        "is_blocked": is_blocked,
        "can_be_corrected": meter_lines_download.can_be_corrected(file),
    }


def _coverage(report: dict[str, Any]) -> dict[str, Any]:
    found = report.get("coverage")
    if not found:
        return {"coverage": None, "gaps": []}
    return {
        "coverage": found | {name: _moment(found[name]) for name in ("first", "last")},
        "gaps": [(_moment(a), _moment(b), count) for a, b, count in found["gaps"][:GAPS_SHOWN]],
    }


def _moment(text: str) -> str:
    """An instant of a report as pages write it."""
    return text.replace("T", " ").removesuffix("Z")


def _plot(days: Sequence[tuple[date, int]], able_wh: int) -> dict[str, Any]:
    """Bars of days against what the plant can make; one wrong value flattens no others."""
    amounts = [wh for _, wh in days]
    highest = max(days, key=lambda one: one[1], default=None)
    most = highest[1] if highest else 0
    top = min(most, able_wh * 11 // 10)
    return {
        "bars": bars(amounts, top=top),
        "highest": highest,
        "cut": sum(wh > top for wh in amounts),
        "able_y": f"{100 - 100 * able_wh / top:.2f}" if top >= able_wh > 0 else "",
    }


def registers(file: MeterFile, devices: Sequence[Device]) -> dict[str, Any]:
    """A file that holds several plants, and the devices they may be."""
    lines = []
    left = list(devices)
    for place, register in enumerate(file.report.get("registers", [])):
        guess = _guess(register["name"], left)
        if guess and register["direction"] != "import":
            left.remove(guess)
        gsrn = guess.gsrn if guess and register["direction"] != "import" else ""
        lines.append(RegisterLine(place, register["name"], register["direction"], gsrn))
    return {
        "file": file,
        "device": file.device,
        "format": meter_summary.format_name(file),
        "registers": lines,
        "devices": devices,
    }


def batch(files: Sequence[MeterFile]) -> dict[str, Any]:
    """Previews and imports of one content for several devices."""
    waiting = [file for file in files if file.status == MeterFile.Status.PREVIEWED]
    return {
        "files": files,
        "name": files[0].name,
        "waiting": len(waiting),
        "done": sum(file.status == MeterFile.Status.IMPORTED for file in files),
        "moving": any(file.status == MeterFile.Status.IMPORTING for file in files),
        "written": _written_together(files),
        "accepted": sum(file.report.get("accepted", 0) for file in waiting),
        "energy_wh": sum(file.report.get("energy_wh", 0) for file in waiting),
        "corrections": sum(file.report.get("corrections", 0) for file in waiting),
        "sha256": files[0].sha256,
    }


def _written_together(files: Sequence[MeterFile]) -> tuple[int, int] | None:
    found = (import_progress.written(import_progress.TOGETHER, file.pk) for file in files)
    return next(filter(None, found), None)


def _guess(name: str, devices: Sequence[Device]) -> Device | None:
    """The one device whose name or number the register carries."""
    words = _words(name)
    same = [one for one in devices if _words(one.name) == words or one.gsrn in name]
    return same[0] if len(same) == 1 else None


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", name.lower())
