"""What a holder fills in for a standing order."""

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from django import forms

from certificates.domain.selection import TECHNOLOGIES
from certificates.domain.sharing import WHOLE_PPM
from certificates.domain.standing_orders import Measure, Span
from certificates.forms_holdings import DAY, WH, DayField
from certificates.models import Cancellation, Device, StandingOrder
from certificates.services.holding.standing_orders import LONGEST_WAIT_DAYS, OrderTerms, for_whom

MEASURES = ("percent", "kwh_per_hour", "kwh_per_run")
GROUPS = (
    ("How much: one of the three", "percent kwh_per_hour kwh_per_run"),
    ("Of what", "plant technology"),
    ("When", "first_day last_day every wait_days"),
    ("For whom", "kind beneficiary address country location purpose note"),
)


def _kwh(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        required=False,
        label=label,
        min_value=Decimal("0.001"),
        max_value=10**9,
        decimal_places=3,
    )


class OrderForm(forms.Form):
    """What is used of what, how often, and for whom."""

    percent = forms.DecimalField(
        required=False,
        label="Share of what you have, in per cent",
        min_value=Decimal("0.0001"),
        max_value=100,
        decimal_places=4,
    )
    kwh_per_hour = _kwh("Or up to so many kWh of every hour")
    kwh_per_run = _kwh("Or up to so many kWh of each period, the oldest first")
    plant = forms.ChoiceField(required=False, label="Of this plant")
    technology = forms.ChoiceField(
        required=False,
        label="Of this kind",
        choices=[("", "Any"), *((word, word.capitalize()) for word in TECHNOLOGIES)],
    )
    every = forms.ChoiceField(
        label="One statement for each", choices=StandingOrder.Every.choices, initial="month"
    )
    wait_days = forms.IntegerField(
        label="Days to wait after a period, for late data",
        min_value=0,
        max_value=LONGEST_WAIT_DAYS,
        initial=5,
    )
    first_day = DayField(label="For what is produced from (day, UTC)")
    last_day = DayField(
        required=False, label="Until (day, UTC, included)", help_text="Empty for no end."
    )
    kind = forms.ChoiceField(label="For", choices=Cancellation.BeneficiaryKind.choices)
    beneficiary = forms.CharField(required=False, max_length=200, label="Name of the beneficiary")
    address = forms.CharField(required=False, max_length=300, label="Their address")
    country = forms.RegexField(
        "^[A-Za-z]{2}$", label="Country of use", help_text="Two letters, such as GB."
    )
    location = forms.CharField(required=False, max_length=200, label="Place of use")
    purpose = forms.CharField(max_length=100, label="What the electricity is used for")
    note = forms.CharField(required=False, max_length=500, label="Note on each statement")

    def __init__(self, *args: Any, plants: list[Device], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plants = {plant.gsrn: plant for plant in plants}
        choices = [("", "Any"), *((plant.gsrn, str(plant)) for plant in plants)]
        self.fields["plant"].choices = choices  # type: ignore[attr-defined]

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields by what they ask, each group with its title."""
        return [(title, [self[name] for name in names.split()]) for title, names in GROUPS]

    def clean(self) -> dict[str, Any]:
        """One measure; somebody else has a name; it lasts at least a day."""
        given = super().clean() or {}
        if not self.errors and sum(bool(given.get(name)) for name in MEASURES) != 1:
            self.add_error("percent", "Give a share, kWh of every hour, or kWh of each period.")
        if given.get("kind") != Cancellation.BeneficiaryKind.SELF and not given.get("beneficiary"):
            self.add_error("beneficiary", "Name the beneficiary.")
        first, last = given.get("first_day"), given.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "It ends before it starts. Swap the days.")
        return given

    def terms(self) -> OrderTerms:
        """The order's terms, for a valid form."""
        given = self.cleaned_data
        percent, hourly, per_run = (given[name] for name in MEASURES)
        begins = datetime.combine(given["first_day"], time(), UTC)
        last = given["last_day"]
        ends = datetime.combine(last, time(), UTC) + DAY if last else None
        span = Span(given["every"], begins, ends)
        return OrderTerms(
            measure=Measure(
                share_ppm=int(percent * WHOLE_PPM / 100) if percent else 0,
                wh_per_hour=int(hourly * WH) if hourly else None,
                wh_per_run=int(per_run * WH) if per_run else None,
            ),
            span=span,
            device=self.plants.get(given["plant"]),
            technology=given["technology"],
            wait_days=given["wait_days"],
            beneficiary=for_whom(
                span,
                kind=given["kind"],
                name=given["beneficiary"],
                address=given["address"],
                country=given["country"].upper(),
                location=given["location"],
                purpose=given["purpose"],
                note=given["note"],
            ),
        )
