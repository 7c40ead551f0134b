"""Green Button files: ESPI in an Atom feed, as utilities of North America export them.

Source: NAESB REQ.21, Energy Services Provider Interface 1.1: ReadingType says what the
values of a MeterReading are; IntervalReading has a start in seconds since 1970 (UTC), a
duration in seconds and a whole value, to be multiplied by 10^powerOfTenMultiplier. uom 72 is
Wh, 38 W; flowDirection 1 is delivered to the customer, 19 received from the customer.
"""

from dataclasses import dataclass, field, replace
from typing import BinaryIO
from xml.sax import ContentHandler, SAXException
from xml.sax.xmlreader import AttributesNSImpl, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from certificates.domain.formats.choices import MARK, STATED, Choice
from certificates.domain.formats.series import Series
from certificates.domain.meter_lines import CALCULATED, ESTIMATED, MEASURED
from certificates.domain.meter_values import LARGEST_COUNT_WH, LARGEST_WH, UWH_IN_WH, Unreadable
from certificates.errors import MeterFileRefused, WrongFormat

WH, WATT = "72", "38"
DIRECTIONS = {"1": "import", "19": "export"}
CUMULATIVE = {"1", "3"}  # accumulationBehaviour: bulk quantity, cumulative
# ESPI's quality codes: valid, raw, validated, verified, revenue; edited, derived.
QUALITIES = dict.fromkeys(["", "0", "14", "17", "18", "19"], MEASURED) | dict.fromkeys(
    ["7", "11"], CALCULATED
)
LONGEST = 1440  # minutes of one interval
MOST_TEXT = 1_000  # characters of one element
MOST_ENTRIES = 100_000
DEEPEST = 50


@dataclass(slots=True)
class Kind:
    """A ReadingType."""

    uom: str = ""
    flow: str = ""
    power: int = 0
    accumulation: str = ""

    @property
    def direction(self) -> str:
        return DIRECTIONS.get(self.flow, "") if self.uom in (WH, WATT) else "other"


@dataclass(slots=True)
class _Entry:
    """One Atom entry: its links, and what it holds."""

    self_href: str = ""
    up: str = ""
    related: list[str] = field(default_factory=list)
    kind: Kind | None = None


@dataclass(slots=True)
class Feed:
    """The feed's ReadingTypes, and which of them each MeterReading has, by their links."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    readings: dict[str, list[str]] = field(default_factory=dict)

    @property
    def energy(self) -> list[Kind]:
        """The kinds that are energy or power."""
        return [kind for kind in self.kinds.values() if kind.uom in (WH, WATT)]

    @property
    def is_count(self) -> bool:
        """Whether its energy is the count of a register."""
        return any(kind.accumulation in CUMULATIVE for kind in self.energy)

    def kind_of(self, block_up: str) -> tuple[str, Kind]:
        """A meter reading's name and kind for a block's link upwards. Raises: Unreadable."""
        reading = block_up.removesuffix("/IntervalBlock")
        for href in self.readings.get(reading, []):
            if href in self.kinds:
                return reading, self.kinds[href]
        if len(self.kinds) == 1:
            return reading, next(iter(self.kinds.values()))
        raise Unreadable("belongs to no ReadingType, which says its unit and direction")


def stated(feed: Feed) -> dict[str, Choice]:
    """What the format itself settles."""
    is_power = any(kind.uom == WATT for kind in feed.energy)
    return {
        "unit": Choice("w" if is_power else "wh", STATED, "the ReadingType says it"),
        "zone": Choice("UTC", STATED, "by the format"),
        "stamp": Choice("start", STATED, "by the format"),
        "counter": Choice(
            "cumulative" if feed.is_count else "interval", STATED, "the ReadingType says it"
        ),
    }


def read(stream: BinaryIO) -> tuple[Series, Feed]:
    """Every register of a feed. Raises: WrongFormat, MeterFileRefused."""
    kinds = _Kinds()
    _parse(stream, kinds)
    series = Series("timePeriod start", "value")
    series.is_power = any(kind.uom == WATT for kind in kinds.feed.kinds.values())
    series.is_count = kinds.feed.is_count
    _parse(stream, _Values(kinds.feed, series))
    if not series.rows:
        raise MeterFileRefused("The feed has no IntervalReading: no meter data.")
    return series, kinds.feed


class _KeptOpen:
    """The stream for a parser that closes what it read."""

    def __init__(self, stream: BinaryIO) -> None:
        self.read = stream.read

    def close(self) -> None:
        """The stream is another's."""


def _parse(stream: BinaryIO, handler: ContentHandler) -> None:
    stream.seek(0)
    parser = DefusedExpatParser(namespaceHandling=1, forbid_dtd=True)
    parser.setContentHandler(handler)
    try:
        parser.parse(_KeptOpen(stream))  # type: ignore[arg-type]
    except DefusedXmlException as error:
        raise WrongFormat(
            "The XML declares its own document type or entities, which is not read."
        ) from error
    except (SAXException, UnicodeError, ValueError, LookupError) as error:
        raise MeterFileRefused(f"The file is no well-formed XML: {str(error)[:200]}.") from error


class _Handler(ContentHandler):
    """Keeps the path and text of the element at hand, within bounds."""

    def __init__(self) -> None:
        super().__init__()
        self.path: list[str] = []
        self.text: list[str] = []
        self.size = self.entries = 0
        self.entry = _Entry()
        self.locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802  SAX names it so
        self.locator = locator

    @property
    def line(self) -> int:
        return (self.locator.getLineNumber() or 0) if self.locator else 0

    def startElementNS(  # noqa: N802  SAX names it so
        self, name: tuple[str | None, str], qname: str | None, attrs: AttributesNSImpl
    ) -> None:
        self.path.append(name[1])
        if len(self.path) > DEEPEST:
            raise WrongFormat(f"Line {self.line}: the XML is nested too deep for a meter file.")
        self.text, self.size = [], 0
        if name[1] == "entry":
            self.entry = _Entry()
            self.entries += 1
            if self.entries > MOST_ENTRIES:
                raise WrongFormat(f"The feed has more than {MOST_ENTRIES:,} entries.")
        elif name[1] == "link":
            self._link(attrs)
        self.begin(name[1])

    def _link(self, attrs: AttributesNSImpl) -> None:
        href, relation = (attrs.get((None, key), "")[:MOST_TEXT] for key in ("href", "rel"))
        if relation == "self":
            self.entry.self_href = href
        elif relation == "up":
            self.entry.up = href
        elif relation == "related" and len(self.entry.related) < 100:
            self.entry.related.append(href)

    def characters(self, content: str) -> None:
        self.size += len(content)
        if self.size <= MOST_TEXT:
            self.text.append(content)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: N802  SAX names it so
        self.path.pop()
        self.end(name[1], "".join(self.text).strip())
        self.text, self.size = [], 0

    def begin(self, name: str) -> None:
        """An element starts."""

    def end(self, name: str, text: str) -> None:
        """An element is complete."""


class _Kinds(_Handler):
    """First pass: reading types and who has them."""

    def __init__(self) -> None:
        super().__init__()
        self.feed = Feed()

    def begin(self, name: str) -> None:
        if name == "ReadingType":
            self.entry.kind = Kind()

    def end(self, name: str, text: str) -> None:
        kind = self.entry.kind
        if name == "MeterReading":
            self.feed.readings[self.entry.self_href] = self.entry.related
        elif name == "entry" and kind:
            self.feed.kinds[self.entry.self_href] = kind
        elif kind and self.path and self.path[-1] == "ReadingType":
            self._fact(kind, name, text)

    def _fact(self, kind: Kind, name: str, text: str) -> None:
        if name == "uom":
            kind.uom = text
        elif name == "flowDirection":
            kind.flow = text
        elif name == "accumulationBehaviour":
            kind.accumulation = text
        elif name == "powerOfTenMultiplier":
            try:
                kind.power = _whole(text, name, -12, 12)
            except Unreadable as error:
                raise WrongFormat(f"Line {self.line}: the ReadingType {error}.") from error


class _Values(_Handler):
    """Second pass: the values."""

    def __init__(self, feed: Feed, series: Series) -> None:
        super().__init__()
        self.feed, self.series = feed, series
        self.facts: dict[str, str] | None = None
        self.started_on = 0
        self.places: dict[str, tuple[int, Kind]] = {}

    def begin(self, name: str) -> None:
        if name == "IntervalReading":
            self.facts, self.started_on = {}, self.line

    def end(self, name: str, text: str) -> None:
        if self.facts is None:
            return
        if name == "IntervalReading":
            self._take(self.facts)
            self.facts = None
        elif name in ("start", "duration", "value", "quality"):
            self.facts[name] = text

    def _take(self, facts: dict[str, str]) -> None:
        key, value = -1, facts.get("value", "")
        try:
            key, kind = self._place()
            if kind.uom not in (WH, WATT):
                self.series.count()
                self.series.filtered += 1
                return
            start = _whole(facts.get("start", ""), "start", -(10**10), 10**11)
            length = _whole(facts.get("duration", ""), "duration", 1, LONGEST * 60)
            if start % 60 or length % 60:
                raise Unreadable("does not start and end on whole minutes")
            most_wh = LARGEST_COUNT_WH if self.series.is_count else LARGEST_WH
            amount = _amount(value, kind.power, most_wh)
            quality = QUALITIES.get(facts.get("quality", ""), ESTIMATED)
            about = (length // 60, quality)
            self.series.add(key, self.started_on, start // 60, amount, value, about=about)
        except Unreadable as error:
            self.series.refuse(key, self.started_on, "value", value, str(error))

    def _place(self) -> tuple[int, Kind]:
        up = self.entry.up
        if up not in self.places:
            reading, kind = self.feed.kind_of(up)
            name = "/".join(reading.rstrip("/").split("/")[-4:])[-80:] or "values"
            name = f"{name} {kind.direction}".strip()
            place = self.series.register(name, {f"{MARK}key": name}, kind.direction)
            self.places[up] = (place, replace(kind))
        return self.places[up]


def _whole(text: str, name: str, least: int, most: int) -> int:
    try:
        number = int(text) if len(text) < 20 and text.isascii() else None
    except ValueError:
        number = None
    if number is None or not least <= number <= most:
        raise Unreadable(f"has no {name} between {least} and {most}")
    return number


def _amount(text: str, power: int, most_wh: int) -> int:
    value = _whole(text, "value", -(10**18), 10**18)
    amount: int = value * 10 ** (6 + power) if power >= -6 else value // 10 ** (-6 - power)
    if abs(amount) > most_wh * UWH_IN_WH:
        raise Unreadable("is more than any plant produces; check the multiplier")
    return amount
