"""A meter file on its way in."""

from typing import Any

from django import forms


class MeterFileForm(forms.Form):
    """A meter file, and which of its lines are meant."""

    file = forms.FileField(
        error_messages={
            "required": "Choose a meter file first.",
            "empty": "The file is empty. Choose another, or export it again.",
        }
    )
    column = forms.CharField(required=False, max_length=100)
    value = forms.CharField(required=False, max_length=100)

    def clean(self) -> dict[str, Any]:
        """A column goes with a value."""
        given = super().clean() or {}
        if bool(given.get("column")) != bool(given.get("value")):
            self.add_error("value", "Name both a column and the value to keep, or neither.")
        return given

    def selection(self) -> dict[str, str]:
        """The lines that are meant, as column and value."""
        given = self.cleaned_data
        return {given["column"]: given["value"]} if given["column"] else {}
