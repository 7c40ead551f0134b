"""What a body says is read strictly: no field that nobody knows, no instant without its zone."""

from datetime import datetime
from typing import Any, cast

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request


class Instant(serializers.DateTimeField):
    """An instant of ISO 8601 with its zone: which hour is meant is never guessed."""

    default_error_messages = {
        "zone": "An instant needs its time and its zone, such as 2026-03-01T00:00:00Z."
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            self.fail("zone")
        return super().enforce_timezone(value)


class Explained(serializers.Serializer[Any]):
    """Says with a value of the wrong kind what would do."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        try:
            return cast("dict[str, Any]", super().to_internal_value(data))
        except serializers.ValidationError as error:
            found = cast("dict[str, Any]", error.detail)
            for name, words in found.items():
                if isinstance(words, list) and (more := _would_do(self.fields.get(name))):
                    found[name] = [f"{each} {more}" if _is_wrong(each) else each for each in words]
            raise


class Sent(Explained):
    """Base of the bodies of requests, and of the objects within them."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        self.refuse_unknown(data)
        return super().to_internal_value(data)

    @classmethod
    def refuse_unknown(cls, data: Any) -> None:
        """Raises: rest_framework.exceptions.ValidationError for a field that nobody knows."""
        known = cls().fields
        unknown = sorted(set(map(str, data)) - set(known)) if isinstance(data, dict) else []
        if unknown:
            words = f"Nobody knows this field. Known: {', '.join(sorted(known))}."
            raise serializers.ValidationError({unknown[0][:40]: [words]})


def _is_wrong(detail: Any) -> bool:
    return getattr(detail, "code", "") in ("invalid", "invalid_choice")


def _would_do(field: Any) -> str:
    if isinstance(field, serializers.ChoiceField):
        return f"Choose from: {', '.join(map(str, field.choices))}."
    if isinstance(field, serializers.RegexField):
        patterns = [each.regex.pattern for each in field.validators if hasattr(each, "regex")]
        return f"It reads {patterns[-1]}."
    return ""


def refuse_body(request: Request) -> None:
    """For acts that are told nothing. Raises: rest_framework.exceptions.ValidationError."""
    if request.data:
        named = sorted(map(str, request.data)) if isinstance(request.data, dict) else [""]
        words = "Nothing is sent with this act: leave the body out."
        raise serializers.ValidationError({named[0][:40] or "non_field_errors": [words]})
