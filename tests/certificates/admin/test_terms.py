"""Auditors set the registry's terms on a page, after a look at what they change."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.models import RegistryPolicy, User
from certificates.services.registry_terms import set_terms
from ledger.models import AuditEvent
from tests.certificates.conftest import NOW
from tests.trail import make_auditor

PAGE = "admin:registry_terms"
UNTOUCHED = {"expiry_notice_days": "30", "handovers_need_approval": "on", "base": ""}
pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(client, db):
    client.force_login(make_auditor())
    return client


def send(client, step="", **sent):
    return client.post(reverse(PAGE), UNTOUCHED | {"reason": "Agreed"} | sent | {"step": step})


def text(answer):
    return " ".join(answer.content.decode().split())


def test_a_look_says_what_changes_in_wh_and_writes_nothing(auditor, produce):
    produce("1", "2")
    shown = text(send(auditor, usable_months="12"))
    assert "At once" in shown
    assert "Months in which it can be used, then it expires: none → <strong>12</strong>" in shown
    assert "3,000 Wh that are held now expire at once" in shown
    assert "Days of notice before it expires:" not in shown
    assert not RegistryPolicy.objects.exists()


def test_after_the_look_it_is_set_and_stands_in_the_history_with_who_and_why(auditor):
    assert send(auditor, "confirm", usable_months="18").status_code == 302
    row = RegistryPolicy.objects.get()
    assert (row.usable_months, row.tradable_months, row.expiry_notice_days) == (18, None, 30)
    assert AuditEvent.objects.get(action="policy.set").actor == "auditor@example.org"
    shown = text(auditor.get(reverse(PAGE)))
    assert "These terms hold from" in shown
    assert "Months in which it can be used, then it expires: none → 18" in shown
    assert "<td>Agreed</td> <td>auditor@example.org</td>" in shown


def test_a_second_click_sets_nothing_twice(auditor):
    send(auditor, "confirm", usable_months="18")
    again = send(auditor, "confirm", usable_months="18")
    assert again.status_code == 422
    assert "have changed since you opened this page" in text(again)
    assert RegistryPolicy.objects.count() == 1


def test_terms_from_a_day_on_keep_the_others_and_say_what_comes_after(auditor):
    first = timezone.now().replace(microsecond=0) + timedelta(days=400)
    set_terms(
        changes={"usable_months": 24}, valid_from=first, reason="Law", now=NOW, actor="command"
    )
    day = timezone.now() + timedelta(days=100)
    begins = f"{day:%Y-%m-%d} 00:00"
    shown = text(send(auditor, debt_overdue_days="90", begins=begins))
    assert f"From {begins} UTC on: what changes" in shown
    assert f"Only until {first:%Y-%m-%d %H:%M} UTC" in shown
    assert send(auditor, "confirm", debt_overdue_days="90", begins=begins).status_code == 302
    early, late = RegistryPolicy.objects.order_by("valid_from")
    assert (early.debt_overdue_days, early.usable_months) == (90, None)
    assert (late.debt_overdue_days, late.usable_months) == (None, 24)
    assert "(to come)" in text(auditor.get(reverse(PAGE)))


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"reason": "", "usable_months": "1"}, "This field is required"),
        ({}, "Say which terms change"),
        ({"usable_months": "-1"}, "greater than or equal to 0"),
        ({"usable_months": "soon"}, "Enter a whole number"),
        ({"usable_months": "0"}, "would end everything at once"),
        ({"usable_months": "1201"}, "is too long; give 1200 at most"),
        ({"usable_months": "99999999999"}, "Set other terms"),
        ({"photovoltaic_day_percent": "101"}, "no percentage of full power"),
        ({"tradable_months": "19", "usable_months": "18"}, "longer than the 18 months of use"),
        ({"usable_months": "18", "begins": "2001-01-01 00:00"}, "from now on at the earliest"),
        ({"usable_months": "18", "begins": "soon"}, "Write day and time as"),
        ({"usable_months": "18", "base": "99"}, "have changed since you opened"),
        ({"usable_months": "18", "base": "x"}, "Set other terms"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(auditor, sent, words):
    answer = send(auditor, "confirm", **sent)
    assert answer.status_code == 422
    assert words in text(answer)
    assert not RegistryPolicy.objects.exists()


def test_every_term_says_what_it_does(auditor, device):
    sent = {
        "tradable_months": "12",
        "usable_months": "18",
        "expiry_notice_days": "10",
        "upload_deadline_days": "60",
        "debt_overdue_days": "90",
        "photovoltaic_day_percent": "55",
        "tidal_day_percent": "90",
        "handovers_need_approval": "",
        "capacity_tolerance_percent": "10",
        "whole_certificates_only": "on",
    }
    shown = text(send(auditor, **sent))
    for words in (
        "Everything that can be traded now still can be.",
        "Nothing that is held now expires by this change alone.",
        "Holders are told 10 days before",
        "are in time; older ones are held for review",
        "0 plants would be overdue then",
        "Readings of 0 plants that are uploaded from then on are held",
        "without an auditor",
        "Readings of 1 plant that are uploaded from then on are held where an interval shows more "
        "than 110 % of full power",
        "1 plant that is certified by the Wh now stays so",
    ):
        assert words in shown
    send(auditor, "confirm", **sent)
    base = RegistryPolicy.objects.get().pk
    back = dict.fromkeys(sent, "") | UNTOUCHED | {"base": str(base)}
    shown = text(send(auditor, **back))
    for words in (
        "Certificates are traded as long as they can be used.",
        "Nothing expires by this registry&#x27;s terms any more.",
        "Readings may come however late.",
        "No debt is overdue any more.",
        "waits for an auditor once",
        "more than 50 % of full power",
    ):
        assert words in shown


def test_change_it_goes_back_to_the_form_with_what_was_given(auditor):
    shown = text(send(auditor, "change", usable_months="18"))
    assert 'name="usable_months" value="18"' in shown
    assert "See what it changes" in shown


def test_only_auditors_set_and_only_the_registry_looks(client, farm):
    client.force_login(User.objects.create_user("staff@example.org", "x", is_staff=True))
    assert client.get(reverse(PAGE)).status_code == 403
    assert send(client, "confirm", usable_months="18").status_code == 403
    registrar = User.objects.create_user("registrar@example.org", "x", is_staff=True)
    registrar.memberships.create(organisation=farm, role="registrar")
    client.force_login(registrar)
    assert "Auditors set terms." in text(client.get(reverse(PAGE)))
    assert send(client, "confirm", usable_months="18").status_code == 403
    assert not RegistryPolicy.objects.exists()


def test_the_list_of_policies_leads_to_the_page(auditor):
    assert reverse(PAGE) in text(
        auditor.get(reverse("admin:certificates_registrypolicy_changelist"))
    )
