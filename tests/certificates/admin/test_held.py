"""What waits for review is one click away; an auditor releases or ends it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.errors import ReviewRefused
from certificates.models import Notice
from certificates.services.issuing.issuance import issue
from certificates.services.meters.readings import import_readings
from certificates.services.meters.review import release, release_all
from ledger.models import AuditEvent
from tests.certificates.conftest import meter_csv
from tests.trail import make_auditor

LINES = ("2018-01-01T00:00Z,1", "2018-01-01T01:00Z,4000", "2018-01-01T02:00Z,2")


@pytest.fixture
def auditor(client, device, now):
    import_readings(device=device, stream=meter_csv(*LINES), name="m", selection={}, now=now)
    client.force_login(make_auditor())
    return client


def test_the_auditor_filters_for_held_readings_and_sees_why(auditor, device):
    url = reverse("admin:certificates_reading_changelist")
    with CaptureQueriesContext(connection) as captured:
        page = auditor.get(url, {"status": "held"})
    (held,) = page.context["cl"].result_list
    assert held.energy_wh == 4_000_000
    shown = auditor.get(reverse("admin:certificates_reading_change", args=[held.pk]))
    assert "more than the capacity allows" in shown.content.decode()
    assert len(captured.captured_queries) < 15


def test_all_that_one_rule_held_is_found_and_ended_in_one_act(auditor, device, now):
    more = ("2018-01-02T00:00Z,5000", "2018-01-02T01:00Z,-9000", "2018-01-02T02:00Z,6000")
    import_readings(device=device, stream=meter_csv(*more), name="n", selection={}, now=now)
    url = reverse("admin:certificates_reading_changelist")
    chosen = {"status": "held", "rule": "R11"}
    held = auditor.get(url, chosen).context["cl"].result_list
    assert sorted(row.energy_wh for row in held) == [4_000_000, 5_000_000, 6_000_000]
    (used,) = auditor.get(url, {"rule": "R12"}).context["cl"].result_list
    assert used.energy_wh == -9_000_000
    form = {"action": "end", "reason": "A fault of the logger.", "select_across": "1"}
    page = auditor.post(
        f"{url}?status=held&rule=R11", form | {"_selected_action": [held[0].pk]}, follow=True
    )
    assert "3 readings decided" in page.content.decode()
    assert device.readings.filter(status="held").get() == used
    notice = Notice.objects.get()
    assert "3 readings of Turbine 2 from 2018-01-01 01:00 to 2018-01-02 03:00 UTC" in notice.message
    assert "(15,000,000 Wh) were not accepted: A fault of the logger." in notice.message
    assert AuditEvent.objects.filter(action="reading.ended").count() == 3


def test_many_are_released_by_as_many_statements_as_a_few(auditor, device, now):
    asked = []
    for day, count in ((3, 2), (4, 20)):
        more = [f"2018-01-{day:02}T{hour:02}:00Z,5000" for hour in range(count)]
        import_readings(device=device, stream=meter_csv(*more), name="n", selection={}, now=now)
        held = list(device.readings.filter(status="held", starts_at__day=day))
        with CaptureQueriesContext(connection) as captured:
            release_all(readings=held, reason="Seen on site.", now=now, actor="auditor")
        asked.append(len(captured))
    assert asked[0] == asked[1]
    assert issue(device=device, now=now).lots == 2 + 22
    assert AuditEvent.objects.filter(action="reading.released").count() == 22


def test_a_held_reading_is_never_issued(auditor, device, now):
    assert issue(device=device, now=now).lots == 2
    assert issue(device=device, now=now).lots == 0
    assert sorted(device.lots.values_list("amount_wh", flat=True)) == [1_000, 2_000]


def decide(client, action, *readings, reason="Checked by phone"):
    return client.post(
        reverse("admin:certificates_reading_changelist"),
        {"action": action, "reason": reason, "_selected_action": [r.pk for r in readings]},
        follow=True,
    )


def held_of(device):
    return device.readings.get(status="held")


def test_a_released_reading_issues_and_the_log_says_who_and_why(auditor, device, now):
    held = held_of(device)
    page = decide(auditor, "release", held)
    assert "1 reading decided" in page.content.decode()
    assert issue(device=device, now=now).lots == 3
    event = AuditEvent.objects.get(action="reading.released")
    assert event.detail["reason"] == "Checked by phone"
    assert event.actor_id


def test_an_ended_reading_stays_visible_never_issues_and_the_owner_is_told(auditor, device, now):
    held = held_of(device)
    decide(auditor, "end", held)
    held.refresh_from_db()
    assert (held.status, held.energy_wh) == ("ended", 4_000_000)
    assert issue(device=device, now=now).lots == 2
    assert "was not accepted: Checked by phone" in Notice.objects.get().message
    assert (
        auditor.get(reverse("admin:certificates_reading_change", args=[held.pk])).status_code == 200
    )


def test_a_decision_needs_a_reason(auditor, device):
    page = decide(auditor, "release", held_of(device), reason=" ")
    assert "Nothing was changed. Say why" in page.content.decode()
    assert held_of(device)


def test_a_second_click_changes_nothing(auditor, device):
    held = held_of(device)
    decide(auditor, "release", held)
    page = decide(auditor, "end", held)
    assert "only held ones are decided" in page.content.decode()
    assert AuditEvent.objects.filter(action__startswith="reading.").count() == 1


def test_one_refusal_leaves_all_as_it_was(auditor, device):
    decide(auditor, "release", *device.readings.all())
    assert held_of(device)


def test_only_auditors_decide(client, device, now):
    import_readings(device=device, stream=meter_csv(*LINES), name="m", selection={}, now=now)
    user = make_auditor()
    user.memberships.all().delete()
    client.force_login(user)
    decide(client, "release", held_of(device))
    assert held_of(device)


def test_a_released_correction_comes_into_force(device, now):
    load = {"device": device, "name": "m", "selection": {}, "now": now}
    import_readings(stream=meter_csv("2018-01-01T00:00Z,1", "2018-01-01T01:00Z,1"), **load)
    issue(device=device, now=now)
    import_readings(stream=meter_csv("2018-01-01T00:00Z,1", LINES[1]), **load)
    release(reading=held_of(device), reason="new turbine", now=now, actor="auditor")
    issue(device=device, now=now)
    lots = device.lots.filter(starts_at__hour=1).order_by("sequence")
    assert [lot.amount_wh for lot in lots] == [1_000, 3_999_000]


def test_an_interval_off_the_grid_cannot_be_released(device, now):
    lines = ("2018-01-01T00:00Z,1", "2018-01-01T01:00Z,1", "2018-01-01T02:30Z,1")
    import_readings(device=device, stream=meter_csv(*lines), name="m", selection={}, now=now)
    with pytest.raises(ReviewRefused, match="off the grid"):
        release(reading=held_of(device), reason="fine", now=now, actor="auditor")


def test_a_correction_is_released_only_while_it_is_the_newest(device, now):
    load = {"device": device, "name": "m", "selection": {}, "now": now}
    import_readings(stream=meter_csv(*LINES), **load)
    held = held_of(device)
    import_readings(stream=meter_csv(LINES[0], "2018-01-01T01:00Z,2"), **load)
    with pytest.raises(ReviewRefused):
        release(reading=held, reason="fine", now=now, actor="auditor")
