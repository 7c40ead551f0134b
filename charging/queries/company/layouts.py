"""The layout a company's file is read by before anybody has looked at it."""

from collections.abc import Sequence
from typing import Any

from certificates.models import Organisation
from charging.domain.layout_guess import guess
from charging.domain.profiles import MAPPED, mapped
from charging.models import SessionFile

LOOKED_AT = 50  # of the company's newest files with a layout of its own


def layout_for(organisation: Organisation, header: Sequence[str]) -> dict[str, Any]:
    """The layout that a person of the company chose last for such columns, else a guess.

    `like` names the file it was chosen for.
    """
    chosen = SessionFile.objects.filter(
        organisation=organisation, profile=MAPPED, status=SessionFile.Status.IMPORTED
    ).order_by("-pk")
    for name, options in chosen.values_list("name", "options")[:LOOKED_AT]:
        mapping = options["mapping"]
        if set(mapped(mapping).columns) <= set(header):
            return {"profile": MAPPED, "mapping": mapping, "like": name}
    return guess(header)
