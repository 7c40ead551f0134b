"""Every list of a charging company, row by row, for other programs."""

from typing import Any

from django.db.models import QuerySet

from certificates.models import Organisation
from certificates.queries.listing import Listing, same
from charging.models import (
    Allocation,
    MatchingRun,
    SessionFile,
    SessionHour,
    SessionRow,
    StandingWish,
)
from charging.queries.company.session_rows import findings_of, sessions_of


def _charges(company: Organisation) -> QuerySet[Any, Any]:
    return sessions_of(company).order_by("started_at", "pk")


def _hours(company: Organisation) -> QuerySet[Any, Any]:
    mine = SessionHour.objects.filter(session__claimant=company, session__voided_at__isnull=True)
    return mine.order_by("starts_at", "pk")


def _matched(company: Organisation) -> QuerySet[Any, Any]:
    mine = Allocation.objects.standing().filter(session_hour__session__claimant=company)
    return mine.order_by("pk")


def _files(company: Organisation) -> QuerySet[Any, Any]:
    return SessionFile.objects.filter(organisation=company).order_by("pk")


def _rows(company: Organisation) -> QuerySet[Any, Any]:
    return SessionRow.objects.filter(file__organisation=company).order_by("file", "line")


def _findings(company: Organisation) -> QuerySet[Any, Any]:
    return findings_of(company).order_by("pk")


def _runs(company: Organisation) -> QuerySet[Any, Any]:
    return MatchingRun.objects.filter(organisation=company).order_by("pk")


def _wishes(company: Organisation) -> QuerySet[Any, Any]:
    return StandingWish.objects.filter(organisation=company).order_by("pk")


SITE = (("site", "evse__location__name"), ("charge_point", "evse__uid"))
LISTINGS: dict[str, Listing[Organisation]] = {
    "charges": Listing(
        "Charges",
        (
            ("charge", "uid"),
            *SITE,
            ("connector", "connector"),
            ("area", "area__code"),
            *same("started_at", "ended_at", "energy_wh", "energy_evidence", "timing_evidence"),
            *same("final", "green_tariff"),
            ("file", "file__name"),
            ("line", "line"),
        ),
        _charges,
    ),
    "charge-hours": Listing(
        "Hours of charges",
        (
            ("charge", "session__uid"),
            ("charge_point", "session__evse__uid"),
            ("area", "session__area__code"),
            *same("starts_at", "length_minutes", "energy_wh", "method"),
        ),
        _hours,
    ),
    "matched": Listing(
        "Certificates used for charges",
        (
            ("charge", "session_hour__session__uid"),
            ("hour_starts_at", "session_hour__starts_at"),
            ("lot", "retirement__lot__code"),
            ("gsrn", "retirement__lot__device__gsrn"),
            ("plant", "retirement__lot__device__name"),
            ("lot_starts_at", "retirement__lot__starts_at"),
            ("mask", "retirement__mask"),
            ("amount_wh", "retirement__amount_wh"),
            ("retired_at", "retirement__retired_at"),
            ("run", "run_id"),
        ),
        _matched,
    ),
    "session-files": Listing(
        "Files of charges",
        (("file", "pk"), *same("name", "profile", "status", "uploaded_at", "reconciled_at")),
        _files,
    ),
    "session-rows": Listing(
        "Rows that were held, refused or repaired",
        (
            ("file", "file__name"),
            *same("line", "status", "reasons", "decision", "decided_at"),
            ("decided_by", "decided_by__email"),
            ("charge", "session__uid"),
            ("row", "raw"),
        ),
        _rows,
        nested=frozenset({"reasons"}),
    ),
    "findings": Listing(
        "Contradictions in charges",
        (
            ("charge", "session__uid"),
            ("charge_point", "session__evse__uid"),
            *same("code", "sentence", "found_at"),
        ),
        _findings,
    ),
    "matching-runs": Listing(
        "Matching runs",
        (
            ("run", "pk"),
            *same("starts_at", "ends_at", "policy", "version", "demand_wh", "supply_wh"),
            *same("matched_wh", "ran_at"),
        ),
        _runs,
    ),
    "standing-wishes": Listing(
        "Standing wishes",
        same("kind", "name", "green_tariff", "valid_from", "valid_to", "set_at"),
        _wishes,
    ),
}
