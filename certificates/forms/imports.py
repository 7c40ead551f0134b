"""Bringing in certificates of another registry."""

from collections.abc import Sequence
from typing import Any

from django import forms

from certificates.domain.external.gc_csv import FROM_FILE, FROM_REGISTRY
from certificates.domain.external.moments import LOCAL_CLOCK, UTC_CLOCK
from certificates.domain.formats.times import DMY, MDY, YMD
from certificates.models import ExternalRegistry
from certificates.services.imports.imports import LONGEST_PROOF, SHORTEST_PROOF

SETTLED = {YMD: "the year comes first"}  # what is never chosen, but read
# What a person may choose, in the words of the page; the empty choice is no choice.
WORDS = {
    "dates": (
        "In the dates",
        {
            DMY: "the day comes first: 01/02 is 1 February",
            MDY: "the month comes first: 01/02 is 2 January",
        },
    ),
    "clock": (
        "Times without an offset are",
        {UTC_CLOCK: "UTC", LOCAL_CLOCK: "the time at the plant, in the file's time zone"},
    ),
    "factors": (
        "The emission factors in the file",
        {
            FROM_FILE: "count the whole lifecycle as CO2e: take them",
            FROM_REGISTRY: "count something else: take this registry's factor",
        },
    ),
    "factor_unit": ("They are in", {}),
}


class ImportForm(forms.Form):
    """A file, and the registry that it comes from."""

    registry = forms.ChoiceField(
        label="Which registry issued the certificates?",
        error_messages={"required": "Choose the registry."},
    )
    file = forms.FileField(
        label="Certificate file",
        error_messages={
            "required": "Choose a file first.",
            "empty": "The file is empty. Choose another, or export it again.",
        },
    )

    def __init__(self, data: Any, files: Any, *, registries: Sequence[ExternalRegistry]) -> None:
        super().__init__(data, files, label_suffix="")
        named = [(one.code, f"{one.name} ({one.country})") for one in registries]
        choices = named if len(named) == 1 else [("", "choose"), *named]
        self.fields["registry"].choices = choices  # type: ignore[attr-defined]


class ProofForm(forms.Form):
    """By what the other registry let the certificates go."""

    proof = forms.CharField(
        label="Document by which that registry cancelled or exported them",
        min_length=SHORTEST_PROOF,
        max_length=LONGEST_PROOF,
        help_text="Its name, number and date, or its address. An auditor compares it.",
        error_messages={
            "required": "Name the document: without it nothing can be brought in.",
            "min_length": "Name the document with its number.",
        },
    )
