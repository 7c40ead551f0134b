"""Standing agreements never give away more than the whole."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError

from certificates.errors import AgreementRefused
from certificates.models import Agreement
from certificates.services.agreements import agree

YEAR = datetime(2018, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC)


def test_the_same_agreement_twice_is_one(device, company, now):
    first = agree(device=device, to=company, share_ppm=46_300, now=now)
    assert agree(device=device, to=company, share_ppm=46_300, now=now) == first


def test_more_than_the_whole_at_any_time_is_refused(device, company, now):
    agree(device=device, to=company, share_ppm=600_000, period=YEAR, now=now)
    with pytest.raises(AgreementRefused, match="1000001 ppm"):
        agree(device=device, to=company, share_ppm=400_001, now=now)
    assert agree(device=device, to=company, share_ppm=400_000, now=now).pk


def test_periods_that_follow_each_other_may_both_give_the_whole(device, company, now):
    agree(device=device, to=company, share_ppm=1_000_000, period=YEAR, now=now)
    agree(device=device, to=company, share_ppm=1_000_000, period=(YEAR[1], None), now=now)
    assert device.agreements.count() == 2


@pytest.mark.parametrize("ppm", [0, -1, 1_000_001])
def test_a_share_lies_within_the_whole(ppm, device, company, now):
    with pytest.raises(AgreementRefused):
        agree(device=device, to=company, share_ppm=ppm, now=now)


def test_a_period_ends_after_it_starts(device, company, now):
    with pytest.raises(AgreementRefused, match="ends before"):
        agree(device=device, to=company, share_ppm=1, period=(YEAR[1], YEAR[0]), now=now)


def test_the_owner_needs_no_agreement(device, now):
    with pytest.raises(AgreementRefused, match="owns the device"):
        agree(device=device, to=device.organisation, share_ppm=1, now=now)


def test_the_database_refuses_an_impossible_share(device, company, now):
    with pytest.raises(IntegrityError):
        Agreement.objects.create(
            device=device, to=company, share_ppm=1_000_001, starts_at=now, agreed_at=now
        )
