"""A year's figures are kept while nothing changes, and reckoned again once something did."""

from datetime import timedelta

import pytest

from charging.models import Session
from charging.queries.company.evidence_pack import gather, totals_of
from charging.queries.company.kept import kept
from charging.services.matching.runs import match
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import DAY, TEN, A, B


@pytest.fixture
def asked():
    return []


def look(company, asked):
    return kept("figures", company, 2018, lambda: asked.append(1) or len(asked))


def test_what_changes_a_figure_has_it_reckoned_again(producer, company, now, asked):
    device = register_plant(producer, now)
    assert (look(company, asked), look(company, asked)) == (1, 1)
    acts = (
        lambda: charge(company, [A], now, final=False),
        lambda: Session.objects.update(energy_wh=9_000),
        lambda: Session.objects.update(final=True),
        lambda: share_all(device, company, now),
        lambda: generate(device, TEN, ["16"], now),
        lambda: match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now),
    )
    for n, act in enumerate(acts, 2):
        act()
        assert (look(company, asked), look(company, asked)) == (n, n)


def test_figures_of_another_question_are_not_these(company, asked):
    assert kept("figures", company, (2018, 0), lambda: 1) == 1
    assert kept("figures", company, (2018, 1), lambda: 2) == 2
    assert kept("others", company, (2018, 0), lambda: 3) == 3


def test_the_sums_of_a_year_are_those_of_its_pack(producer, company, now):
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, [A, B], now)
    generate(device, TEN, ["8", "100"], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now + timedelta(hours=1))
    year = (DAY[0].replace(month=1, day=1), DAY[0].replace(year=2019, month=1, day=1))
    assert totals_of(company, *year) == gather(company, 2018).totals
