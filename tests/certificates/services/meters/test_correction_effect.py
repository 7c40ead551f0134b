"""What a correction would do is shown as it then happens, and nothing happens before."""

import pytest

from certificates.models import (
    Agreement,
    Correction,
    CorrectionPart,
    DebtMove,
    MeterFile,
    Notice,
    Reading,
)
from certificates.queries.readings.correction_effects import effect_of
from certificates.services.holding.retirement import retire_many
from certificates.services.meters import readings
from certificates.services.meters.correction_effect import MOST_CORRECTIONS, foresee
from ledger.models import Balance, Entry
from tests.certificates.conftest import meter_csv

KEPT = (Reading, Correction, CorrectionPart, DebtMove, Notice, Entry)


@pytest.fixture
def correct(device, now):
    """A previewed file that states hours of 2018-01-01 anew."""

    def make(*kwh):
        lines = [f"2018-01-01T{hour:02}:00:00Z,{value}" for hour, value in enumerate(kwh)]
        return readings.upload(
            device=device, stream=meter_csv(*lines), name="c.csv", selection={}, now=now
        )

    return make


def counts():
    balances = list(Balance.objects.order_by("pk").values_list("account", "asset", "amount"))
    return [model.objects.count() for model in KEPT], balances


def test_looking_changes_nothing(produce, correct, now):
    produce("5", "7")
    file, before = correct("3", "9"), counts()
    for _ in range(2):
        effect = foresee(file=file, now=now)
    assert counts() == before
    assert MeterFile.objects.get(pk=file.pk).status == MeterFile.Status.PREVIEWED
    assert file.status == MeterFile.Status.PREVIEWED
    assert (effect.count, effect.raised_wh, effect.reduced_wh) == (2, 2_000, 2_000)


def test_what_was_foreseen_is_what_happens(produce, correct, device, company, now):
    Agreement.objects.create(
        device=device, to=company, share_ppm=400_000, starts_at="2018-01-01T00:00Z", agreed_at=now
    )
    produce("5", "7")
    file = correct("0", "6")
    foreseen = foresee(file=file, now=now)
    readings.import_file(file=file, now=now)
    assert effect_of(file) == foreseen
    assert [(part.source, part.holder, part.amount_wh) for part in foreseen.taken] == [
        ("lot", "Wind farm", 4_000),
        ("agreement", "Charging company", 2_000),
    ]
    assert foreseen.reduced_wh == foreseen.taken_wh + foreseen.owed_wh


def test_what_is_used_is_foreseen_as_owed(request_for, correct, now):
    retire_many(requests=[request_for("charge", 1_000)], now=now)
    effect = foresee(file=correct("0.4", "2"), now=now)
    assert (effect.reduced_wh, effect.taken_wh, effect.owed_wh) == (600, 0, 600)


def test_a_correction_that_waits_for_review_changes_nothing_yet(produce, correct, now):
    produce("5", "7")
    effect = foresee(file=correct("5", "4000"), now=now)
    assert (effect.count, effect.held) == (0, 1)


def test_more_than_a_page_can_wait_for_is_not_tried(produce, correct, now):
    produce("5", "7")
    file = correct("3", "9")
    file.report["corrections"] = MOST_CORRECTIONS + 1
    assert foresee(file=file, now=now) is None
