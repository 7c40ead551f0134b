"""The check of a signed meter value, as a driver sees it."""

import pytest

from tests.charging.domain.meters.made import Meter, charge

pytestmark = pytest.mark.django_db(transaction=True)
METER = Meter()


def test_a_driver_pastes_a_value_and_reads_the_verdict(
    visit, looks, check_accessibility, screenshot
):
    page = visit("/verify/meter-value/")

    def seen(name):
        for look in looks():
            check_accessibility(page)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= page.viewport_size["width"], look
            screenshot(f"meter-value-{name}-{look}")

    seen("form")
    page.get_by_label("Or paste it").fill(METER.ocmf(charge()))
    page.get_by_label("Public key of the meter").fill(METER.public_key)
    page.get_by_role("button", name="Check it").click()
    page.get_by_role("heading", name="Genuine").wait_for()
    page.get_by_text("Details for experts").click()
    seen("genuine")
    page.get_by_label("Or paste it").fill(METER.ocmf(charge()).replace("12.75", "20.75"))
    page.get_by_label("Public key of the meter").fill(METER.public_key)
    page.get_by_role("button", name="Check it").press("Enter")
    page.get_by_role("heading", name="Not genuine").wait_for()
    seen("false")


def test_a_refusal_has_the_focus_and_keeps_what_was_pasted(visit, watch):
    watch.allow("422")
    page = visit("/verify/meter-value/")
    page.get_by_label("Or paste it").fill("OCMF|something")
    page.get_by_label("Public key of the meter").fill("none")
    page.get_by_role("button", name="Check it").click()
    page.locator("#errors").wait_for()
    assert page.evaluate("document.activeElement.id") == "errors"
    assert page.get_by_label("Or paste it").input_value() == "OCMF|something"
