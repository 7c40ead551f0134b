"""Every list of what an organisation holds, uses and trades, for other programs."""

from typing import Any

from django.db.models import F, Q, QuerySet

from certificates.models import (
    Cancellation,
    LotAsset,
    Offer,
    Organisation,
    OwnRetirement,
    Retirement,
    StandingRun,
)
from certificates.queries.holding.agreements import agreements_of, proposals_of
from certificates.queries.holding.standing_orders import orders_of
from certificates.queries.listing import Listing, same
from certificates.queries.plants.origins import ENERGY_SOURCE, TECHNOLOGY, of_source


def _holdings(organisation: Organisation) -> QuerySet[Any, Any]:
    found = LotAsset.objects.filter(
        asset__balances__account=organisation.account_id, asset__balances__amount__gt=0
    )
    found = found.annotate(
        of_technology=of_source("lot", TECHNOLOGY), of_energy_source=of_source("lot", ENERGY_SOURCE)
    )
    return found.order_by("lot__starts_at", "asset__code")


def _retirements(organisation: Organisation) -> QuerySet[Any, Any]:
    return Retirement.objects.standing().filter(claimant=organisation).order_by("pk")


def _own_retirements(organisation: Organisation) -> QuerySet[Any, Any]:
    return OwnRetirement.objects.filter(organisation=organisation).order_by("pk")


def _offers(organisation: Organisation) -> QuerySet[Any, Any]:
    sides = Q(source=organisation) | Q(destination=organisation)
    return Offer.objects.filter(sides).order_by("pk")


def _agreements(organisation: Organisation) -> QuerySet[Any, Any]:
    return agreements_of(organisation).order_by("pk")


def _proposals(organisation: Organisation) -> QuerySet[Any, Any]:
    return proposals_of(organisation).order_by("pk")


def _orders(organisation: Organisation) -> QuerySet[Any, Any]:
    return orders_of(organisation).order_by("pk")


def _runs(organisation: Organisation) -> QuerySet[Any, Any]:
    return StandingRun.objects.filter(order__holder=organisation).order_by("order", "starts_at")


def _counterparties(organisation: Organisation) -> QuerySet[Any, Any]:
    return organisation.counterparties.order_by("rule", "other__name")


def _notices(organisation: Organisation) -> QuerySet[Any, Any]:
    return organisation.notices.order_by("pk")


def _statements(organisation: Organisation) -> QuerySet[Any, Any]:
    rows = Cancellation.objects.filter(holder=organisation).order_by("pk")
    return rows.annotate(year=F("asked_at__year"))


PLANT = (("gsrn", "lot__device__gsrn"), ("plant", "lot__device__name"))
INTERVAL = (("starts_at", "lot__starts_at"), ("length_minutes", "lot__length_minutes"))
LISTINGS: dict[str, Listing[Organisation]] = {
    "holdings": Listing(
        "Certificates held",
        (
            ("asset", "asset_id"),
            ("certificate", "asset__code"),
            *PLANT,
            ("generated_by", "lot__generated_by__gsrn"),
            ("technology_code", "of_technology"),
            ("energy_source_code", "of_energy_source"),
            ("area", "lot__device__area__code"),
            *INTERVAL,
            ("mask", "mask"),
            ("quality", "lot__quality"),
            ("factor_ug_per_wh", "lot__factor_ug_per_wh"),
            ("amount_wh", "asset__balances__amount"),
        ),
        _holdings,
    ),
    "retirements": Listing(
        "Certificates used",
        (
            ("lot", "lot__code"),
            *PLANT,
            *INTERVAL,
            *same("mask", "amount_wh", "beneficiary_type", "beneficiary", "purpose", "country"),
            *same("consumption_starts_at", "consumption_ends_at", "reference", "retired_at"),
            *same("first_renewable_wh", "first_emissions_wh"),
        ),
        _retirements,
    ),
    "own-retirements": Listing(
        "Certificates used at addresses of your own",
        (
            ("lot", "lot__code"),
            *PLANT,
            *INTERVAL,
            *same("mask", "amount_wh", "reference", "retired_at"),
            *same("first_renewable_wh", "first_emissions_wh"),
        ),
        _own_retirements,
    ),
    "offers": Listing(
        "Offers",
        (
            ("offer", "pk"),
            ("from", "source__slug"),
            ("to", "destination__slug"),
            *same("status", "lots", "amount_wh", "moved_wh", "message"),
            *same("offered_at", "lapses_at", "ended_at"),
        ),
        _offers,
    ),
    "agreements": Listing(
        "Agreements",
        (
            ("agreement", "pk"),
            ("gsrn", "device__gsrn"),
            ("from", "device__organisation__slug"),
            ("to", "to__slug"),
            *same("share_ppm", "wh_per_hour", "starts_at", "ends_at", "ended_from", "agreed_at"),
        ),
        _agreements,
    ),
    "proposals": Listing(
        "Proposed agreements",
        (
            ("proposal", "pk"),
            ("gsrn", "device__gsrn"),
            ("proposed_by", "proposed_by__slug"),
            ("to", "to__slug"),
            *same("share_ppm", "wh_per_hour", "starts_at", "ends_at", "status"),
            *same("proposed_at", "ended_at"),
        ),
        _proposals,
    ),
    "standing-orders": Listing(
        "Standing orders",
        (
            ("order", "pk"),
            ("status", "status"),
            ("gsrn", "device__gsrn"),
            *same("technology", "area", "share_ppm", "wh_per_hour", "wh_per_run", "every"),
            *same("wait_days", "starts_at", "ends_at", "beneficiary_kind", "beneficiary"),
            *same("country", "location", "purpose", "problem", "run_count", "used_wh"),
            *same("ordered_at", "ended_at"),
        ),
        _orders,
    ),
    "standing-order-runs": Listing(
        "Runs of standing orders",
        (
            ("order", "order_id"),
            *same("starts_at", "ends_at", "ran_at"),
            ("lots", "cancellation__lots"),
            ("amount_wh", "cancellation__amount_wh"),
            ("status", "cancellation__status"),
        ),
        _runs,
    ),
    "counterparties": Listing(
        "Whom you allowed and denied",
        (
            ("organisation", "other__slug"),
            ("name", "other__name"),
            *same("rule", "noted_at"),
        ),
        _counterparties,
    ),
    "statements": Listing(
        "Statements",
        (
            ("year", "year"),
            ("count", "pk"),
            *same("status", "lots", "amount_wh", "beneficiary_kind", "beneficiary", "address"),
            *same("country", "location", "purpose", "note"),
            *same("consumption_starts_at", "consumption_ends_at", "asked_at", "ended_at"),
        ),
        _statements,
    ),
    "notices": Listing(
        "What you were told", same("kind", "message", "amount_wh", "sent_at"), _notices
    ),
}
