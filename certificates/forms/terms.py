"""What an auditor fills in to set the registry's terms."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms

from certificates.models import RegistryPolicy
from certificates.queries.policies import TERMS

NO_LIMIT = "Empty: no limit."
ASSUMED = "Empty: the registry's assumption."
WORDS = {
    "tradable_months": ("Months in which a certificate can be traded", NO_LIMIT),
    "usable_months": ("Months in which it can be used, then it expires", NO_LIMIT),
    "expiry_notice_days": ("Days of notice before it expires", ""),
    "upload_deadline_days": ("Days after which a reading is late and held", NO_LIMIT),
    "debt_overdue_days": ("Days after which a plant's debt is overdue", NO_LIMIT),
    "handovers_need_approval": ("A handover needs an auditor's approval", ""),
    "photovoltaic_day_percent": ("Most of full power over a day, photovoltaics (%)", ASSUMED),
    "tidal_day_percent": ("Most of full power over a day, tidal (%)", ASSUMED),
    "capacity_tolerance_percent": ("More than full power in an interval, at most (%)", ASSUMED),
    "whole_certificates_only": ("New plants are certified in whole MWh alone", ""),
}
MONTHS_NOTE = " Counted from the end of production."


class TermsForm(forms.ModelForm):  # type: ignore[type-arg]
    """The terms as they are to be; what differs from those shown (`base`) is the change."""

    begins = forms.DateTimeField(
        required=False,
        label="From (UTC)",
        help_text="Such as 2027-01-01 00:00. Empty: at once. Never for what was before.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Write day and time as 2027-01-01 00:00."},
    )
    reason = forms.CharField(
        max_length=200, label="Reason", help_text="Kept with the terms.", required=True
    )
    base = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = RegistryPolicy
        fields = TERMS

    def __init__(self, data: Any, *, base: RegistryPolicy | None) -> None:
        shown = {name: getattr(base or RegistryPolicy(), name) for name in TERMS}
        super().__init__(data, initial=shown | {"base": base.pk if base else None})
        self.label_suffix = ""
        for name, (label, note) in WORDS.items():
            field = self.fields[name]
            field.label, field.help_text = label, note
            if name.endswith("_months"):
                field.help_text += MONTHS_NOTE
        self.order_fields(["begins", *TERMS, "reason", "base"])

    def _post_clean(self) -> None:
        """The service checks the terms as a whole, and says so in words."""

    def changes(self) -> Mapping[str, object]:
        """The terms that differ from those that were shown, for a valid form."""
        return {
            name: self.cleaned_data[name]
            for name in TERMS
            if self.cleaned_data[name] != self.initial[name]
        }

    def begins_at(self, now: datetime) -> datetime:
        """The instant, for a valid form; times without a zone are UTC."""
        given: datetime | None = self.cleaned_data["begins"]
        return given.astimezone(UTC) if given else now
