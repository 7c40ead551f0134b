"""An upload, a real queue and a real worker: first a provisional figure, then a retirement."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certificates.models import Retirement, Role
from certificates.services import reference
from charging import tasks
from charging.models import ClosedInterval, ProvisionalHour, TouchedDay
from charging.services.matching.closing import set_grace
from tests.charging.conftest import LONG_AGO, make_organisation
from tests.charging.plant import charge, generate, register_plant, share_all


@pytest.fixture
def lately():
    """The start of an hour that has been over for some hours."""
    return timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)


def so_far() -> list[int]:
    return list(ProvisionalHour.objects.values_list("tracked_wh", flat=True))


def test_an_upload_changes_what_is_provisional_and_closing_books_it(
    worker, eventually, settings, lately
):
    settings.REMATCH_AFTER_S = 0
    now = timezone.now()
    reference.load()
    company = make_organisation("Council chargers", "council", Role.CHARGING_COMPANY)
    device = register_plant(make_organisation("Wind Ltd", "wind", Role.PRODUCER), now)
    share_all(device, company, LONG_AGO)
    end = lately + timedelta(hours=1)
    row = f"a,X,1,{lately:%Y-%m-%dT%H:%MZ},{end:%Y-%m-%dT%H:%MZ},10,Mill Street"
    charge(company, [row], now)
    generate(device, lately, ["3"], now)
    assert eventually(lambda: so_far() == [3_000])
    other = register_plant(device.organisation, now, number=8)
    share_all(other, company, LONG_AGO)
    generate(other, lately, ["4"], now)
    assert eventually(lambda: so_far() == [7_000])
    assert (Retirement.objects.count(), ClosedInterval.objects.count()) == (0, 0)
    set_grace(area=None, grace_minutes=60, valid_from=LONG_AGO, reason="", actor="test", now=now)
    tasks.match_closed_intervals.delay()
    assert eventually(
        lambda: sorted(Retirement.objects.values_list("amount_wh", flat=True)) == [3_000, 4_000]
    )
    assert eventually(lambda: not ProvisionalHour.objects.exists())


def test_a_mark_whose_message_was_lost_is_found_by_the_sweep(worker, eventually, settings, lately):
    company = make_organisation("Council chargers", "council", Role.CHARGING_COMPANY)
    TouchedDay.objects.create(organisation=company, day=lately.date())
    tasks.sweep.delay()
    assert eventually(lambda: not TouchedDay.objects.exists())
