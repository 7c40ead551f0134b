"""What a holder fills in to pass certificates on, to use them, and to agree on more."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from certificates.domain.selection import TECHNOLOGIES, Criteria
from certificates.domain.sharing import WHOLE_PPM
from certificates.models import Cancellation, Device, Organisation
from certificates.services.holding.cancellations import Beneficiary

WH = 1_000  # in a kWh
DAY = timedelta(days=1)
LARGEST_KWH = 10**12
DAYS = (date(1970, 1, 1), date(2200, 12, 31))  # what a calendar can mean here


class DayField(forms.DateField):
    """A day that a person can mean, picked from the browser's calendar."""

    widget = forms.DateInput(attrs={"type": "date"})
    default_validators = [MinValueValidator(DAYS[0]), MaxValueValidator(DAYS[1])]


class PartnerField(forms.CharField):
    """Another organisation, by its short name or the name it is registered under.

    The page offers those one has had to do with; `partners` is its list of them.
    """

    widget = forms.TextInput(attrs={"list": "partners", "autocomplete": "off"})

    def clean(self, value: Any) -> Organisation:
        """Raises: ValidationError where nobody, or more than one, is called that."""
        name = super().clean(value)
        found = Organisation.objects.filter(slug=name) or Organisation.objects.filter(
            name__iexact=name
        )
        if len(found) != 1:
            raise forms.ValidationError(
                "No organisation here has this name. Ask the other side for its short name."
            )
        return found[0]


class SelectionForm(forms.Form):
    """Which certificates: what is left empty does not narrow. Days are UTC, both included."""

    plant = forms.ChoiceField(required=False, label="Plant")
    technology = forms.ChoiceField(
        required=False,
        label="Kind",
        choices=[("", "Any"), *((word, word.capitalize()) for word in TECHNOLOGIES)],
    )
    first_day = DayField(required=False, label="Produced from (day, UTC)")
    last_day = DayField(required=False, label="Produced until (day, UTC, included)")
    kwh = forms.DecimalField(
        required=False,
        label="How much, in kWh",
        help_text="The oldest first. Empty for all.",
        min_value=Decimal("0.001"),
        max_value=LARGEST_KWH,
        decimal_places=3,
        max_digits=18,
    )

    def __init__(self, *args: Any, plants: list[Device], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Any"), *((plant.gsrn, str(plant)) for plant in plants)]
        self.fields["plant"].choices = choices  # type: ignore[attr-defined]

    def criteria(self) -> Criteria:
        """What was picked, for a valid form."""
        given = self.cleaned_data
        return Criteria(
            gsrns=(given["plant"],) if given["plant"] else (),
            technology=TECHNOLOGIES.get(given["technology"], ""),
            starts_at=_start_of(given["first_day"]),
            ends_at=_end_of(given["last_day"]),
            amount_wh=None if given["kwh"] is None else int(given["kwh"] * WH),
        )


class OfferForm(SelectionForm):
    """To whom the certificates are offered, and until when."""

    to = PartnerField(
        label="The other side", max_length=200, help_text="Its name, or its short name here."
    )
    lapses_on = DayField(
        required=False, label="Open until (day, UTC)", help_text="Empty for no end."
    )
    message = forms.CharField(required=False, max_length=500, label="Message to the other side")

    def lapses_at(self) -> datetime | None:
        """The end of the last day."""
        return _end_of(self.cleaned_data["lapses_on"])


class UseForm(SelectionForm):
    """For whom and for what the certificates are used."""

    kind = forms.ChoiceField(label="For", choices=Cancellation.BeneficiaryKind.choices)
    beneficiary = forms.CharField(required=False, max_length=200, label="Name of the beneficiary")
    address = forms.CharField(required=False, max_length=300, label="Their address")
    country = forms.RegexField(
        "^[A-Za-z]{2}$", label="Country of use", help_text="Two letters, such as GB."
    )
    location = forms.CharField(required=False, max_length=200, label="Place of use")
    purpose = forms.CharField(max_length=100, label="What the electricity was used for")
    used_from = DayField(label="Used from (day, UTC)")
    used_until = DayField(label="Used until (day, UTC, included)")
    note = forms.CharField(required=False, max_length=500, label="Note on the statement")

    def clean(self) -> dict[str, Any]:
        """Somebody else has a name, and the use lasts at least a day."""
        given = super().clean() or {}
        if given.get("kind") != Cancellation.BeneficiaryKind.SELF and not given.get("beneficiary"):
            self.add_error("beneficiary", "Name the beneficiary.")
        first, last = given.get("used_from"), given.get("used_until")
        if first and last and last < first:
            self.add_error("used_until", "The use ends before it starts. Swap the days.")
        return given

    def told(self) -> Beneficiary:
        """The beneficiary, for a valid form."""
        given = self.cleaned_data
        return Beneficiary(
            kind=given["kind"],
            name=given["beneficiary"],
            address=given["address"],
            country=given["country"].upper(),
            location=given["location"],
            purpose=given["purpose"],
            note=given["note"],
            consumption_starts_at=datetime.combine(given["used_from"], time(), UTC),
            consumption_ends_at=datetime.combine(given["used_until"], time(), UTC) + DAY,
        )


class ProposalForm(forms.Form):
    """A standing agreement that a producer proposes for one of its plants."""

    plant = forms.ChoiceField(label="Plant")
    to = PartnerField(
        label="The other side", max_length=200, help_text="Its name, or its short name here."
    )
    percent = forms.DecimalField(
        required=False,
        label="Share of every hour, in per cent",
        min_value=Decimal("0.0001"),
        max_value=100,
        decimal_places=4,
    )
    kwh_per_hour = forms.DecimalField(
        required=False,
        label="Or kWh of every hour",
        min_value=Decimal("0.001"),
        max_value=10**9,
        decimal_places=3,
    )
    first_day = DayField(label="For what is produced from (day, UTC)")
    last_day = DayField(
        required=False, label="Until (day, UTC, included)", help_text="Empty for no end."
    )

    def __init__(self, *args: Any, plants: list[Device], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(plant.gsrn, str(plant)) for plant in plants]
        self.fields["plant"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """One measure, not both."""
        given = super().clean() or {}
        if bool(given.get("percent")) == bool(given.get("kwh_per_hour")) and not self.errors:
            self.add_error("percent", "Give a share or kWh of every hour: one of the two.")
        return given

    def measure(self) -> tuple[int, int | None]:
        """(ppm, Wh an hour), for a valid form."""
        percent, kwh = self.cleaned_data["percent"], self.cleaned_data["kwh_per_hour"]
        if kwh is not None:
            return 0, int(kwh * WH)
        return int(percent * WHOLE_PPM / 100), None

    def period(self) -> tuple[datetime, datetime | None]:
        """The instants of its days."""
        given = self.cleaned_data
        return datetime.combine(given["first_day"], time(), UTC), _end_of(given["last_day"])


class CounterpartyForm(forms.Form):
    """Another organisation, and whether one trades with it."""

    to = PartnerField(
        label="The other organisation",
        max_length=200,
        help_text="Its name, or its short name here.",
    )
    rule = forms.ChoiceField(
        label="What holds for it",
        choices=[("deny", "Denied"), ("allow", "Allowed")],
    )


def _start_of(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)


def _end_of(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC) + DAY
