"""A receipt as its PDF and its share image have it: sentences and figures, ready to be set."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import segno
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from charging.queries.receipts.facts import ReceiptFacts
from charging.views import numbers
from charging.views.receipts import cost as receipt_cost
from charging.views.receipts import page as receipt_page
from charging.views.receipts import words as receipt_words


def page(facts: ReceiptFacts, link: str) -> dict[str, Any]:
    """Everything on the PDF of a receipt, in the language in use."""
    title, words = receipt_words.STATES[facts.state]
    return _head(facts) | {
        "heading": gettext("Green-charge receipt"),
        "facts": _facts(facts),
        "state": f"{title}. {words}",
        "labels": [gettext(label) for label in facts.labels],
        "hours_title": gettext("Hour by hour"),
        "hours_head": [
            gettext("Hour starts"),
            gettext("Used, Wh"),
            gettext("Renewable, Wh"),
            gettext("Carbon-free, Wh"),
            gettext("Tracked, Wh"),
        ],
        "hours": [_hour(line) for line in receipt_page.hour_lines(facts)],
        "sources_title": gettext("Where it came from"),
        "sources": [_source(source) for source in receipt_page.sources(facts)],
        "emissions_title": gettext("What it emitted"),
        "emissions": [
            [line.label, numbers.mass(line.amount_ug)]
            for line in receipt_page.emission_lines(facts, facts.emissions.petrol_ug)
        ],
        "sure_title": gettext("How sure this is"),
        "sure": _sure(facts),
        "as_of": gettext("As of %(at)s UTC. The page behind the code is always current.")
        % {"at": f"{facts.as_of:%Y-%m-%d %H:%M}"},
        "link": link,
        "qr": _qr(link),
        "qr_words": gettext("QR code with the link to this receipt"),
        "version": f"{gettext('version')} {facts.version}",
    }


def share(facts: ReceiptFacts) -> dict[str, Any]:
    """The share image: the share, the sentence, and a bar for every hour."""
    lines = receipt_page.hour_lines(facts)
    return _head(facts) | {
        "brand": gettext("Renewable energy registry"),
        "under": f"{numbers.kwh(facts.energy_wh)} · {_day(facts)}",
        "bars": [[line.bar.renewable, line.bar.other, line.bar.unmatched] for line in lines],
    }


def _head(facts: ReceiptFacts) -> dict[str, Any]:
    return {
        "language": (translation.get_language() or "en")[:2],
        "share": numbers.percent(facts.renewable_wh, facts.energy_wh),
        "sentence": receipt_words.sentence(facts),
    }


def _facts(facts: ReceiptFacts) -> list[list[str]]:
    """What was charged, when and where, and what it cost: a name and a value each."""
    charge, cost = facts.charge, receipt_cost.shown(facts.cost)
    return [
        [gettext("Energy"), numbers.kwh(facts.energy_wh)],
        [gettext("When"), _period(facts)],
        [gettext("Where"), charge.location_name],
        [gettext("Charge"), f"{charge.uid}, {charge.operator_name}"],
        [gettext("Claimed by"), charge.claimant_name],
        *([[gettext("Cost"), cost.total]] if cost else []),
    ]


def _sure(facts: ReceiptFacts) -> list[str]:
    evidence = facts.evidence
    return [
        f"{evidence.grade}: {gettext(evidence.summary)}",
        gettext(evidence.energy),
        gettext(evidence.timing),
        gettext(evidence.generation),
    ]


def _hour(line: receipt_page.HourLine) -> list[str]:
    hour = line.facts
    amounts = (hour.energy_wh, hour.renewable_wh, hour.carbon_free_wh, hour.tracked_wh)
    return [
        f"{line.starts_at:%Y-%m-%d %H:%M %Z}",
        *(numbers.localised(f"{amount:,}") for amount in amounts),
    ]


def _source(source: receipt_page.Source) -> dict[str, Any]:
    return {
        "name": source.plant.name,
        "kind": source.kind,
        "amount": numbers.kwh(source.plant.amount_wh),
        "number": f"{gettext('Plant number (GSRN)')} {source.plant.gsrn}",
        "parts": [
            gettext("MWh no. %(number)s, Wh %(first)s to %(last)s")
            % {
                "number": numbers.localised(f"{part.stretch.certificate:,}"),
                "first": numbers.localised(f"{part.stretch.first:,}"),
                "last": numbers.localised(f"{part.stretch.last:,}"),
            }
            for part in source.parts
        ],
    }


def _period(facts: ReceiptFacts) -> str:
    start, end = _local(facts, facts.charge.started_at), _local(facts, facts.charge.ended_at)
    last = f"{end:%H:%M}" if start.date() == end.date() else _moment(end)
    return f"{_moment(start)} \N{EN DASH} {last} {end:%Z}"


def _day(facts: ReceiptFacts) -> str:
    return str(date_format(_local(facts, facts.charge.started_at), gettext("j F Y")))


def _moment(value: datetime) -> str:
    return str(date_format(value, gettext("j F Y, H:i")))


def _local(facts: ReceiptFacts, value: datetime) -> datetime:
    return value.astimezone(ZoneInfo(facts.charge.timezone))


def _qr(link: str) -> str:
    return segno.make(link, error="m", micro=False).svg_inline(border=0, omitsize=True)
