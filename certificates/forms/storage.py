"""Registering storage, sending its records and settling its losses, in plain words."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from certificates.domain.storage.facts import StorageFacts, read_storage_facts
from certificates.domain.storage.terms import LONGEST_MONTHS, METHODS
from certificates.errors import InvalidDevice
from certificates.models import Area, Organisation

KILO = 1000
DAY = ["%Y-%m-%d"]
FIELD_OF = {"capacity_w": "power", "capacity_wh": "room", "opening_wh": "opening"}


def _amount(label: str, help_text: str = "", *, required: bool = True) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=Decimal(0),
        max_digits=15,
        decimal_places=3,
        required=required,
        help_text=help_text,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "required": "Enter a number, such as 2.5.",
            "invalid": "Enter a number such as 2.5, with a point.",
            "max_decimal_places": "At most three digits after the point.",
            "min_value": "Enter 0 or more.",
        },
    )


def _day(label: str, help_text: str = "", *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        input_formats=DAY,
        widget=forms.DateInput(attrs={"type": "date"}, format=DAY[0]),
        error_messages={
            "required": "Enter the day, such as 2018-01-31.",
            "invalid": "The day is written as 2018-01-31.",
        },
    )


class StorageForm(forms.Form):
    """What is fixed for storage from its registration on."""

    organisation = forms.ChoiceField(label="Owner")
    name = forms.CharField(
        label="Name of the storage",
        max_length=200,
        error_messages={"required": "Enter the name that people know it by."},
    )
    gsrn = forms.CharField(
        label="Number (GSRN)",
        max_length=30,
        required=False,
        help_text="18 digits from GS1. Leave it empty to get a number from this registry.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    power = _amount("Power, kW", "The most that it can take in or give out.")
    room = _amount("Room, kWh", "How much it can store.")
    area = forms.ChoiceField(label="Grid area", error_messages={"required": "Choose the area."})
    commissioned_on = _day("In service since")
    method = forms.ChoiceField(
        label="Whose energy comes out first",
        choices=list(METHODS.items()),
        help_text="It cannot be changed later.",
    )
    loss_months = forms.TypedChoiceField(
        label="Months between two settlements of its losses",
        choices=[(n, str(n)) for n in range(1, LONGEST_MONTHS + 1)],
        coerce=int,
        help_text="It cannot be changed later.",
    )
    starts_on = _day("Its records begin on", "Empty: the day it went into service.", required=False)
    opening = _amount(
        "Stored on that day, kWh", "Nobody knows whose energy that was.", required=False
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        owners: Sequence[Organisation],
        areas: Sequence[Area],
    ) -> None:
        super().__init__(data, label_suffix="")
        self.fields["organisation"].choices = [  # type: ignore[attr-defined]
            (one.slug, one.name) for one in owners
        ]
        self.fields["area"].choices = [  # type: ignore[attr-defined]
            ("", "choose"),
            *((one.code, f"{one.name} ({one.code})") for one in areas),
        ]

    def facts(self) -> StorageFacts | None:
        """What was stated; None where the domain refused it, with the reason at its field."""
        given = self.cleaned_data
        stated = {
            name: given[name] for name in ("organisation", "name", "gsrn", "area", "method")
        } | {"loss_months": given["loss_months"], "commissioned_on": str(given["commissioned_on"])}
        stated |= {
            "capacity_w": int(given["power"] * KILO),
            "capacity_wh": int(given["room"] * KILO),
            "opening_wh": int((given["opening"] or 0) * KILO),
            "starts_on": str(given["starts_on"]) if given["starts_on"] else "",
        }
        try:
            return read_storage_facts(stated)
        except InvalidDevice as error:
            self.refuse(error)
            return None

    def refuse(self, error: InvalidDevice) -> None:
        """Show a refusal at the field it is about."""
        name = FIELD_OF.get(error.field, error.field)
        self.add_error(name if name in self.fields else None, str(error))


class RecordsForm(forms.Form):
    """A file of charges and discharges."""

    file = forms.FileField(
        label="File of charges and discharges (CSV)",
        error_messages={
            "required": "Choose a file first.",
            "empty": "The file is empty. Choose another, or export it again.",
        },
    )
    replace = forms.BooleanField(label="Other values replace those that are here", required=False)


class StoredForm(forms.Form):
    """What was stored when a loss interval ended."""

    stored = _amount("Stored when it ended, kWh")

    @property
    def stored_wh(self) -> int:
        """In Wh; the field has at most three decimals."""
        return int(self.cleaned_data["stored"] * KILO)
