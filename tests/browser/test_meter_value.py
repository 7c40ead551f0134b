"""The check of a signed meter value, as a driver sees it."""

import pytest

from tests.charging.domain.meters.made import Meter, charge

pytestmark = pytest.mark.django_db(transaction=True)
METER = Meter()
DROP = """([text, name]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  document.querySelector("[data-drop]").dispatchEvent(
    new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def test_a_driver_pastes_a_value_and_reads_the_verdict(visit, see):
    page = visit("/verify/meter-value/")
    see("meter-value-form")
    page.get_by_label("Or paste it").fill(METER.ocmf(charge()))
    page.get_by_label("Public key of the meter").fill(METER.public_key)
    page.get_by_role("button", name="Check it").click()
    page.get_by_role("heading", name="Genuine").wait_for()
    page.get_by_text("Details for experts").click()
    see("meter-value-genuine")
    page.get_by_label("Or paste it").fill(METER.ocmf(charge()).replace("12.75", "20.75"))
    page.get_by_label("Public key of the meter").fill(METER.public_key)
    page.get_by_role("button", name="Check it").press("Enter")
    page.get_by_role("heading", name="Not genuine").wait_for()
    see("meter-value-false")


def test_a_refusal_has_the_focus_and_keeps_what_was_pasted(visit, watch):
    watch.allow("422")
    page = visit("/verify/meter-value/")
    page.get_by_label("Or paste it").fill("OCMF|something")
    page.get_by_label("Public key of the meter").fill("none")
    page.get_by_role("button", name="Check it").click()
    page.locator("#errors:focus").wait_for()
    assert page.get_by_label("Or paste it").input_value() == "OCMF|something"


def test_a_dropped_file_is_checked_by_keyboard_alone_in_german(visit, see):
    page = visit("/verify/meter-value/?lang=de")
    page.evaluate(DROP, [METER.ocmf(charge()), "wert.ocmf"])
    assert page.evaluate("document.activeElement.id") == "id_file"
    assert page.locator("#id_file").evaluate("field => field.files[0].name") == "wert.ocmf"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "id_key":
            break
    page.keyboard.insert_text(METER.public_key)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Echt").wait_for()
    page.get_by_text("11,250").first.wait_for()
    see("meter-value-german")


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, None, "No signed meter value was found"),
        (b"%PDF-1.7 " + b"1 0 obj " * 900, None, "No signed meter value was found"),
        (b"9" * 10_000_000, "413", "at most"),
    ],
    ids=["picture", "paper", "ten megabytes"],
)
def test_a_wrong_file_is_answered_in_words(visit, watch, tmp_path, content, status, words):
    if status:
        watch.allow(status)
    path = tmp_path / "wrong.bin"
    path.write_bytes(content)
    page = visit("/verify/meter-value/")
    page.get_by_label("File, of").set_input_files(path)
    page.get_by_role("button", name="Check it").click()
    page.get_by_text(words).first.wait_for()
