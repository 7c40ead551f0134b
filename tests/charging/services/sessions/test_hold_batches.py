"""All rows of one cause are decided in one act: all or none, once, with a trace."""

import pytest

from certificates.models import Role, User
from charging.errors import DecisionRefused, DecisionsRefused
from charging.models import Receipt, Session, SessionFile, SessionRow
from charging.queries.company.held_causes import held_causes
from charging.services.sessions.hold_batches import LEAVE, Act, decide_all, foresee
from charging.services.sessions.holds import approve
from ledger.models import AuditEvent
from tests.charging.conftest import make_organisation
from tests.charging.services.sessions.test_holds import GB, generic, load, row, sums
from tests.charging.views.company.test_home import log_in

TIMES = "EV-1,1,2026-03-0{n}T10:00Z,2026-03-0{n}T11:00Z"


@pytest.fixture
def file(company, great_britain, now):
    """Three rows without an end, one that is repeated by the clock, one that is fine."""
    twice = row(9, start="28.10.2018 02:30", end="28.10.2018 04:00", hours="NA")
    load(company, now, *(row(n, end="NA") for n in (1, 2, 3)), twice, row(4))
    return SessionFile.objects.get()


def cause(file, reason):
    (found,) = [rows for rows in held_causes(file) if any(reason in r for r in rows.cause.reasons)]
    return found


def decide(file, now, key, choice=0, **more):
    return decide_all(file=file, act=Act(key, choice, **more), actor="test", now=now)


def test_rows_of_one_cause_become_charges_and_others_stay(file, company, now):
    ends = cause(file, "end is missing")
    assert (ends.count, ends.cause.ways) == (3, ("Take each end from the stated duration.",))
    effect = decide(file, now, ends.cause.key)
    assert (effect.rows, effect.created, effect.energy_wh) == (3, 3, 31_500)
    assert Session.objects.count() == 4
    assert Receipt.objects.count() == 4
    assert sums(company) == (4, 1, 0, 0, 0)
    rows = SessionRow.objects.filter(status="repaired").order_by("line")
    assert [(each.session.uid, each.session.line) for each in rows] == [
        ("1", 2),
        ("2", 3),
        ("3", 4),
    ]
    event = AuditEvent.objects.get(action="session_rows.decided")
    assert (event.detail["rows"], event.detail["lines"]) == (3, "2-4")
    assert event.detail["decision"] == "duration:0"


def test_what_is_done_at_once_is_what_is_done_one_by_one(file, company, now):
    ends = cause(file, "end is missing")
    first = SessionRow.objects.get(line=2)
    alone = approve(organisation=company, row_id=first.pk, choice=0, actor="test", now=now)
    decide(file, now, ends.cause.key)
    facts = ("started_at", "ended_at", "energy_wh", "final", "area_id", "file_id")
    together = Session.objects.get(uid="2")
    for name in facts:
        assert getattr(together, name) == getattr(alone.session, name)
    assert list(together.hours.values_list("starts_at", "energy_wh", "method")) == list(
        alone.session.hours.values_list("starts_at", "energy_wh", "method")
    )
    assert SessionRow.objects.get(line=3).decision == alone.decision


def test_a_preview_says_what_the_act_does_and_writes_nothing(file, now):
    ends = cause(file, "end is missing")
    act = Act(ends.cause.key, 0)
    seen = foresee(file=file, act=act, actor="test", now=now)
    assert (Session.objects.count(), SessionRow.objects.filter(status="held").count()) == (1, 4)
    assert not AuditEvent.objects.filter(action="session_rows.decided").exists()
    assert decide_all(file=file, act=act, actor="test", now=now) == seen


def test_rows_are_left_out_together_and_stay_with_their_reasons(file, company, now):
    ends = cause(file, "end is missing")
    effect = decide(file, now, ends.cause.key, LEAVE)
    assert (effect.left_out, effect.created) == (3, 0)
    assert sums(company) == (1, 1, 3, 0, 0)
    reasons = SessionRow.objects.get(line=3).reasons
    assert [each["reason"] for each in reasons][-1] == "A person decided to leave it out."


def test_one_row_that_cannot_be_taken_stops_all_and_is_named(file, company, now):
    ends = cause(file, "end is missing")
    load(company, now, row(2))
    with pytest.raises(DecisionsRefused, match="1 of 3 rows") as refused:
        decide(file, now, ends.cause.key)
    assert [(line, "known by now" in words) for line, words in refused.value.refusals] == [
        (3, True)
    ]
    assert foresee(file=file, act=Act(ends.cause.key, 0), actor="t", now=now).refusals
    assert SessionRow.objects.filter(status="held").count() == 4
    assert Session.objects.count() == 2


def test_twice_or_of_other_rows_than_were_seen_is_refused(file, now):
    ends = cause(file, "end is missing")
    with pytest.raises(DecisionRefused, match="Other rows"):
        decide(file, now, ends.cause.key, rows=2)
    for choice in (1, -2, 99):
        with pytest.raises(DecisionRefused, match="no such proposal"):
            decide(file, now, ends.cause.key, choice)
    decide(file, now, ends.cause.key, rows=3)
    for key in (ends.cause.key, "x" * 999, ""):
        with pytest.raises(DecisionRefused, match="decided before"):
            decide(file, now, key)
    assert Session.objects.count() == 4


def test_each_meaning_of_a_repeated_hour_is_a_choice_for_all(file, now):
    clock = cause(file, "repeats this hour")
    assert [words.rpartition(": ")[2] for words in clock.cause.ways] == [
        "the first proposal of each row.",
        "the second proposal of each row.",
    ]
    decide(file, now, clock.cause.key, 1)
    assert Session.objects.get(uid="9").started_at.hour == 1


def test_corrections_are_made_together(company, great_britain, now):
    for kwh in ("10", "12"):
        generic(company, now, *(f"{n},{TIMES.format(n=n)},{kwh},Mill Street" for n in (1, 2)))
    file = SessionFile.objects.latest("pk")
    effect = decide(file, now, cause(file, "other content").cause.key)
    assert (effect.corrected, effect.created, effect.energy_wh) == (2, 0, 24_000)
    standing = Session.objects.filter(voided_at__isnull=True)
    assert {each.energy_wh for each in standing} == {12_000}


def test_an_area_is_chosen_for_all(company, great_britain, now):
    rows = [f"{n},{TIMES.format(n=n)},9,Mill Street" for n in (1, 2)]
    generic(company, now, *rows, area="")
    file = SessionFile.objects.get()
    key = cause(file, "area of this site").cause.key
    with pytest.raises(DecisionsRefused) as refused:
        decide(file, now, key)
    assert len(refused.value.refusals) == 2
    decide(file, now, key, area_code=GB)
    assert {each.area for each in Session.objects.all()} == {great_britain}


def test_the_page_previews_decides_and_refuses_strangers(client, file, company, now):
    log_in(client, company)
    key = cause(file, "end is missing").cause.key
    place = f"/company/sessions/files/{file.pk}/held/{key}/"
    assert place in client.get(f"/company/sessions/?show=held&file={file.pk}").text
    assert "3 rows held for one cause" in client.get(place).text
    page = client.get(place, {"choice": "0"}).text
    assert "3 rows become charges" in page
    assert "Approve 3 rows" in page
    for odd in ("9", "9" * 50, "x", "-1"):
        assert "no such proposal" in client.get(place, {"choice": odd}).text
    done = client.post(place, {"choice": "0", "rows": "3"}, follow=True)
    assert "3 became charges" in done.text
    again = client.post(place, {"choice": "0", "rows": "3"}, follow=True)
    assert "decided before" in again.text
    assert "Nothing is held for this cause" in client.get(place, follow=True).text
    assert AuditEvent.objects.get(action="session_rows.decided").actor == str(
        User.objects.get(email="council@example.org")
    )
    log_in(client, make_organisation("Rival", "rival", Role.CHARGING_COMPANY))
    assert client.get(place).status_code == 404
    assert client.post(place, {"choice": "leave"}).status_code == 404
