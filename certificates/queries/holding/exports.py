"""Every list of an organisation's certificates, row by row, for other programs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet

from certificates.domain.exporting import Row
from certificates.models import (
    Agreement,
    Cancellation,
    Lot,
    LotAsset,
    Offer,
    Organisation,
    OwnRetirement,
    Reading,
    Retirement,
)
from certificates.queries.plants.origins import ENERGY_SOURCE, TECHNOLOGY, of_source
from certificates.queries.plants.ownership import acted_by, had_by

AT_ONCE = 2_000  # rows fetched together


@dataclass(frozen=True, slots=True)
class Listing:
    """A list's columns, as (name, path), and the rows that an organisation may see."""

    columns: tuple[tuple[str, str], ...]
    found: Callable[[Organisation], QuerySet[Any, Any]]

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.columns]

    def rows(self, organisation: Organisation) -> Iterator[Row]:
        """Fetched some at a time, so that any number fits."""
        paths = [path for _, path in self.columns]
        return self.found(organisation).values_list(*paths).iterator(chunk_size=AT_ONCE)

    def has_more_than(self, count: int, organisation: Organisation) -> bool:
        """Whether there are more rows than so many; no more are counted."""
        return bool(self.found(organisation).order_by().values("pk")[: count + 1].count() > count)


def _holdings(organisation: Organisation) -> QuerySet[Any, Any]:
    found = LotAsset.objects.filter(
        asset__balances__account=organisation.account_id, asset__balances__amount__gt=0
    )
    found = found.annotate(
        of_technology=of_source("lot", TECHNOLOGY), of_energy_source=of_source("lot", ENERGY_SOURCE)
    )
    return found.order_by("lot__starts_at", "asset__code")


def _lots(organisation: Organisation) -> QuerySet[Any, Any]:
    found = Lot.objects.standing().filter(had_by(organisation))
    return found.order_by("device", "starts_at", "sequence")


def _retirements(organisation: Organisation) -> QuerySet[Any, Any]:
    return Retirement.objects.standing().filter(claimant=organisation).order_by("pk")


def _own_retirements(organisation: Organisation) -> QuerySet[Any, Any]:
    return OwnRetirement.objects.filter(organisation=organisation).order_by("pk")


def _offers(organisation: Organisation) -> QuerySet[Any, Any]:
    sides = Q(source=organisation) | Q(destination=organisation)
    return Offer.objects.filter(sides).order_by("pk")


def _agreements(organisation: Organisation) -> QuerySet[Any, Any]:
    sides = acted_by(organisation, "agreed_at") | Q(to=organisation)
    return Agreement.objects.filter(sides).order_by("pk")


def _readings(organisation: Organisation) -> QuerySet[Any, Any]:
    found = Reading.objects.filter(had_by(organisation))
    return found.order_by("device", "starts_at", "version")


def _statements(organisation: Organisation) -> QuerySet[Any, Any]:
    rows = Cancellation.objects.filter(holder=organisation).order_by("pk")
    return rows.annotate(year=F("asked_at__year"))


def _same(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in names)


PLANT = (("gsrn", "lot__device__gsrn"), ("plant", "lot__device__name"))
LISTINGS: dict[str, Listing] = {
    "holdings": Listing(
        (
            ("asset", "asset_id"),
            ("certificate", "asset__code"),
            *PLANT,
            ("generated_by", "lot__generated_by__gsrn"),
            ("technology_code", "of_technology"),
            ("energy_source_code", "of_energy_source"),
            ("area", "lot__device__area__code"),
            ("starts_at", "lot__starts_at"),
            ("length_minutes", "lot__length_minutes"),
            ("mask", "mask"),
            ("quality", "lot__quality"),
            ("factor_ug_per_wh", "lot__factor_ug_per_wh"),
            ("amount_wh", "asset__balances__amount"),
        ),
        _holdings,
    ),
    "lots": Listing(
        (
            ("lot", "code"),
            ("gsrn", "device__gsrn"),
            ("plant", "device__name"),
            ("generated_by", "generated_by__gsrn"),
            *_same("starts_at", "length_minutes", "sequence", "mask", "quality"),
            *_same("factor_ug_per_wh", "amount_wh", "first_wh", "issued_at"),
        ),
        _lots,
    ),
    "retirements": Listing(
        (
            ("lot", "lot__code"),
            *PLANT,
            ("starts_at", "lot__starts_at"),
            ("length_minutes", "lot__length_minutes"),
            *_same("mask", "amount_wh", "beneficiary_type", "beneficiary", "purpose", "country"),
            *_same("consumption_starts_at", "consumption_ends_at", "reference", "retired_at"),
            *_same("first_renewable_wh", "first_emissions_wh"),
        ),
        _retirements,
    ),
    "own-retirements": Listing(
        (
            ("lot", "lot__code"),
            *PLANT,
            ("starts_at", "lot__starts_at"),
            ("length_minutes", "lot__length_minutes"),
            *_same("mask", "amount_wh", "reference", "retired_at"),
            *_same("first_renewable_wh", "first_emissions_wh"),
        ),
        _own_retirements,
    ),
    "offers": Listing(
        (
            ("offer", "pk"),
            ("from", "source__slug"),
            ("to", "destination__slug"),
            *_same("status", "lots", "amount_wh", "moved_wh", "message"),
            *_same("offered_at", "lapses_at", "ended_at"),
        ),
        _offers,
    ),
    "agreements": Listing(
        (
            ("agreement", "pk"),
            ("gsrn", "device__gsrn"),
            ("from", "device__organisation__slug"),
            ("to", "to__slug"),
            *_same("share_ppm", "wh_per_hour", "starts_at", "ends_at", "ended_from", "agreed_at"),
        ),
        _agreements,
    ),
    "readings": Listing(
        (
            ("gsrn", "device__gsrn"),
            ("plant", "device__name"),
            *_same("starts_at", "ends_at", "version", "status", "quality"),
            *_same("energy_wh", "remainder_uwh", "raw_value"),
            ("file", "file__name"),
        ),
        _readings,
    ),
    "statements": Listing(
        (
            ("year", "year"),
            ("count", "pk"),
            *_same("status", "lots", "amount_wh", "beneficiary_kind", "beneficiary", "address"),
            *_same("country", "location", "purpose", "note"),
            *_same("consumption_starts_at", "consumption_ends_at", "asked_at", "ended_at"),
        ),
        _statements,
    ),
}
