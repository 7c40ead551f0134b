"""The picture of a megawatt-hour adds up."""

from datetime import UTC, datetime
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from certificates.domain.odometer import CERTIFICATE_WH, Stretch
from certificates.queries.certificate_number import Certificate, CertificateHour, RetiredStretch
from certificates.views import certificate_page

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NUMBER = 7
BASE = NUMBER * CERTIFICATE_WH


def used(attribute, first, end, retirement=1):
    return RetiredStretch(
        attribute=attribute,
        stretch=Stretch(BASE + first, BASE + end),
        retirement_id=retirement,
        reference="opaque",
        claimant="Council",
        beneficiary="",
        retired_at=NOW,
    )


def certificate(cut, retired):
    stretches = [Stretch(BASE, BASE + cut), Stretch(BASE + cut, BASE + CERTIFICATE_WH)]
    hours = tuple(
        CertificateHour(
            lot_id=number,
            starts_at=NOW,
            length_minutes=60,
            lot_wh=part.amount_wh,
            stretch=part,
            retired=tuple(retired) if number == 0 else (),
            held=(),
        )
        for number, part in enumerate(stretches)
    )
    whole = Stretch(BASE, BASE + CERTIFICATE_WH)
    return Certificate(SimpleNamespace(), NUMBER, whole, hours, is_complete=True)


@given(st.integers(1, CERTIFICATE_WH - 1))
def test_the_hours_fill_the_bar(cut):
    drawn = certificate_page.draw(certificate(cut, []))
    assert [part.kind for part in drawn] == ["hour-0", "hour-1"]
    assert abs(sum(part.width for part in drawn) - certificate_page.UNITS) < 0.5


def test_one_claim_of_both_attributes_is_one_line():
    found = certificate(500_000, [used("renewable", 0, 100), used("emissions", 0, 100)])
    (line,) = certificate_page.uses(found)
    assert (line.first, line.last, line.amount_wh) == (0, 99, 100)
    assert line.attributes == ("renewable", "emissions")
    assert certificate_page.retired_wh(found) == 100


def test_attributes_of_different_stretches_stay_apart():
    found = certificate(500_000, [used("renewable", 0, 100), used("emissions", 50, 150)])
    assert [line.attributes for line in certificate_page.uses(found)] == [
        ("renewable",),
        ("emissions",),
    ]
    assert certificate_page.retired_wh(found) == 100
