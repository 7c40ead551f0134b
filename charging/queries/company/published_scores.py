"""Scores that companies show to everyone."""

from datetime import UTC, datetime

from django.core.cache import cache

from certificates.models import Organisation
from charging.domain.score import SETTLES_AFTER, Score, score_of
from charging.models import PublishedScore
from charging.queries.company.covered import certified_of_company
from charging.queries.matching.closing import closing_at

KEPT_SECONDS = 300  # a public figure may be this old
FIRST = datetime(2000, 1, 1, tzinfo=UTC)


def in_force(organisation: Organisation) -> PublishedScore | None:
    """The company's word that its score may be seen, unless it took it back."""
    return PublishedScore.objects.filter(
        organisation=organisation, withdrawn_at__isnull=True
    ).first()


def history_of(organisation: Organisation) -> list[PublishedScore]:
    """Every time the score was published, the latest first."""
    return list(PublishedScore.objects.filter(organisation=organisation).order_by("-pk"))


def of_slug(slug: str) -> PublishedScore | None:
    """The latest publication under this name, also one that was withdrawn."""
    rows = PublishedScore.objects.filter(organisation__slug=slug).select_related("organisation")
    return rows.order_by("-pk").first()


def counted_until(now: datetime) -> datetime:
    """The end of the last hour that settled and is closed everywhere."""
    settled = min(now - SETTLES_AFTER, closing_at(now).earliest)
    return settled.replace(minute=0, second=0, microsecond=0)


def score(organisation: Organisation, now: datetime) -> Score:
    """The figures as they stand."""
    until = counted_until(now)
    intervals = certified_of_company(organisation, FIRST, until)
    return score_of(organisation.slug, organisation.name, intervals, until)


def public_score(published: PublishedScore, now: datetime) -> Score:
    """The same for everyone, reckoned again at most every five minutes."""
    key = f"public-score:{published.pk}:{now:%Y-%m-%dT%H}"
    kept: Score | None = cache.get(key)
    if kept is None:
        kept = score(published.organisation, now)
        cache.set(key, kept, KEPT_SECONDS)
    return kept
