"""The lines of one device in a meter file of any format."""

from collections.abc import Mapping
from typing import BinaryIO

from certificates.domain.formats.build import build
from certificates.domain.formats.file import demand_settled, read_file
from certificates.domain.formats.infer import NO_HINTS, Hints
from certificates.domain.meter_lines import MeterLines


def parse(stream: BinaryIO, selection: Mapping[str, str], hints: Hints = NO_HINTS) -> MeterLines:
    """Read a whole file without asking anybody: nothing grave may be left to a guess.

    `selection` keeps the lines whose columns equal its values; its keys that begin with @
    are choices (see formats.choices). `stream` is seekable and holds the unpacked bytes.
    Raises: MeterFileRefused and its kinds; ChoiceNeeded where the file leaves something open.
    """
    read = read_file(stream, selection, hints)
    demand_settled(read)
    return build(read.series, read.key, read.choices, hints).lines
