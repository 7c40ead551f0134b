"""A company's score for everyone, and the company's own page to show it or not."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from certificates.views.language import in_readers_language
from charging.domain.coverage import Covered, Span
from charging.domain.score import SPANS, Score, method, row_of
from charging.models import PublishedScore
from charging.permissions import may_publish_score
from charging.queries.company import published_scores
from charging.queries.company.kept import kept
from charging.services.published_scores import publish, withdraw
from charging.views.company.access import company_of
from ledger.errors import KeyUnavailable
from ledger.services.statements import sign_statement

MOST_ROWS = 400  # on one page; the file has all
GONE = "This company has taken its score back. What was matched for its charges stays recorded."
NEVER = "No company of this name shows a score here."
BY = {  # a period's heading, and the way to it
    Span.DAY: (_("By day"), _("by day")),
    Span.WEEK: (_("By week"), _("by week")),
    Span.MONTH: (_("By month"), _("by month")),
    Span.YEAR: (_("By year"), _("by year")),
}


@require_safe
@in_readers_language
def score_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The figures by day, week, month and year; 410 in words once they were taken back."""
    response = _score_page(request, slug)
    if request.user.is_authenticated:  # the page's head names who is logged in
        patch_cache_control(response, private=True, no_store=True)
    else:
        patch_cache_control(response, public=True, max_age=published_scores.KEPT_SECONDS)
    return response


def _score_page(request: HttpRequest, slug: str) -> HttpResponse:
    published = published_scores.of_slug(slug)
    if published is None:
        return render(request, "score/missing.html", {"words": NEVER}, status=404)
    if published.withdrawn_at is not None:
        return render(request, "score/missing.html", {"words": GONE, "gone": True}, status=410)
    score = published_scores.public_score(published, timezone.now())
    facts = _facts(request, score) | {"published": published}
    return render(request, "score/score.html", facts)


@require_safe
@cache_control(public=True, max_age=published_scores.KEPT_SECONDS)
def score_file(request: HttpRequest, slug: str) -> JsonResponse:
    """The same for machines, signed by the registry."""
    published = published_scores.of_slug(slug)
    if published is None:
        return JsonResponse({"code": "unknown_score", "detail": NEVER}, status=404)
    if published.withdrawn_at is not None:
        return JsonResponse({"code": "score_withdrawn", "detail": GONE}, status=410)
    score = published_scores.public_score(published, timezone.now())
    return JsonResponse(_document(published, score), headers={"Access-Control-Allow-Origin": "*"})


@login_required
@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def desk_page(request: HttpRequest) -> HttpResponse:
    """What everyone would see, and the act of showing it or taking it back."""
    company = company_of(request)
    speaks = may_publish_score(request.user, company)
    if request.method == "POST" and not speaks:
        raise PermissionDenied("You look on for this company; others speak for it in public.")
    if request.method == "POST":
        actor, now, act = request.user, timezone.now(), request.POST.get("act")
        if act == "publish":
            publish(organisation=company, actor=actor, now=now)
            messages.success(request, "Your score is public now.")
        elif act == "withdraw" and withdraw(organisation=company, actor=actor, now=now):
            messages.success(request, "Your score is no longer shown.")
        return redirect("company-score")
    now = timezone.now()
    until = published_scores.counted_until(now)
    score = kept("score", company, until, lambda: published_scores.score(company, now))
    facts = _facts(request, score)
    facts |= {
        "company": company,
        "speaks": speaks,
        "published": published_scores.in_force(company),
        "history": published_scores.history_of(company),
        "address": settings.PUBLIC_URL + reverse("score", args=[company.slug]),
    }
    return render(request, "company/score.html", facts)


def _facts(request: HttpRequest, score: Score) -> dict[str, Any]:
    asked = request.GET.get("by", "")
    span = Span(asked) if asked in set(SPANS) else Span.MONTH
    rows = score.periods[span]
    return {
        "score": score,
        "spans": [(each.value, BY[each][1]) for each in SPANS],
        "span": span.value,
        "span_title": BY[span][0],
        "rows": [(_label(row, span), row) for row in reversed(rows[-MOST_ROWS:])],
        "left_out": max(len(rows) - MOST_ROWS, 0),
        "method": method(),
    }


def _label(row: Covered, span: Span) -> str:
    start = row.starts_at
    if span is Span.YEAR:
        return f"{start:%Y}"
    if span is Span.MONTH:
        return f"{start:%Y-%m}"
    day = f"{start:%Y-%m-%d}"
    return gettext("week from %(day)s") % {"day": day} if span is Span.WEEK else day


def _document(published: PublishedScore, score: Score) -> dict[str, Any]:
    until = score.counted_until.isoformat().replace("+00:00", "Z")
    about: dict[str, str | int] = {
        "registry": settings.REGISTRY_ID,
        "claimant": score.claimant,
        "claimant_name": score.claimant_name,
        "counted_until": until,
        "method": method()["version"],
        "figures_sha256": score.figures_sha256,
    }
    return {
        **about,
        "published_at": published.published_at.isoformat().replace("+00:00", "Z"),
        "method": method(),
        "total": row_of(score.total) if score.total else None,
        "figures": score.figures(),
        "signed": _signed(about),
        "trust": settings.PUBLIC_URL + reverse("trust-file"),
    }


def _signed(about: dict[str, str | int]) -> dict[str, str] | None:
    """The registry's word for the figures; none while its key is locked."""
    try:
        signed = sign_statement(about)
    except KeyUnavailable:
        return None
    return {"statement": signed.text, "signer": signed.signer, "signature": signed.signature}
