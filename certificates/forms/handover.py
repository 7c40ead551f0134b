"""What an owner fills in to hand a plant over."""

from django import forms

from certificates.forms_holdings import DayField, OfferForm


class HandoverForm(forms.Form):
    """To whom, from which day on, and a word to them."""

    to = forms.SlugField(label="To (short name of the new owner)")
    day = DayField(label="From the start of this day on, in the plant's time zone")
    message = forms.CharField(required=False, max_length=500, label="Message to the new owner")

    clean_to = OfferForm.clean_to
