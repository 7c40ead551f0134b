"""How a file of sessions is to be read: chosen, checked, kept with the file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from certificates.models import Organisation, Role
from charging.domain.profiles import MAPPED, PROFILES, Profile, mapped
from charging.errors import InvalidPeriod, NotAChargingCompany, UnknownProfile
from charging.queries.areas import Areas


@dataclass(frozen=True, slots=True)
class Options:
    """How to read a file. `starts_at` and `ends_at` select sessions by their start (UTC).

    `final` declares that the file's sessions will not change: only those are retired for.
    `mapping` is a layout of the person's own, with the profile `mapped`.
    """

    profile: str
    area: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    final: bool = False
    mapping: Mapping[str, Any] | None = None


def check_options(organisation: Organisation, options: Options) -> Profile:
    """The layout that a file is to be read by.

    Raises: NotAChargingCompany, UnknownProfile, InvalidMapping, UnknownArea, InvalidPeriod.
    """
    if not organisation.roles.filter(role=Role.CHARGING_COMPANY).exists():
        raise NotAChargingCompany(
            f"{organisation.name} is no charging company; only those send sessions."
        )
    if options.profile == MAPPED:
        profile = mapped(options.mapping or {})
    elif options.profile in PROFILES:
        profile = PROFILES[options.profile]
    else:
        raise UnknownProfile(
            f"No profile {options.profile!r}. Known: {', '.join(sorted(PROFILES))}."
        )
    if options.starts_at and options.ends_at and options.ends_at <= options.starts_at:
        raise InvalidPeriod("The period ends before it starts. Give --from before --to.")
    if options.area:
        Areas().check_code(options.area)
    return profile


def options_json(options: Options) -> dict[str, Any]:
    """The options as they are kept with a file."""
    chosen = {"mapping": dict(options.mapping)} if options.mapping else {}
    return chosen | {
        "profile": options.profile,
        "area": options.area,
        "from": options.starts_at.isoformat() if options.starts_at else None,
        "to": options.ends_at.isoformat() if options.ends_at else None,
        "final": options.final,
    }


def options_from(kept: Mapping[str, Any]) -> Options:
    """The options that were kept with a file, as an import takes them."""
    return Options(
        profile=kept.get("profile", ""),
        area=kept.get("area", ""),
        starts_at=_instant(kept.get("from")),
        ends_at=_instant(kept.get("to")),
        final=bool(kept.get("final")),
        mapping=kept.get("mapping"),
    )


def file_key(data: bytes, organisation: Organisation, options: Options) -> str:
    """The natural key of an import: the file's content, whose it is, and how it is read."""
    content = json.dumps([organisation.slug, options_json(options)], sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return f"import:{hashlib.sha256(data).hexdigest()}:{digest[:16]}"


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
