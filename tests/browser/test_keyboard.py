"""A generator's main acts, each to its end without a mouse: focus is always seen, never lost."""

from datetime import UTC, datetime
from unittest.mock import Mock

import pytest
from django.urls import reverse

from certificates import tasks
from certificates.models import Cancellation, Counterparty, Device, MeterFile, Offer, Organisation

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2019, 3, 1, tzinfo=UTC)
PROGRESS = "/progress/"  # the part of a page that says how far it is, again each second
MOST = 120  # stops on one page
FOCUSED = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  await frame(); await frame();  // the browser scrolls to what has the focus
  const at = document.activeElement, box = at.getBoundingClientRect();
  const seen = at.type === "file" && at.labels.length ? at.closest("[data-drop]") || at : at;
  const style = getComputedStyle(seen), own = getComputedStyle(at);
  const labels = [...(at.labels || [])].map((one) => one.innerText);
  const byId = (at.getAttribute("aria-labelledby") || "").split(" ")
    .map((id) => document.getElementById(id)).filter(Boolean).map((one) => one.innerText);
  return {
    tag: at.tagName,
    name: [at.getAttribute("aria-label") || "", ...labels, ...byId, at.innerText || "",
           at.value && at.tagName !== "SELECT" ? at.value : ""].join(" "),
    ring: [own, style].some((one) => (one.outlineStyle !== "none" && one.outlineWidth !== "0px")
                                     || one.boxShadow !== "none"),
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


@pytest.fixture
def keys(page):
    """Moves with the Tab key alone; every stop on the way must show where it is."""

    class Keys:
        def to(self, name, back=False):
            """Tab until the control of that name has the focus."""
            for _ in range(MOST):
                page.keyboard.press("Shift+Tab" if back else "Tab")
                at = page.evaluate(FOCUSED)
                if at["tag"] == "BODY":
                    continue  # round the end of the page
                assert at["ring"], f"no focus to be seen on {at}"
                assert at["inside"], f"focus out of sight on {at}"
                if name.lower() in " ".join(at["name"].lower().split()):
                    return self
            raise AssertionError(f"the keyboard does not reach {name!r} on {page.url}")

        def press(self, key="Enter"):
            page.keyboard.press(key)
            return self

        def type(self, text):
            page.keyboard.type(text)
            return self

        def is_kept(self):
            """After a part of the page was replaced the focus is still somewhere in it."""
            assert page.evaluate(FOCUSED)["tag"] != "BODY"

    return Keys()


@pytest.fixture(params=[360, 1280])
def width(page, request):
    page.set_viewport_size({"width": request.param, "height": 800})


@pytest.mark.usefixtures("width")
def test_a_plant_is_registered(page, visit, enter, trail, keys, watch):
    watch.allow("422")
    enter(trail.user)
    visit(reverse("generator"))
    keys.to("Register a plant").press()
    page.get_by_label("Name of the plant").wait_for()
    keys.to("Go on").press()
    page.get_by_role("alert").wait_for()
    keys.to("Name of the plant: Enter").press()  # leads to the field
    keys.type("Roof of the dairy").press()
    page.get_by_label("Technology").wait_for()
    keys.to("Technology").type("Solar")
    keys.to("Go on").press()
    page.get_by_label("Technology").wait_for(state="detached")
    keys.to("Go on").press()
    page.get_by_label("Capacity", exact=True).wait_for()
    keys.to("Capacity").type("2.5")
    keys.to("In service since").type("01042016")
    keys.to("Go on").press()
    page.get_by_label("Grid area").wait_for()
    keys.to("Grid area").type("Great Britain")
    keys.to("Latitude").type("52.4")
    keys.to("Longitude").type("-0.947")
    keys.to("Show the place on the map").press()
    page.locator(".map__plant").wait_for()
    keys.is_kept()
    keys.to("Go on").press()
    page.get_by_role("heading", name="Is this right?").wait_for()
    keys.to("Hand the plant in").press()
    page.get_by_role("heading", name="waits for approval").wait_for()
    assert Device.objects.filter(name="Roof of the dairy", status="submitted").count() == 1


@pytest.mark.usefixtures("width")
def test_a_meter_file_is_uploaded_and_confirmed(
    page, visit, enter, trail, keys, tmp_path, monkeypatch
):
    monkeypatch.setattr(tasks.import_meter_file, "delay", Mock())
    hours = [f"2018-03-01T{n:02}:00Z,{n % 7}" for n in range(24)]
    file = tmp_path / "march.csv"
    file.write_text("\n".join(["interval_start_utc,energy_kwh", *hours, ""]))
    enter(trail.user)
    page.on("filechooser", lambda _: None)  # from now on: asked for late, a key may come before it
    visit(reverse("generator_upload", args=[trail.device.gsrn]))
    keys.to("Meter file")
    with page.expect_file_chooser() as chooser:
        keys.press("Space")
    chooser.value.set_files(file)
    keys.to("See what the file says").press()
    page.get_by_role("button", name="Import").first.wait_for()
    keys.to("Import").press()
    page.get_by_role("heading", name="Waiting for its turn").wait_for()
    keys.to("Nothing moves?")
    for _ in range(2):  # when it is asked for once more, what came before is in its place
        page.wait_for_event("response", lambda answer: answer.url.endswith(PROGRESS))
    keys.is_kept()
    done = MeterFile.objects.latest("pk")
    tasks.import_meter_file(done.pk)
    tasks.issue_device(done.device_id)
    page.get_by_role("heading", name="became certificates").wait_for()
    keys.to("See the certificates").press()
    page.wait_for_url("**/certificates/")


@pytest.mark.usefixtures("width")
def test_an_offer_is_made_and_withdrawn(page, visit, enter, trail, keys, watch):
    watch.allow("422")
    other = Organisation.objects.exclude(pk=trail.producer.pk).first()
    Counterparty.objects.all().delete()
    enter(trail.user)
    visit(reverse("holdings"))
    keys.to("Offer to somebody").press()
    page.get_by_label("The other side", exact=True).wait_for()
    keys.to("See exactly what would move").press()
    page.get_by_role("alert").wait_for()
    keys.to("The other side:").press()  # leads to the field
    keys.type(other.slug)
    keys.to("How much").type("0.001")
    keys.to("See exactly what would move").press()
    page.get_by_role("button", name="Offer them").wait_for()
    keys.to("Offer them").press()
    page.get_by_role("button", name="Withdraw the offer").wait_for()
    keys.to("Withdraw the offer").press()
    page.get_by_text("Withdrawn", exact=False).first.wait_for()
    assert Offer.objects.latest("pk").status == "withdrawn"


@pytest.mark.usefixtures("width")
def test_certificates_are_used_and_that_is_undone(page, visit, enter, trail, keys):
    enter(trail.user)
    visit(reverse("holdings_use"))
    keys.to("Country of use").type("GB")
    keys.to("What the electricity").type("Heat pump")
    keys.to("Used from").type("01012018")
    keys.to("Used until").type("12122018")  # the same in every order of day and month
    keys.to("See exactly what would move").press()
    page.get_by_role("button", name="Use them").wait_for()
    keys.to("Use them").press()
    page.get_by_role("button", name="Undo").wait_for()
    keys.to("Undo").press()
    page.get_by_role("button", name="Undo").wait_for(state="detached")
    assert Cancellation.objects.filter(holder=trail.producer).latest("pk").status == "undone"
