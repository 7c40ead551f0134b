"""What an act over certificates is told, and what it answers."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from certificates.domain.bulk_lines import CODE_DIGITS, LARGEST_WH, MOST_LINES, Line, read_lines
from certificates.domain.holding_states import TRANSITIONS
from certificates.domain.selection import TECHNOLOGIES, Criteria
from certificates.services.holding.bulk import Chosen
from ledger.api.sent import Instant, Sent


class LineSerializer(Sent):
    """Wh of one certificate, which is named by its token id in hexadecimal."""

    asset = serializers.RegexField(
        r"^[0-9a-f]{40}$", min_length=CODE_DIGITS, max_length=CODE_DIGITS
    )
    amount_wh = serializers.IntegerField(min_value=1, max_value=LARGEST_WH)


class LinesField(serializers.ListField):
    """Lines as they were sent; the act reads them, since a hundred thousand may come."""

    child = LineSerializer()

    def __init__(self, **more: Any) -> None:
        super().__init__(min_length=1, max_length=MOST_LINES, **more)

    def run_child_validation(self, data: Any) -> Any:
        return data


class ActSerializer(Sent):
    """Certificates of your own."""

    certificates = LinesField()
    reason = serializers.CharField(required=False, max_length=200)


class SelectSerializer(Sent):
    """Which of your active certificates; what is left out does not narrow.

    Lots start in [starts_from, starts_before). `amount_wh` is how much, the oldest first; all
    when left out. With the `mark` that `GET certificates/selection/` gave, the act is refused
    (`selection_changed`) once the same words pick anything else.
    """

    devices = serializers.ListField(
        child=serializers.RegexField(r"^[0-9]{18}$"), required=False, min_length=1, max_length=100
    )
    technology = serializers.ChoiceField(sorted(TECHNOLOGIES), required=False)
    area = serializers.CharField(required=False, max_length=40)
    starts_from = Instant(required=False)
    starts_before = Instant(required=False)
    amount_wh = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_WH)
    mark = serializers.RegexField(r"^[0-9a-f]{32}$", required=False)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        given = super().to_internal_value(data)
        if not given.keys() - {"mark"}:
            words = "Narrow it by something: an empty choice would take all that you hold."
            raise serializers.ValidationError({"non_field_errors": [words]})
        return given


class PickingActSerializer(ActSerializer):
    """Certificates of your own, named line by line, or picked by `select`: one of the two."""

    certificates = LinesField(required=False)
    select = SelectSerializer(required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("certificates" in given) == ("select" in given):
            words = "Name certificates line by line, or pick them by select: one of the two."
            raise serializers.ValidationError({"certificates": [words]})
        return given


def picked(given: dict[str, Any]) -> Sequence[Line] | Chosen:
    """The lines that were named, or what is chosen. Raises: LinesRefused."""
    if "select" in given:
        return Chosen(criteria_of(given["select"]), given["select"].get("mark", ""))
    return read_lines(given["certificates"])


def criteria_of(select: dict[str, Any]) -> Criteria:
    """The criteria that a choice names."""
    return Criteria(
        gsrns=tuple(select.get("devices", ())),
        technology=TECHNOLOGIES.get(select.get("technology", ""), ""),
        area=select.get("area", ""),
        starts_at=select.get("starts_from"),
        ends_at=select.get("starts_before"),
        amount_wh=select.get("amount_wh"),
    )


class TransferSerializer(PickingActSerializer):
    """Certificates of your own and who gets them, by short name."""

    to = serializers.SlugField(max_length=50)


class RegistrarActSerializer(ActSerializer):
    """Certificates of a holder, by short name, and why the registry acts."""

    holder = serializers.SlugField(max_length=50)
    reason = serializers.CharField(max_length=200)


class WithdrawalSerializer(RegistrarActSerializer):
    """`state` is what the certificates are now: active unless given."""

    state = serializers.ChoiceField(TRANSITIONS["withdraw"].sources, required=False)


class ActReportSerializer(serializers.Serializer[Any]):
    """What was done."""

    event = serializers.ChoiceField(sorted(TRANSITIONS))
    lines = serializers.IntegerField()
    amount_wh = serializers.IntegerField()
