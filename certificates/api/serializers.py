"""How rows read over the API: energy in whole Wh, instants in UTC, names instead of ids."""

from typing import Any

from rest_framework import serializers

from certificates.models import Device, Lot, Quality, Reading, Retirement
from ledger.api.sent import Instant, Sent
from ledger.models import Balance

LOT = "asset.lot_asset.lot"  # of a balance


class DeviceSerializer(serializers.ModelSerializer[Device]):
    organisation = serializers.SlugField(source="organisation.slug", read_only=True)
    area = serializers.CharField(source="area.code", read_only=True)

    class Meta:
        model = Device
        fields = [
            "gsrn",
            "gsrn_origin",
            "kind",
            "name",
            "organisation",
            "technology_code",
            "energy_source_code",
            "capacity_w",
            "area",
            "commissioned_on",
            "latitude",
            "longitude",
            "support",
            "negative_policy",
            "quality",
            "whole_certificates",
            "status",
            "registered_at",
        ]
        read_only_fields = fields


class DeviceFactsSerializer(Sent):
    """What a device must state. An empty `gsrn` asks for a number from this registry."""

    gsrn = serializers.CharField(required=False, allow_blank=True, max_length=18)
    name = serializers.CharField(max_length=200)
    technology_code = serializers.CharField(max_length=7)
    energy_source_code = serializers.CharField(max_length=9)
    capacity_w = serializers.IntegerField(min_value=1, max_value=10**12)
    area = serializers.CharField(max_length=40)
    commissioned_on = serializers.DateField()
    latitude = serializers.DecimalField(9, 6, required=False, min_value=-90, max_value=90)
    longitude = serializers.DecimalField(9, 6, required=False, min_value=-180, max_value=180)
    support = serializers.CharField(required=False, max_length=40)
    negative_policy = serializers.ChoiceField(["clip", "net"], required=False)
    quality = serializers.ChoiceField(["measured", "calculated", "estimated"], required=False)
    kind = serializers.ChoiceField(["production", "external"], required=False)
    whole_certificates = serializers.BooleanField(required=False)


class DeviceChangesSerializer(DeviceFactsSerializer):
    """What is to be another; what is left out stays. The number and the owner stay always."""

    gsrn = None  # type: ignore[assignment]

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for each in fields.values():
            each.required = False
        return fields


class ReadingSerializer(serializers.ModelSerializer[Reading]):
    device = serializers.CharField(source="device.gsrn", read_only=True)

    class Meta:
        model = Reading
        fields = [
            "id",
            "device",
            "starts_at",
            "ends_at",
            "version",
            "energy_wh",
            "remainder_uwh",
            "quality",
            "status",
            "hold_reason",
            "line",
        ]
        read_only_fields = fields


class MeterUploadSerializer(Sent):
    """A meter file, plain or gzip; `filter` keeps the lines whose column has a value.

    Filters that begin with @ are choices: @zone, @unit, @stamp, @key and others.
    """

    file = serializers.FileField()
    filter = serializers.ListField(
        child=serializers.RegexField(r"^[^=]+=", max_length=200), required=False, max_length=5
    )
    dry_run = serializers.BooleanField(default=False)
    again = serializers.BooleanField(default=False)


class SentReadingSerializer(Sent):
    """One interval. Exactly one of the energies; as text where it has decimals."""

    starts_at = Instant()
    ends_at = Instant(required=False)
    energy_wh = serializers.CharField(required=False)
    energy_kwh = serializers.CharField(required=False)
    energy_mwh = serializers.CharField(required=False)
    quality = serializers.ChoiceField(Quality.choices, required=False)


class MeterReadingsSerializer(Sent):
    """Readings as JSON."""

    readings = SentReadingSerializer(many=True)
    dry_run = serializers.BooleanField(default=False)
    again = serializers.BooleanField(default=False)


class LineErrorSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    field = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField(allow_null=True)
    reason = serializers.CharField()


class MadeChoiceSerializer(serializers.Serializer[Any]):
    """How a file was understood, and what that rests on."""

    value = serializers.CharField(allow_blank=True)
    basis = serializers.CharField()
    because = serializers.CharField(allow_blank=True)


class RegisterSerializer(serializers.Serializer[Any]):
    """One of the series in a file, and the `filter` that picks it."""

    name = serializers.CharField(allow_blank=True)
    selection = serializers.DictField(child=serializers.CharField())
    direction = serializers.CharField(allow_blank=True)


class MeterCoverageSerializer(serializers.Serializer[Any]):
    """Which intervals of [first, last) are there."""

    first = serializers.CharField()
    last = serializers.CharField()
    expected = serializers.IntegerField()
    present = serializers.IntegerField()
    gap_count = serializers.IntegerField()
    gaps = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class MeterReportSerializer(serializers.Serializer[Any]):
    """Every line is counted once: rows = accepted + held + rejected + duplicates + skipped.

    `choices` and `open` say how the file was understood and what it leaves open, `diff` what of
    it corrects earlier values, `days` the Wh of each UTC day from day `first_day` after
    1970-01-01 on, `findings` what contradicts.
    """

    format = serializers.CharField()
    names = serializers.ListField(child=serializers.CharField())
    choices = serializers.DictField(child=MadeChoiceSerializer())
    open = serializers.ListField(child=serializers.CharField())
    registers = RegisterSerializer(many=True, required=False)
    register = serializers.CharField(required=False, allow_blank=True)
    findings = serializers.ListField(child=serializers.DictField(), required=False)
    message = serializers.CharField(required=False)
    filtered = serializers.IntegerField()
    unobserved = serializers.IntegerField()
    same = serializers.IntegerField()
    negative = serializers.IntegerField()
    merged = serializers.IntegerField()
    filled = serializers.IntegerField()
    corrections = serializers.IntegerField()
    corrected_up_wh = serializers.IntegerField()
    corrected_down_wh = serializers.IntegerField()
    diff = serializers.ListField(child=serializers.DictField())
    errors_omitted = serializers.IntegerField()
    first_day = serializers.IntegerField(required=False, allow_null=True)
    days = serializers.ListField(child=serializers.IntegerField(allow_null=True), required=False)
    coverage = MeterCoverageSerializer(required=False, allow_null=True)
    rows = serializers.IntegerField()
    accepted = serializers.IntegerField()
    held = serializers.IntegerField()
    rejected = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    skipped = serializers.IntegerField()
    energy_wh = serializers.IntegerField()
    interval_minutes = serializers.IntegerField(allow_null=True)
    errors = LineErrorSerializer(many=True)  # type: ignore[assignment]


class IssueReportSerializer(serializers.Serializer[Any]):
    lots = serializers.IntegerField()
    issued_wh = serializers.IntegerField()


class LotSerializer(serializers.ModelSerializer[Lot]):
    """`first_wh` is null until the lot is certified; `generated_by` unless it was stored."""

    device = serializers.CharField(source="device.gsrn", read_only=True)
    generated_by = serializers.CharField(
        source="generated_by.gsrn", read_only=True, allow_null=True
    )
    first_wh = serializers.IntegerField(allow_null=True, read_only=True)

    class Meta:
        model = Lot
        fields = [
            "code",
            "device",
            "generated_by",
            "starts_at",
            "length_minutes",
            "sequence",
            "mask",
            "amount_wh",
            "quality",
            "factor_ug_per_wh",
            "issued_at",
            "first_wh",
        ]
        read_only_fields = fields


class CertificateSerializer(serializers.ModelSerializer[Balance]):
    """What the organisation holds of one lot; `asset` is the token id in hexadecimal.

    `generated_by` is the plant where the device is storage, whose codes are the plant's then.
    """

    asset = serializers.CharField(source="asset.code", read_only=True)
    lot = serializers.CharField(source=f"{LOT}.code", read_only=True)
    device = serializers.CharField(source=f"{LOT}.device.gsrn", read_only=True)
    generated_by = serializers.CharField(
        source=f"{LOT}.generated_by.gsrn", read_only=True, allow_null=True
    )
    technology_code = serializers.CharField(source="of_technology", read_only=True)
    energy_source_code = serializers.CharField(source="of_energy_source", read_only=True)
    area = serializers.CharField(source=f"{LOT}.device.area.code", read_only=True)
    starts_at = serializers.DateTimeField(source=f"{LOT}.starts_at", read_only=True)
    length_minutes = serializers.IntegerField(source=f"{LOT}.length_minutes", read_only=True)
    mask = serializers.IntegerField(source="asset.lot_asset.mask", read_only=True)
    quality = serializers.CharField(source=f"{LOT}.quality", read_only=True)
    factor_ug_per_wh = serializers.IntegerField(
        source=f"{LOT}.factor_ug_per_wh", read_only=True, allow_null=True
    )
    amount_wh = serializers.IntegerField(source="amount", read_only=True)

    class Meta:
        model = Balance
        fields = [
            "asset",
            "lot",
            "device",
            "generated_by",
            "technology_code",
            "energy_source_code",
            "area",
            "starts_at",
            "length_minutes",
            "mask",
            "quality",
            "factor_ug_per_wh",
            "amount_wh",
        ]


class RetirementSerializer(serializers.ModelSerializer[Retirement]):
    """`first_*_wh` are null until the retirement is certified."""

    lot = serializers.CharField(source="lot.code", read_only=True)
    device = serializers.CharField(source="lot.device.gsrn", read_only=True)
    claimant = serializers.SlugField(source="claimant.slug", read_only=True)

    class Meta:
        model = Retirement
        fields = [
            "id",
            "lot",
            "device",
            "mask",
            "amount_wh",
            "claimant",
            "beneficiary_type",
            "beneficiary",
            "purpose",
            "country",
            "consumption_starts_at",
            "consumption_ends_at",
            "reference",
            "retired_at",
            "first_renewable_wh",
            "first_emissions_wh",
        ]
        read_only_fields = fields
