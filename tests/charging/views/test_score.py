"""A score is public while its company says so, true to the book, and open to a check."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from eth_account import Account
from eth_account.messages import encode_defunct

from certificates.models import Membership, Retirement, Role, User
from charging.domain.coverage import Span
from charging.errors import NotAChargingCompany
from charging.models import PublishedScore, Session
from charging.permissions import may_publish_score
from charging.queries.company.published_scores import score
from charging.services.matching.closing import set_grace
from charging.services.published_scores import publish, withdraw
from charging.services.score_publishers import let_publish, let_publish_no_more
from ledger.models import AuditEvent
from tests.charging.conftest import make_organisation
from tests.charging.proven import TEN, matched_charge, settled_charge
from tests.charging.views.company.test_home import log_in

PAGE, FILE, DESK = "/score/council/", "/score/council/score.json", "/company/score/"


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()


@pytest.fixture
def charged(data_dir, quick_keys, producer, company, now, great_britain):
    """21 kWh charged in two hours, 12 and 9, all of them matched and in blocks."""
    settled_charge(producer, company, now)


def act(company, now):
    return {"organisation": company, "actor": "test", "now": now}


def test_nobody_sees_a_score_until_its_company_publishes_it(client, charged, company, now):
    assert (client.get(PAGE).status_code, client.get(FILE).status_code) == (404, 404)
    for _ in range(2):
        publish(**act(company, now))
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "renewable in the same hours" in page.text
    assert page["Cache-Control"] == "public, max-age=300"
    assert AuditEvent.objects.filter(action="score.published").count() == 1


def test_the_figures_are_those_of_the_book_and_add_up(client, charged, company, now):
    publish(**act(company, now))
    body = client.get(FILE).json()
    total = body["total"]
    assert total["used_wh"] == 21_000
    retired_wh = Retirement.objects.aggregate(wh=Sum("amount_wh"))["wh"]
    assert total["renewable_wh"] == total["tracked_wh"] == retired_wh == 21_000
    for span in Span:
        if span is not Span.HOUR:
            rows = body["figures"][span]
            for name in ("used_wh", "renewable_wh", "carbon_free_wh", "tracked_wh"):
                assert sum(row[name] for row in rows) == total[name]
    assert body["figures"]["week"][0]["starts_on"] == "2018-05-28"
    assert body["method"]["version"] == "hourly-score-1"


def test_the_registry_signs_the_figures(client, charged, company, now):
    publish(**act(company, now))
    body = client.get(FILE).json()
    signed = body["signed"]
    message = encode_defunct(text=signed["statement"])
    assert Account.recover_message(message, signature=signed["signature"]) == signed["signer"]
    said = json.loads(signed["statement"])
    assert said["figures_sha256"] == body["figures_sha256"] == score(company, now).figures_sha256


def test_what_no_block_holds_yet_does_not_count(client, producer, company, now, great_britain):
    matched_charge(producer, company, now)
    publish(**act(company, now))
    assert client.get(FILE).json()["total"]["renewable_wh"] == 0


def test_provisional_charges_and_the_last_two_days_do_not_count(charged, company):
    assert score(company, TEN + timedelta(hours=48)).total is None
    assert score(company, TEN + timedelta(hours=49)).total.used_wh < 21_000
    Session.objects.update(final=False)
    assert score(company, timezone.now()).total is None


def test_an_hour_that_is_open_for_late_data_counts_for_nothing_yet(charged, company):
    terms = {"area": None, "valid_from": TEN, "reason": "", "actor": "test", "now": TEN}
    set_grace(grace_minutes=72 * 60, **terms)
    assert score(company, TEN + timedelta(hours=71)).total is None
    assert score(company, TEN + timedelta(hours=80)).total.used_wh == 21_000


def test_a_score_taken_back_is_gone_at_once_and_may_come_again(client, charged, company, now):
    publish(**act(company, now))
    client.get(PAGE)
    assert [withdraw(**act(company, now)) for _ in range(2)] == [True, False]
    for address in (PAGE, FILE):
        answer = client.get(address)
        assert (answer.status_code, "taken its score back" in answer.text) == (410, True)
    publish(**act(company, now))
    assert client.get(PAGE).status_code == 200
    assert PublishedScore.objects.count() == 2


def test_one_publication_is_in_force_at_a_time(company, now):
    publish(**act(company, now))
    with pytest.raises(IntegrityError), transaction.atomic():
        PublishedScore.objects.create(organisation=company, published_at=now)


def test_the_company_previews_publishes_and_takes_back(client, charged, company):
    assert client.get(DESK).status_code == 302
    log_in(client, make_organisation("Watch", "watch", Role.AUDITOR), Role.AUDITOR)
    assert client.post(DESK, {"act": "publish"}).status_code == 403
    log_in(client, company)
    page = client.get(DESK).text
    assert "Nobody else sees this score" in page
    let_publish(person=User.objects.latest("pk"), now=timezone.now())
    assert "renewable in the same hours" in page
    assert "Everyone sees this score" in client.post(DESK, {"act": "publish"}, follow=True).text
    assert client.get(PAGE)["Cache-Control"] == "private, no-store"  # it names who is logged in
    client.post(DESK, {"act": "nonsense"})
    assert "no longer shown" in client.post(DESK, {"act": "withdraw"}, follow=True).text
    assert not PublishedScore.objects.filter(withdrawn_at__isnull=True).exists()


def test_who_looks_on_for_a_company_cannot_speak_for_it(client, charged, company, now):
    log_in(client, company)
    person = User.objects.latest("pk")
    assert "Publish the score" not in client.get(DESK).text
    assert client.post(DESK, {"act": "publish"}).status_code == 403
    assert not PublishedScore.objects.exists()
    assert let_publish(person=person, now=now)
    assert not let_publish(person=person, now=now)
    assert "Publish the score" in client.get(DESK).text
    client.post(DESK, {"act": "publish"})
    assert let_publish_no_more(person=person, now=now)
    assert not let_publish_no_more(person=person, now=now)
    assert "Take the score back" not in client.get(DESK).text
    assert client.post(DESK, {"act": "withdraw"}).status_code == 403
    assert PublishedScore.objects.filter(withdrawn_at__isnull=True).count() == 1
    events = AuditEvent.objects.filter(action__startswith="score.publisher")
    assert [event.action for event in events.order_by("pk")] == [
        "score.publisher_added",
        "score.publisher_removed",
    ]


def test_the_word_to_publish_is_for_ones_own_company_alone(client, charged, company, now):
    other = make_organisation("Other chargers", "other", Role.CHARGING_COMPANY)
    log_in(client, other)
    person = User.objects.latest("pk")
    let_publish(person=person, now=now)
    assert may_publish_score(person, other)
    assert not may_publish_score(person, company)
    Membership.objects.all().delete()
    assert not may_publish_score(User.objects.get(pk=person.pk), other)


def test_who_acts_for_no_charging_company_is_not_let(company, now):
    with pytest.raises(NotAChargingCompany, match="acts for no charging company"):
        let_publish(person=User.objects.create_user("x@example.org"), now=now)


def test_the_command_lets_a_person_publish_and_no_longer(client, company, capsys):
    log_in(client, company)
    email = User.objects.latest("pk").email
    call_command("score_publisher", email)
    assert f"{email} may show" in capsys.readouterr().out
    call_command("score_publisher", email)
    assert "as before" in capsys.readouterr().out
    call_command("score_publisher", email, "--end")
    assert f"{email} may not show" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Nobody logs in as"):
        call_command("score_publisher", "nobody@example.org")


@pytest.mark.parametrize("by", ["day", "week", "month", "year", "hour", "<script>", ""])
def test_every_period_has_its_table(client, charged, company, now, by):
    publish(**act(company, now))
    page = client.get(PAGE, {"by": by})
    assert page.status_code == 200
    assert "<script>" not in page.text


def test_a_company_without_charges_has_a_page_too(client, company, now, great_britain):
    publish(**act(company, now))
    assert "No charge has settled yet" in client.get(PAGE).text
    assert client.get(FILE).json()["total"] is None
