"""Who may show a company's score over the API: a key with a scope of its own, and nobody else."""

import pytest

from charging.models import PublishedScore
from ledger.models import AuditEvent


@pytest.fixture(autouse=True)
def charging_company(trail):
    PublishedScore.objects.all().delete()
    trail.company.roles.get_or_create(role="charging_company")


def test_a_score_is_shown_and_taken_back_once(call):
    assert call("get", "score/").status_code == 404
    for key in "aab":
        assert call("post", "score/", key=key).status_code == 200
    assert call("get", "score/").json()["withdrawn_at"] is None
    for key in "ccd":
        assert call("delete", "score/", key=key).status_code == 204
    assert call("get", "score/").status_code == 404
    events = AuditEvent.objects.filter(action__startswith="score.").order_by("pk")
    assert [event.action for event in events] == ["score.published", "score.withdrawn"]
    assert all(event.actor for event in events)


@pytest.mark.parametrize("method", ["post", "delete"])
def test_a_key_that_sends_sessions_does_not_speak_for_the_company(call, trail, method):
    secret = call.key(trail.company, ["sessions:read", "sessions:write"])
    assert call(method, "score/", key="a", secret=secret).status_code == 403
    assert not PublishedScore.objects.exists()


def test_a_company_without_chargers_has_no_score(call, trail):
    trail.company.roles.filter(role="charging_company").delete()
    answer = call("post", "score/", key="a")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_charging_company")
