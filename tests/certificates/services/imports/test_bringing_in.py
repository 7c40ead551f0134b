"""What an auditor accepted comes in by the worker; its owner is told, and so is the auditor."""

import pytest

from certificates.models import CertificateImport, Lot, Notice
from certificates.queries.holding.holdings import held_wh
from certificates.services.imports import bringing_in
from certificates.services.imports.bringing_in import bring_in
from certificates.services.imports.imports import accept, refuse, withdraw
from certificates.services.organisations import register_organisation
from ledger.models import AuditEvent
from tests.certificates.conftest import NOW
from tests.certificates.domain.external.files import gc_csv, hours

ACT = {"now": NOW, "actor": "auditor@example.org"}


def run(row):
    bring_in(import_id=row.pk, now=NOW)
    row.refresh_from_db()
    return row


def told(organisation):
    rows = Notice.objects.filter(organisation=organisation, kind="import").order_by("pk")
    return list(rows.values_list("message", flat=True))


def test_accepting_decides_and_issues_nothing_yet(hand_in, farm):
    row = accept(brought=hand_in(), **ACT)
    assert (row.status, row.accepted_by, row.lines) == ("accepted", "auditor@example.org", 3)
    assert held_wh(farm) == 0
    assert run(row).status == "imported"
    assert held_wh(farm) == 3_000
    actions = AuditEvent.objects.filter(action__startswith="certificate_import")
    assert list(actions.order_by("pk").values_list("action", "actor")) == [
        ("certificate_import.submitted", "owner@example.org"),
        ("certificate_import.accepted", "auditor@example.org"),
        ("certificate_import.imported", "auditor@example.org"),
    ]


def test_a_second_click_and_a_second_run_change_nothing(hand_in, farm):
    row = hand_in()
    accept(brought=row, **ACT)
    accept(brought=row, **ACT)
    run(row)
    accept(brought=row, **ACT)
    run(row)
    assert (held_wh(farm), Lot.objects.count()) == (3_000, 3)


def test_what_was_not_accepted_is_not_brought_in(hand_in, farm):
    assert run(hand_in()).status == "submitted"
    assert held_wh(farm) == 0


def test_what_is_on_its_way_can_no_longer_be_refused(hand_in):
    row = accept(brought=hand_in(), **ACT)
    with pytest.raises(Exception, match="is being brought in already"):
        refuse(brought=row, reason="late", **ACT)


def test_of_two_that_share_serials_the_second_waits_again_and_says_why(hand_in, farm):
    first, second = hand_in(), hand_in(gc_csv(*hours(1)))
    for row in (first, second):
        accept(brought=row, **ACT)
    assert (run(first).status, run(second).status) == ("imported", "submitted")
    assert "shares serials with line 2 of import" in second.failure
    assert held_wh(farm) == 3_000
    refuse(brought=second, reason="These came in before.", **ACT)


def test_progress_is_written_while_the_file_is_read(hand_in, monkeypatch):
    row = accept(brought=hand_in(), **ACT)
    seen = []
    monkeypatch.setattr("certificates.domain.external.gc_csv.SHOWN_EVERY", 1)
    write = bringing_in.write_lots

    def look(**facts):
        seen.append(CertificateImport.objects.values_list("lines_done", "lines").get())
        return write(**facts)

    monkeypatch.setattr(bringing_in, "write_lots", look)
    run(row)
    assert seen == [(3, 3)]


def test_a_fault_of_ours_leaves_nothing_behind_and_can_be_tried_again(hand_in, farm, monkeypatch):
    row = accept(brought=hand_in(), **ACT)
    write = bringing_in.write_lots

    def broken(**facts):
        write(**facts)
        raise RuntimeError("broken")

    monkeypatch.setattr(bringing_in, "write_lots", broken)
    with pytest.raises(RuntimeError):
        run(row)
    row.refresh_from_db()
    assert (row.status, held_wh(farm)) == ("submitted", 0)
    assert "on our side" in row.failure
    monkeypatch.setattr(bringing_in, "write_lots", write)
    accepted = accept(brought=row, **ACT)
    assert accepted.failure == ""
    assert run(row).status == "imported"


def test_the_auditor_is_told_of_a_request_and_the_owner_of_its_end(hand_in, farm):
    office = register_organisation(name="Office", slug="office", roles=["auditor"], now=NOW)
    row = hand_in()
    (asked,) = told(office)
    assert "Wind farm asks to bring in 3,000 Wh of The other registry for Abroad" in asked
    assert told(farm) == []
    run(accept(brought=row, **ACT))
    assert told(farm) == [
        f"Your import gc.csv ({row.pk}) was accepted: 3,000 Wh of The other registry are yours."
    ]
    withdraw(brought=row, reason="Wrong plant", **ACT)
    assert told(farm)[1] == f"Your import gc.csv ({row.pk}) was taken back: Wrong plant"
    again = hand_in()
    refuse(brought=again, reason="The statement names other serials.", **ACT)
    assert told(farm)[2].endswith("was refused: The statement names other serials.")
    assert len(told(office)) == 2
