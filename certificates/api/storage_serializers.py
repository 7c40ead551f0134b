"""How storage reads over the API; the names of the flows are EnergyTag's."""

from typing import Any

from rest_framework import serializers

from certificates.api.serializers import DeviceSerializer
from certificates.domain.bulk_lines import CODE_DIGITS, LARGEST_WH
from certificates.domain.storage.terms import LONGEST_MONTHS, METHODS
from certificates.models import (
    ChargeAllocation,
    Device,
    DischargePart,
    LossInterval,
    StorageRecord,
)
from ledger.api.sent import Instant, Sent

TERMS = "storage_terms"
MOST_LINES = 10_000


class StorageSerializer(serializers.ModelSerializer[Device]):
    """A storage device and what is fixed for it."""

    organisation = serializers.SlugField(source="organisation.slug", read_only=True)
    area = serializers.CharField(source="area.code", read_only=True)
    capacity_wh = serializers.IntegerField(source=f"{TERMS}.capacity_wh", read_only=True)
    method = serializers.ChoiceField(list(METHODS), source=f"{TERMS}.method", read_only=True)
    loss_months = serializers.IntegerField(source=f"{TERMS}.loss_months", read_only=True)
    starts_at = serializers.DateTimeField(source=f"{TERMS}.starts_at", read_only=True)
    opening_wh = serializers.IntegerField(source=f"{TERMS}.opening_wh", read_only=True)

    class Meta:
        model = Device
        fields = [
            *(
                name
                for name in DeviceSerializer.Meta.fields
                if name
                not in (
                    "technology_code",
                    "energy_source_code",
                    "support",
                    "negative_policy",
                    "quality",
                )
            ),
            "capacity_wh",
            "method",
            "loss_months",
            "starts_at",
            "opening_wh",
        ]
        read_only_fields = fields


class StorageFactsSerializer(Sent):
    """What storage must state. The first loss interval begins on `starts_on`, 00:00 UTC."""

    gsrn = serializers.CharField(required=False, allow_blank=True, max_length=18)
    name = serializers.CharField(max_length=200)
    capacity_w = serializers.IntegerField(min_value=1, max_value=10**12)
    capacity_wh = serializers.IntegerField(min_value=1, max_value=10**12)
    method = serializers.ChoiceField(list(METHODS))
    loss_months = serializers.IntegerField(min_value=1, max_value=LONGEST_MONTHS)
    area = serializers.CharField(max_length=40)
    commissioned_on = serializers.DateField()
    starts_on = serializers.DateField(required=False)
    opening_wh = serializers.IntegerField(required=False, min_value=0, max_value=10**12)
    latitude = serializers.DecimalField(9, 6, required=False, min_value=-90, max_value=90)
    longitude = serializers.DecimalField(9, 6, required=False, min_value=-180, max_value=180)


class RecordSerializer(serializers.ModelSerializer[StorageRecord]):
    """A charge (SCR) or a discharge (SDR), in whole Wh."""

    class Meta:
        model = StorageRecord
        fields = [
            "id",
            "direction",
            "starts_at",
            "ends_at",
            "version",
            "energy_wh",
            "raw_value",
            "validator",
            "status",
            "recorded_at",
            "withdrawn_at",
        ]
        read_only_fields = fields


class SentRecordSerializer(Sent):
    """Wh below zero went in, above zero came out. As text where it has decimals."""

    flow_start_datetime = Instant()
    flow_end_datetime = Instant()
    flow_energy = serializers.CharField()
    validator_id = serializers.CharField(required=False, max_length=100)


class SentRecordsSerializer(Sent):
    """Records as JSON; with `replace` another value takes the place of the one in force."""

    records = SentRecordSerializer(many=True)
    replace = serializers.BooleanField(default=False)


class RecordFileSerializer(Sent):
    """Records as a CSV file with the columns of EnergyTag's reference registry."""

    file = serializers.FileField()
    replace = serializers.BooleanField(default=False)


class RecordReportSerializer(serializers.Serializer[Any]):
    """rows = recorded + replaced + duplicates + empty"""

    rows = serializers.IntegerField()
    recorded = serializers.IntegerField()
    replaced = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    empty = serializers.IntegerField()


class WithdrawRecordsSerializer(Sent):
    records = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_WH), max_length=MOST_LINES
    )


class WithdrawalReportSerializer(serializers.Serializer[Any]):
    """`kept_wh` are on the chain and stay retired for their interval."""

    records = serializers.IntegerField()
    returned_wh = serializers.IntegerField()
    kept_wh = serializers.IntegerField()


class AllocationSerializer(serializers.ModelSerializer[ChargeAllocation]):
    """A certificate that was retired for a charge."""

    record = serializers.IntegerField(source="charge.pk", read_only=True)
    starts_at = serializers.DateTimeField(source="charge.starts_at", read_only=True)
    ends_at = serializers.DateTimeField(source="charge.ends_at", read_only=True)
    retirement = serializers.IntegerField(source="retirement.pk", read_only=True)
    lot = serializers.CharField(source="retirement.lot.code", read_only=True)
    mask = serializers.IntegerField(source="retirement.mask", read_only=True)
    amount_wh = serializers.IntegerField(source="retirement.amount_wh", read_only=True)
    state = serializers.CharField(source="retirement.entry.outbox_item.status", read_only=True)

    class Meta:
        model = ChargeAllocation
        fields = [
            "id",
            "record",
            "starts_at",
            "ends_at",
            "retirement",
            "lot",
            "mask",
            "amount_wh",
            "state",
            "allocated_at",
        ]
        read_only_fields = fields


class ChargeLineSerializer(Sent):
    """Wh of a certificate, by its token id in hexadecimal, for a charge."""

    record = serializers.IntegerField(min_value=1, max_value=LARGEST_WH)
    asset = serializers.RegexField(
        r"^[0-9a-f]{40}$", min_length=CODE_DIGITS, max_length=CODE_DIGITS
    )
    amount_wh = serializers.IntegerField(min_value=1, max_value=LARGEST_WH)


class ChargeSerializer(Sent):
    """Single `allocations`, or a period in which all that is held and fits is retired."""

    allocations = serializers.ListField(
        child=ChargeLineSerializer(), required=False, max_length=MOST_LINES
    )
    starts_from = Instant(required=False)
    starts_before = Instant(required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        by_period = {"starts_from", "starts_before"} & set(given)
        if bool(given.get("allocations")) == (len(by_period) == 2) or len(by_period) == 1:
            words = "Send allocations, or starts_from with starts_before."
            raise serializers.ValidationError({"allocations": [words]})
        return given


class ChargeReportSerializer(serializers.Serializer[Any]):
    """`unknown_wh` of these charges have no certificate: they never come out as one."""

    retirements = serializers.IntegerField()
    amount_wh = serializers.IntegerField()
    unknown_wh = serializers.IntegerField()


class LossIntervalSerializer(serializers.ModelSerializer[LossInterval]):
    """opening + input = output + stored + lost, in Wh; the efficiency is output / gone."""

    lost_wh = serializers.SerializerMethodField()
    gone_wh = serializers.SerializerMethodField()

    class Meta:
        model = LossInterval
        fields = [
            "starts_at",
            "ends_at",
            "opening_wh",
            "input_wh",
            "output_wh",
            "stored_wh",
            "given_wh",
            "lost_wh",
            "gone_wh",
            "closed_at",
        ]
        read_only_fields = fields

    def get_lost_wh(self, row: LossInterval) -> int:
        return row.lost_wh

    def get_gone_wh(self, row: LossInterval) -> int:
        return row.gone_wh


class SettleSerializer(Sent):
    """The loss interval that began at `starts_at`, and what was stored when it ended (Wh)."""

    starts_at = Instant()
    stored_wh = serializers.IntegerField(min_value=0, max_value=10**12)


class ShortfallSerializer(serializers.Serializer[Any]):
    """Of `retired_wh` for charges `missing_wh` were not generated; of the `given_wh` that came
    back of them `given_missing_wh`. The meter said `before_wh` first and says `after_wh` now."""

    gsrn = serializers.CharField(source="shortfall.device.gsrn")
    starts_at = serializers.DateTimeField(source="shortfall.starts_at")
    before_wh = serializers.IntegerField(source="shortfall.before_wh")
    after_wh = serializers.IntegerField(source="shortfall.after_wh")
    retired_wh = serializers.IntegerField()
    missing_wh = serializers.IntegerField()
    given_wh = serializers.IntegerField()
    given_missing_wh = serializers.IntegerField()


class DischargePartSerializer(serializers.ModelSerializer[DischargePart]):
    """The way from an original certificate to the one given back, as EnergyTag chains them.

    Of `sdr_proportion_wh` drawn, `given_wh` came back; the interval's efficiency is
    `efficiency_output_wh` / `efficiency_input_wh`. `sdgc_lot` is null where nothing was left.
    """

    gc_lot = serializers.CharField(source="allocation.retirement.lot.code", read_only=True)
    gc_allocation_id = serializers.IntegerField(source="allocation.retirement.pk", read_only=True)
    scr_allocation_id = serializers.IntegerField(source="allocation.charge.pk", read_only=True)
    sdr_allocation_id = serializers.IntegerField(source="discharge.pk", read_only=True)
    sdr_proportion_wh = serializers.IntegerField(source="drawn_wh", read_only=True)
    sdgc_lot = serializers.CharField(source="lot.code", read_only=True, allow_null=True)
    generated_by = serializers.CharField(
        source="lot.generated_by.gsrn", read_only=True, allow_null=True
    )
    efficiency_factor_interval_start = serializers.DateTimeField(
        source="interval.starts_at", read_only=True
    )
    efficiency_factor_interval_end = serializers.DateTimeField(
        source="interval.ends_at", read_only=True
    )
    efficiency_output_wh = serializers.IntegerField(source="interval.output_wh", read_only=True)
    efficiency_input_wh = serializers.IntegerField(source="gone", read_only=True)

    class Meta:
        model = DischargePart
        fields = [
            "id",
            "gc_lot",
            "gc_allocation_id",
            "scr_allocation_id",
            "sdr_allocation_id",
            "sdr_proportion_wh",
            "given_wh",
            "sdgc_lot",
            "generated_by",
            "efficiency_factor_interval_start",
            "efficiency_factor_interval_end",
            "efficiency_output_wh",
            "efficiency_input_wh",
        ]
        read_only_fields = fields
