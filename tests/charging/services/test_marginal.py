"""Marginal intensities in the registry: loaded once, never changed, shown beside averages."""

import gzip
import json
from importlib import import_module
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from certificates.models import GridIntensity
from charging.queries.company.evidence_grid import grid_rows
from charging.queries.company.evidence_pack import HourRow
from charging.queries.grid import grid_intensities, marginal_factors
from charging.queries.receipts.receipt import find_receipt, receipt
from charging.services.marginal import load_marginal
from charging.services.matching.runs import match
from ledger.models import AuditEvent
from tests.charging.domain.test_marginal_file import GOOD, HEAD
from tests.charging.plant import charge, generate, register_plant, share_all
from tests.charging.services.matching.test_runs import DAY, TEN, A

ROWS = [GOOD.replace("GB", "10YGB----------A"), *[
    f"10YGB----------A,2018-06-01T11:{minute:02}Z,5,{400 + minute},Made,3,direct,CO2"
    for minute in range(0, 60, 5)
]]  # fmt: skip


def load(now, *rows: str, **options):
    text = "\n".join([HEAD, *rows])
    return load_marginal(data=text.encode(), name="made.csv", actor="test", now=now, **options)


def test_a_table_is_loaded_once_and_known_figures_are_never_changed(great_britain, now):
    first = load(now, *ROWS)
    assert (first.rows, first.accepted, first.duplicates, first.rejected) == (13, 13, 0, 0)
    assert load(now, *ROWS).duplicates == 13
    changed = load(now, ROWS[0].replace("412.5", "1"), ROWS[0], "x,", ROWS[1].replace("10YGB", "X"))
    assert (changed.rows, changed.accepted, changed.duplicates, changed.rejected) == (4, 0, 1, 3)
    assert [error.line for error in changed.errors] == [2, 4, 5]
    assert "412500 mg/kWh" in changed.errors[0].reason
    assert "no registered area" in changed.errors[2].reason
    assert GridIntensity.objects.filter(kind="marginal").count() == 13
    assert AuditEvent.objects.filter(action="grid.marginal_loaded").count() == 1


def test_two_lines_of_one_interval_count_once_or_contradict(great_britain, now):
    report = load(now, ROWS[0], ROWS[0], ROWS[0].replace(",3,", ",4,"))
    assert (report.accepted, report.duplicates, report.rejected) == (1, 1, 1)


def test_a_dry_run_reports_the_same_and_writes_nothing(great_britain, now):
    assert load(now, *ROWS, dry_run=True) == load(now, *ROWS)
    assert not load(now, *ROWS, dry_run=True).accepted


def test_marginal_figures_are_no_averages(great_britain, now):
    load(now, *ROWS)
    assert grid_intensities(great_britain.pk, *DAY) == {}
    hours = [(TEN, 60), (TEN.replace(hour=11), 60), (TEN.replace(hour=12), 60)]
    found = marginal_factors(great_britain.pk, hours)
    assert {start.hour: one.ug_per_wh for start, one in found.items()} == {10: 412_500, 11: 427_500}
    assert marginal_factors(great_britain.pk, []) == {}


@pytest.fixture
def charged(producer, company, now, great_britain):
    device = register_plant(producer, now)
    share_all(device, company, now)
    charge(company, [A], now)
    generate(device, TEN, ["8", "3"], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    return find_receipt("a").public_id


def test_a_receipt_shows_the_consequence_beside_its_share(client, charged, now):
    before = receipt(charged, now).emissions
    assert "marginal)" not in client.get(f"/r/{charged}/").text
    load(now, *ROWS)
    after = receipt(charged, now).emissions
    assert (after.charge_ug, after.grid_ug, after.used) == (
        before.charge_ug,
        before.grid_ug,
        before.used,
    )
    (line,) = after.marginal
    assert line.emissions_ug == 5_000 * 412_500 + 5_000 * 427_500
    assert (line.amount_wh, line.gas, line.scope, line.version) == (10_000, "CO2", "direct", 3)
    page = " ".join(client.get(f"/r/{charged}/").text.split())
    assert "What one kilowatt-hour more changed (marginal)" in page
    assert "Source: Made, version 3." in page
    assert "marginal" in client.get(f"/r/{charged}/?lang=de").text


def test_a_receipt_adds_no_figures_that_count_different_things(client, charged, great_britain, now):
    """An average that counts direct CO2 stands beside a plant's lifecycle CO2e, and in no sum."""
    for hour, scope in ((10, "lifecycle"), (11, "direct")):
        GridIntensity.objects.create(
            area=great_britain,
            starts_at=TEN.replace(hour=hour),
            emissions_ug_per_wh=200_000,
            scope=scope,
            gas="CO2e",
            source="made",
        )
    facts = receipt(charged, now).emissions
    assert (facts.differ, facts.charge_ug, facts.grid_ug) == (True, None, None)
    assert {line.scope for line in facts.used} == {"lifecycle", "direct"}
    assert "not added" in client.get(f"/r/{charged}/").text
    assert "nicht addiert" in client.get(f"/r/{charged}/?lang=de").text


def test_figures_from_before_say_what_they_counted(great_britain):
    """As an older registry kept them: what a marginal figure counts stood in its source."""
    sources = {0: "Made (A) (CO2, direct, version 3)", 1: "somewhere"}
    for hour, source in sources.items():
        GridIntensity.objects.create(
            area=great_britain, kind="marginal", starts_at=TEN.replace(hour=hour),
            emissions_ug_per_wh=5, scope="unstated", gas="unstated", source=source,
        )  # fmt: skip
    GridIntensity.objects.create(
        area=great_britain, starts_at=TEN, emissions_ug_per_wh=5,
        scope="unstated", gas="unstated", source="Mix",
    )  # fmt: skip
    migration = import_module("certificates.migrations.0013_grid_scope_and_gas")
    before = set(GridIntensity.objects.values_list("pk", "source"))
    for _ in range(2):
        migration.say(apps, None)
    rows = GridIntensity.objects.order_by("starts_at")
    assert list(rows.values_list("scope", "gas", "source", "version")) == [
        ("direct", "CO2", "Made (A)", 3),
        ("unstated", "unstated", "somewhere", 1),
        ("lifecycle", "CO2e", "Mix", 1),
    ]
    migration.put_back(apps, None)
    assert set(GridIntensity.objects.values_list("pk", "source")) == before


def test_a_charge_with_an_hour_that_has_no_figure_says_nothing_of_it(charged, now):
    load(now, ROWS[0])
    assert receipt(charged, now).emissions.marginal == ()


def test_evidence_tells_both_ways_to_count_side_by_side(great_britain, now):
    hours = [
        HourRow(great_britain.code, TEN.replace(hour=hour), 60, 5_000, 0, 0, 0, 5_000)
        for hour in (10, 11, 12)
    ]
    assert grid_rows(hours) == ()
    GridIntensity.objects.create(
        area=great_britain,
        starts_at=TEN,
        emissions_ug_per_wh=200_000,
        source="made",
        scope="lifecycle",
        gas="CO2e",
    )
    assert grid_rows(hours) == ()
    load(now, *ROWS)
    rows = grid_rows(hours)
    assert [row.average and row.average.ug_per_wh for row in rows] == [200_000, None, None]
    assert [row.marginal and row.marginal.ug_per_wh for row in rows] == [412_500, 427_500, None]


def test_the_command_names_bad_lines_and_takes_gzip(great_britain, tmp_path):
    path = tmp_path / "made.csv.gz"
    path.write_bytes(gzip.compress("\n".join([HEAD, *ROWS, "bad"]).encode()))
    out = StringIO()
    call_command("import_marginal", path, "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["rows"], told["accepted"], told["errors"][0]["line"]) == (14, 13, 15)
    out = StringIO()
    call_command("import_marginal", path, stdout=out)
    assert "line 15:" in out.getvalue()
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_marginal", tmp_path / "none.csv")
