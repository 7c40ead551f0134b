"""Pages on paper and pictures to share, set by typst.

Data go in as JSON beside the document, never into its markup, so that no name can become a
command. Only the fonts that come with the library are used: the result is the same anywhere.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

DOCUMENTS = Path(__file__).resolve().parents[1] / "typst"
PIXELS_PER_INCH = 144  # two pixels a point


def typeset(name: str, data: Mapping[str, Any], form: Literal["pdf", "png"]) -> bytes:
    """One document of `charging/typst`, filled with `data`; a PDF is tagged (PDF/UA-1)."""
    import typst  # large, and only these answers need it

    drawn = typst.compile(
        _source(name),
        format=form,
        ppi=PIXELS_PER_INCH if form == "png" else None,
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=["ua-1"] if form == "pdf" else [],
    )
    return bytes(drawn)


@cache
def _source(name: str) -> bytes:
    return (DOCUMENTS / name).read_bytes()
