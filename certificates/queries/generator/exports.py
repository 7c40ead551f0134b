"""Every list of what an organisation's plants and storage are, metered and were issued, for other
programs: each row that was the organisation's, also of what it has given away since.
"""

from typing import Any

from django.db.models import F, QuerySet

from certificates.models import (
    CertificateImport,
    ChargeAllocation,
    Correction,
    DebtMove,
    Device,
    DischargePart,
    LossInterval,
    Lot,
    MeterFile,
    Organisation,
    Reading,
    StorageRecord,
)
from certificates.queries.generator.handover_effect import handovers_of
from certificates.queries.listing import Listing, same
from certificates.queries.plants.ownership import acted_by, had_by


def _devices(organisation: Organisation) -> QuerySet[Any, Any]:
    return Device.objects.filter(organisation=organisation).order_by("gsrn")


def _lots(organisation: Organisation) -> QuerySet[Any, Any]:
    found = Lot.objects.standing().filter(had_by(organisation))
    return found.order_by("device", "starts_at", "sequence")


def _readings(organisation: Organisation) -> QuerySet[Any, Any]:
    found = Reading.objects.filter(had_by(organisation))
    return found.order_by("device", "starts_at", "version")


def _meter_files(organisation: Organisation) -> QuerySet[Any, Any]:
    return MeterFile.objects.filter(acted_by(organisation, "uploaded_at")).order_by("pk")


def _corrections(organisation: Organisation) -> QuerySet[Any, Any]:
    return Correction.objects.filter(had_by(organisation)).order_by("pk")


def _debt_moves(organisation: Organisation) -> QuerySet[Any, Any]:
    return DebtMove.objects.filter(acted_by(organisation, "posted_at")).order_by("pk")


def _handovers(organisation: Organisation) -> QuerySet[Any, Any]:
    return handovers_of(organisation).order_by("pk")


def _imports(organisation: Organisation) -> QuerySet[Any, Any]:
    return CertificateImport.objects.filter(organisation=organisation).order_by("pk")


def _records(organisation: Organisation) -> QuerySet[Any, Any]:
    found = StorageRecord.objects.filter(had_by(organisation))
    return found.order_by("device", "starts_at", "direction", "version")


def _charges(organisation: Organisation) -> QuerySet[Any, Any]:
    mine = had_by(organisation, "charge__device", "charge__starts_at")
    return ChargeAllocation.objects.standing().filter(mine).order_by("pk")


def _intervals(organisation: Organisation) -> QuerySet[Any, Any]:
    found = LossInterval.objects.filter(had_by(organisation))
    lost = F("opening_wh") + F("input_wh") - F("output_wh") - F("stored_wh")
    return found.annotate(lost=lost).order_by("device", "starts_at")


def _given_back(organisation: Organisation) -> QuerySet[Any, Any]:
    mine = had_by(organisation, "discharge__device", "discharge__starts_at")
    return DischargePart.objects.filter(mine).order_by("pk")


GSRN = ("gsrn", "device__gsrn")
PLANT = (GSRN, ("plant", "device__name"))
LISTINGS: dict[str, Listing[Organisation]] = {
    "devices": Listing(
        "Plants and storage",
        (
            *same("gsrn", "gsrn_origin", "kind", "name", "technology_code", "energy_source_code"),
            ("capacity_w", "capacity_w"),
            ("area", "area__code"),
            *same("commissioned_on", "valid_until", "latitude", "longitude", "support"),
            *same("negative_policy", "quality", "whole_certificates", "status", "registered_at"),
        ),
        _devices,
    ),
    "lots": Listing(
        "Certificates issued",
        (
            ("lot", "code"),
            *PLANT,
            ("generated_by", "generated_by__gsrn"),
            *same("starts_at", "length_minutes", "sequence", "mask", "quality"),
            *same("factor_ug_per_wh", "amount_wh", "first_wh", "issued_at"),
        ),
        _lots,
    ),
    "readings": Listing(
        "Readings",
        (
            *PLANT,
            *same("starts_at", "ends_at", "version", "status", "hold_reason", "quality"),
            *same("energy_wh", "remainder_uwh", "raw_value"),
            ("file", "file__name"),
            ("line", "line"),
        ),
        _readings,
    ),
    "meter-files": Listing(
        "Meter files",
        (
            ("file", "pk"),
            *PLANT,
            *same("name", "status", "rows_done", "uploaded_at"),
            ("uploaded_by", "uploaded_by__email"),
        ),
        _meter_files,
    ),
    "corrections": Listing(
        "Corrections",
        (*PLANT, *same("starts_at", "length_minutes", "before_wh", "after_wh", "corrected_at")),
        _corrections,
    ),
    "debt-moves": Listing(
        "What plants owed and made good",
        (*PLANT, *same("starts_at", "length_minutes", "kind", "amount_wh", "posted_at")),
        _debt_moves,
    ),
    "handovers": Listing(
        "Handovers",
        (
            ("handover", "pk"),
            *PLANT,
            ("seller", "seller__slug"),
            ("buyer", "buyer__slug"),
            *same("effective_on", "status", "message", "reason", "accepted_debt_wh"),
            *same("proposed_at", "accepted_at", "decided_at", "done_at"),
        ),
        _handovers,
    ),
    "imports": Listing(
        "Certificates from other registries",
        (
            ("import", "pk"),
            *PLANT,
            ("registry", "registry__code"),
            *same("name", "status", "reason", "proof", "lines", "lines_done"),
            *same("submitted_by", "submitted_at", "accepted_at", "decided_at"),
        ),
        _imports,
    ),
    "storage-records": Listing(
        "Charge and discharge of storage",
        (
            *PLANT,
            *same("direction", "starts_at", "ends_at", "version", "status", "energy_wh"),
            *same("raw_value", "validator", "recorded_at", "withdrawn_at"),
        ),
        _records,
    ),
    "storage-charges": Listing(
        "Certificates retired for what was stored",
        (
            ("gsrn", "charge__device__gsrn"),
            ("charge_starts_at", "charge__starts_at"),
            ("charge_ends_at", "charge__ends_at"),
            ("lot", "retirement__lot__code"),
            ("lot_gsrn", "retirement__lot__device__gsrn"),
            ("generated_by", "retirement__lot__generated_by__gsrn"),
            ("mask", "retirement__mask"),
            ("amount_wh", "retirement__amount_wh"),
            ("allocated_at", "allocated_at"),
        ),
        _charges,
    ),
    "loss-intervals": Listing(
        "Settled losses of storage",
        (
            GSRN,
            *same("starts_at", "ends_at", "opening_wh", "input_wh", "output_wh", "stored_wh"),
            ("lost_wh", "lost"),
            *same("given_wh", "closed_at"),
        ),
        _intervals,
    ),
    "storage-given-back": Listing(
        "What storage gave back",
        (
            ("gsrn", "discharge__device__gsrn"),
            ("discharge_starts_at", "discharge__starts_at"),
            ("discharge_ends_at", "discharge__ends_at"),
            ("stored_lot", "allocation__retirement__lot__code"),
            *same("drawn_wh", "given_wh"),
            ("lot", "lot__code"),
        ),
        _given_back,
    ),
}
