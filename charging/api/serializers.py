"""How charges and matching read over the API: energy in whole Wh, instants in UTC."""

from typing import Any

from rest_framework import serializers

from charging.models import Session, SessionDraft, SessionHour
from ledger.api.sent import Instant, Sent


class SessionHourSerializer(serializers.ModelSerializer[SessionHour]):
    class Meta:
        model = SessionHour
        fields = ["starts_at", "length_minutes", "energy_wh", "method"]
        read_only_fields = fields


class SessionSerializer(serializers.ModelSerializer[Session]):
    operator = serializers.SlugField(source="operator.slug", read_only=True)
    claimant = serializers.SlugField(source="claimant.slug", read_only=True)
    location = serializers.CharField(source="evse.location.name", read_only=True)
    evse = serializers.CharField(source="evse.uid", read_only=True)
    area = serializers.CharField(source="area.code", read_only=True)

    class Meta:
        model = Session
        fields = [
            "id",
            "uid",
            "operator",
            "claimant",
            "location",
            "evse",
            "connector",
            "area",
            "started_at",
            "ended_at",
            "energy_wh",
            "energy_evidence",
            "timing_evidence",
            "final",
        ]
        read_only_fields = fields


class SessionDetailSerializer(SessionSerializer):
    hours = SessionHourSerializer(many=True, read_only=True)

    class Meta(SessionSerializer.Meta):
        fields = [*SessionSerializer.Meta.fields, "hours"]


class SessionUploadSerializer(Sent):
    """A CSV file of charges. `starts_from` and `starts_before` select by start, half-open."""

    file = serializers.FileField()
    profile = serializers.CharField(max_length=40)
    area = serializers.CharField(max_length=40, required=False, default="")
    starts_from = Instant(required=False, default=None)
    starts_before = Instant(required=False, default=None)
    final = serializers.BooleanField(default=False)
    dry_run = serializers.BooleanField(default=False)


class SessionLineErrorSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    field = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()
    reason = serializers.CharField()


class SessionReportSerializer(serializers.Serializer[Any]):
    """rows = accepted + held + rejected + duplicates + skipped."""

    rows = serializers.IntegerField()
    accepted = serializers.IntegerField()
    held = serializers.IntegerField()
    rejected = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    skipped = serializers.IntegerField()
    errors = SessionLineErrorSerializer(many=True)  # type: ignore[assignment]


class SessionFileSerializer(serializers.ModelSerializer[SessionDraft]):
    """A file on its way: `rows_done` of `rows` are read; `report` once it is imported, `failure`
    where nothing of it was.
    """

    report = SessionReportSerializer(source="file.report", default=None, read_only=True)

    class Meta:
        model = SessionDraft
        fields = ["id", "name", "status", "rows", "rows_done", "uploaded_at", "report", "failure"]
        read_only_fields = fields


class MatchSerializer(Sent):
    """A half-open period in UTC, of whole matching intervals."""

    starts_from = Instant()
    starts_before = Instant()


class MatchReportSerializer(serializers.Serializer[Any]):
    demand_wh = serializers.IntegerField()
    supply_wh = serializers.IntegerField()
    matched_wh = serializers.IntegerField()
    session_hours = serializers.IntegerField()
    allocations = serializers.IntegerField()
    retirements = serializers.IntegerField()


class SessionDriverSerializer(Sent):
    email = serializers.EmailField(max_length=254)
