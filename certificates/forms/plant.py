"""Registering a plant, step by step: one form for each step, in plain words.

Every form takes the plant's facts so far as text, as a session keeps them, and gives its
own back in the same way. The domain has the last word over the whole (read_facts).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from certificates.domain import eecs, gsrn
from certificates.domain.device_facts import LARGEST_W
from certificates.errors import InvalidGsrn
from certificates.models import Area, Device, Organisation, Quality

WATTS = {"kW": 1_000, "MW": 1_000_000}
GROUPS = {"F00": "Not specified", "F01": "Renewable", "F02": "Fossil", "F03": "Nuclear"}


class StepForm(forms.Form):
    """A step; `title` heads its page."""

    title = ""
    lede = ""

    def __init__(self, data: Mapping[str, Any] | None, *, draft: Mapping[str, str]) -> None:
        super().__init__(data, initial=dict(draft), label_suffix="")
        self.draft = draft

    def kept(self) -> dict[str, str]:
        """What the step adds to the draft, as text."""
        return {
            name: "" if value is None else str(value) for name, value in self.cleaned_data.items()
        }


class NameForm(StepForm):
    """Who and what."""

    title = "Which plant is it?"
    lede = "One registration for each energy source: a turbine, a roof, a farm behind one meter."
    organisation = forms.ChoiceField(label="Owner")
    kind = forms.ChoiceField(
        label="Who issues its certificates?",
        choices=[
            (Device.Kind.PRODUCTION, "This registry, from its meter files"),
            (Device.Kind.EXTERNAL, "Another registry; I bring its certificates in"),
        ],
        initial=Device.Kind.PRODUCTION,
        required=False,
    )
    name = forms.CharField(
        label="Name of the plant",
        max_length=200,
        error_messages={"required": "Enter the name that people know the plant by."},
    )
    gsrn = forms.CharField(
        label="Plant number (GSRN)",
        max_length=30,
        required=False,
        help_text="18 digits from GS1. Leave it empty to get a number from this registry.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        draft: Mapping[str, str],
        organisations: Sequence[Organisation],
        number: str,
    ) -> None:
        super().__init__(data, draft=draft)
        field = self.fields["organisation"]
        field.choices = [(one.slug, one.name) for one in organisations]  # type: ignore[attr-defined]
        if len(organisations) == 1:
            field.widget = forms.HiddenInput()
            self.initial.setdefault("organisation", organisations[0].slug)
        if number:
            del self.fields["gsrn"], self.fields["organisation"]

    def clean_kind(self) -> str:
        """This registry's, unless said otherwise."""
        return self.cleaned_data["kind"] or Device.Kind.PRODUCTION.value

    def clean_gsrn(self) -> str:
        """Eighteen digits that check, and nobody else's."""
        text = self.cleaned_data["gsrn"]
        if not text:
            return ""
        try:
            number = gsrn.check(text)
        except InvalidGsrn as error:
            raise ValidationError(str(error)) from error
        if Device.objects.filter(gsrn=number).exists():
            raise ValidationError(f"A plant with the number {number} is registered already.")
        return number


class TechnologyForm(StepForm):
    """What it is."""

    title = "What kind of plant is it?"
    lede = "Choose the most exact description that is true."
    technology_code = forms.ChoiceField(
        label="Technology", error_messages={"required": "Choose the technology."}
    )

    def __init__(self, data: Mapping[str, Any] | None, *, draft: Mapping[str, str]) -> None:
        super().__init__(data, draft=draft)
        self.fields["technology_code"].choices = [  # type: ignore[attr-defined]
            ("", "choose"),
            *grouped(eecs.technologies()),
        ]


class SourceForm(StepForm):
    """What it runs on."""

    title = "What does it run on?"
    lede = "Only sources are shown that its technology may use."
    energy_source_code = forms.ChoiceField(
        label="Energy source", error_messages={"required": "Choose the energy source."}
    )

    def __init__(self, data: Mapping[str, Any] | None, *, draft: Mapping[str, str]) -> None:
        super().__init__(data, draft=draft)
        allowed = eecs.sources_for(self.draft.get("technology_code", ""))
        groups: dict[str, list[tuple[str, str]]] = {}
        for code, name in allowed:
            groups.setdefault(GROUPS.get(code[:3], "Other"), []).append((code, f"{name} ({code})"))
        choices = [("", "choose"), *groups.items()] if len(allowed) > 1 else [*groups.items()]
        self.fields["energy_source_code"].choices = choices  # type: ignore[attr-defined]


class MeterForm(StepForm):
    """How much and how measured."""

    title = "How much can it make, and how is that measured?"
    capacity = forms.DecimalField(
        label="Capacity",
        min_value=Decimal("0.001"),
        max_digits=15,
        help_text="What the plant can feed in at full power.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "required": "Enter the capacity, such as 2.05.",
            "invalid": "The capacity is a number such as 2.05, with a point.",
            "min_value": "The capacity is above 0.",
        },
    )
    capacity_unit = forms.ChoiceField(
        label="Unit of the capacity", choices=[(one, one) for one in WATTS]
    )
    commissioned_on = forms.DateField(
        label="In service since",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={
            "required": "Enter the day, such as 2016-04-01.",
            "invalid": "The day is written as 2016-04-01.",
        },
    )
    quality = forms.ChoiceField(
        label="The readings are",
        choices=Quality.choices,
        help_text="Estimated readings get no certificates until they are replaced.",
    )
    negative_policy = forms.ChoiceField(
        label="When the plant takes energy from the grid", choices=Device.NegativePolicy.choices
    )
    whole_certificates = forms.ChoiceField(
        label="Certificates are issued",
        required=False,
        choices=[
            ("", "by the Wh, for every hour as it is"),
            ("whole", "in whole MWh; what is short of one waits for the next"),
        ],
        help_text="Whole MWh where your market trades nothing smaller (EECS, M-RETS). It stays "
        "so once the first certificate is issued.",
    )
    support = forms.CharField(
        label="Public support it gets",
        max_length=40,
        required=False,
        help_text="Such as “feed-in tariff”. Leave it empty for none.",
    )

    def clean(self) -> dict[str, Any]:
        """The capacity comes to whole watts that a plant can have."""
        given = super().clean() or {}
        if "capacity" in given and "capacity_unit" in given:
            watts = given["capacity"] * WATTS[given["capacity_unit"]]
            if watts != int(watts):
                self.add_error("capacity", "The capacity comes to a part of a watt. Leave it out.")
            elif watts > LARGEST_W:
                self.add_error("capacity", "No plant is that large. Check the unit.")
            else:
                given["capacity_w"] = int(watts)
        return given


class PlaceForm(StepForm):
    """Where it stands."""

    title = "Where is it?"
    area = forms.ChoiceField(
        label="Grid area",
        help_text="The bidding zone or region whose grid the plant feeds.",
        error_messages={"required": "Choose the area."},
    )
    latitude = forms.DecimalField(
        label="Latitude",
        required=False,
        min_value=-90,
        max_value=90,
        help_text="Degrees, such as 52.400556; south is below zero.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "The latitude is a number of degrees, such as 52.400556."},
    )
    longitude = forms.DecimalField(
        label="Longitude",
        required=False,
        min_value=-180,
        max_value=180,
        help_text="Degrees, such as -0.947133; west is below zero.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "The longitude is a number of degrees, such as -0.947133."},
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        draft: Mapping[str, str],
        areas: Sequence[Area],
    ) -> None:
        super().__init__(data, draft=draft)
        countries: dict[str, list[tuple[str, str]]] = {}
        for one in areas:
            countries.setdefault(one.country, []).append((one.code, f"{one.name} ({one.code})"))
        choices = [("", "choose"), *countries.items()]
        self.fields["area"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A place needs both numbers."""
        given = super().clean() or {}
        has = [given.get(name) is not None for name in ("latitude", "longitude")]
        if any(has) and not all(has) and not self.errors:
            self.add_error("latitude", "Enter both latitude and longitude, or neither.")
        return given


def grouped(named: Sequence[tuple[str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Codes under the first part of their names, as the groups of a list to choose from."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, name in named:
        groups.setdefault(name.split(",")[0], []).append((code, f"{name} ({code})"))
    return list(groups.items())
