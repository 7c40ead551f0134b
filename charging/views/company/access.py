"""Whose pages a person may see, and which period they ask for."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from certificates.models import Organisation, Role
from certificates.permissions import is_auditor, organisations_of
from charging.domain.gap_cost import CURRENCIES, Price, read_price
from charging.errors import UnusablePrice
from charging.models import Location, MatchingRun, Session, SessionFile
from charging.queries.company.coverage import sites_of
from charging.queries.matching.refusals import Refusal, read_refusal, refusal_events
from charging.views.company.page import Year

MOST_DIGITS = 18


def company_of(request: HttpRequest) -> Organisation:
    """The company this person acts for. Raises: PermissionDenied without one."""
    companies = organisations_of(request.user, Role.CHARGING_COMPANY)
    company = companies.order_by("pk").first()
    if company is None:
        raise PermissionDenied("You act for no charging company.")
    return company


def acts_for(request: HttpRequest, company: Organisation) -> bool:
    """Whether the person is of this company; an auditor looks on from outside."""
    return organisations_of(request.user, Role.CHARGING_COMPANY).filter(pk=company.pk).exists()


def charge_for(request: HttpRequest, number: int) -> Session:
    """A charge of one of the person's companies, any charge for an auditor.

    Raises: Http404.
    """
    charges = Session.objects.select_related("operator", "claimant", "evse__location", "area")
    if not is_auditor(request.user):
        mine = organisations_of(request.user, Role.CHARGING_COMPANY)
        charges = charges.filter(claimant__in=mine)
    charge = charges.filter(pk=number).first()
    if charge is None:
        raise Http404("You have no such charge.")
    return charge


def run_for(request: HttpRequest, number: int) -> MatchingRun:
    """A matching run of one of the person's companies, any run for an auditor.

    Raises: Http404.
    """
    runs = MatchingRun.objects.select_related("organisation")
    if not is_auditor(request.user):
        runs = runs.filter(organisation__in=organisations_of(request.user, Role.CHARGING_COMPANY))
    run = runs.filter(pk=number).first()
    if run is None:
        raise Http404("You have no such matching run.")
    return run


def refusal_for(request: HttpRequest, number: int) -> tuple[Organisation, Refusal]:
    """A stopped matching of one of the person's companies, any for an auditor.

    Raises: Http404.
    """
    event = refusal_events().filter(pk=number).first()
    companies = Organisation.objects.all()
    if not is_auditor(request.user):
        companies = organisations_of(request.user, Role.CHARGING_COMPANY)
    slug = event.detail["organisation"] if event else ""
    company = companies.filter(slug=slug).first()
    if event is None or company is None:
        raise Http404("You have no such matching run.")
    return company, read_refusal(event)


def year_asked(request: HttpRequest, company: Organisation) -> Year | None:
    """The year asked for, within those that have charges; the latest without a question."""
    charges = Session.objects.filter(claimant=company).order_by("started_at")
    first = charges.values_list("started_at", flat=True).first()
    last = charges.values_list("started_at", flat=True).last()
    if first is None or last is None:
        return None
    text = request.GET.get("year", "")
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else last.year
    return Year(min(max(asked, first.year), last.year), first.year, last.year)


def day_asked(request: HttpRequest, company: Organisation) -> date | None:
    """The day asked for, else the last one with a charge; `None` without charges."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        charges = Session.objects.filter(claimant=company).order_by("-started_at")
        last = charges.values_list("started_at", flat=True).first()
        return last.date() if last else None


def site_asked(request: HttpRequest, company: Organisation) -> Location | None:
    """The site asked for, among those where the company's charges were; all without one."""
    text = request.GET.get("site", "")
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        return None
    return sites_of(company).filter(pk=int(text)).first()


def file_asked(request: HttpRequest, company: Organisation) -> SessionFile | None:
    """The file of charges asked for, among the company's own; all without one."""
    text = request.GET.get("file", "")
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        return None
    return SessionFile.objects.filter(organisation=company, pk=int(text)).first()


def month_asked(request: HttpRequest, company: Organisation) -> date | None:
    """The first day of the month asked for, else of the last with a charge; `None` without."""
    try:
        return date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        day = day_asked(request, company)
        return day.replace(day=1) if day else None


def hour_asked(request: HttpRequest) -> datetime:
    """The hour asked for as 2018-06-01T10, in UTC. Raises: Http404."""
    try:
        return datetime.strptime(request.GET.get("at", ""), "%Y-%m-%dT%H").replace(tzinfo=UTC)
    except ValueError as error:
        raise Http404("Ask for an hour such as ?at=2018-06-01T10, in UTC.") from error


@dataclass(frozen=True, slots=True)
class AskedPrice:
    """The price per MWh that a person assumed, as it was typed, or why it is none."""

    price: Price | None = None
    text: str = ""
    currency: str = CURRENCIES[0]
    refusal: str = ""
    currencies: tuple[str, ...] = CURRENCIES


def price_asked(request: HttpRequest) -> AskedPrice:
    """The assumed price in the address, if there is one."""
    text = request.GET.get("price", "").strip()[:40]
    currency = request.GET.get("currency", CURRENCIES[0])
    if not text:
        return AskedPrice(currency=currency if currency in CURRENCIES else CURRENCIES[0])
    try:
        return AskedPrice(read_price(text, currency), text, currency)
    except UnusablePrice as error:
        return AskedPrice(text=text, currency=currency, refusal=str(error))


def kept_question(site: Location | None, asked: AskedPrice | None = None) -> str:
    """What the next page is to be asked too, ready to follow another parameter."""
    parts: dict[str, str] = {"site": str(site.pk)} if site else {}
    if asked and asked.price:
        parts |= {"price": asked.text, "currency": asked.currency}
    return f"&{urlencode(parts)}" if parts else ""
