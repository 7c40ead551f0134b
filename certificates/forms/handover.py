"""What an owner fills in to hand a plant or storage over."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms

from certificates.forms_holdings import DayField, PartnerField


class HandoverForm(forms.Form):
    """To whom, from which day on, and a word to them."""

    to = PartnerField(
        label="The new owner", max_length=200, help_text="Its name, or its short name here."
    )
    day: forms.Field = DayField(label="From the start of this day on, in the plant's time zone")
    message = forms.CharField(required=False, max_length=500, label="Message to the new owner")


class StorageHandoverForm(HandoverForm):
    """Of storage the days at which a loss interval begins are offered."""

    day = forms.TypedChoiceField(
        label="From the start of this loss interval on (UTC)", coerce=date.fromisoformat
    )

    def __init__(self, *args: Any, days: Sequence[datetime], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(f"{day:%Y-%m-%d}", f"{day:%Y-%m-%d}") for day in days]
        self.fields["day"].choices = choices  # type: ignore[attr-defined]
