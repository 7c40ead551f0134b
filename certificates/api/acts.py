"""What an act over certificates is told, and what it answers."""

from typing import Any

from rest_framework import serializers

from certificates.domain.bulk_lines import CODE_DIGITS, LARGEST_WH, MOST_LINES
from certificates.domain.holding_states import TRANSITIONS


class LineSerializer(serializers.Serializer[Any]):
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


class ActSerializer(serializers.Serializer[Any]):
    """Certificates of your own."""

    certificates = LinesField()
    reason = serializers.CharField(required=False, max_length=200)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:
            words = f"Nobody knows this field. Known: {', '.join(sorted(self.fields))}."
            raise serializers.ValidationError({unknown[0]: [words]})
        return given


class TransferSerializer(ActSerializer):
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
