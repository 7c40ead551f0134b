"""The generator's way from a meter file to certificates, page by page."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from certificates import tasks
from certificates.models import Lot, MeterFile, Notice, OrganisationRole, Reading
from certificates.services.meters import import_progress
from certificates.services.meters.waiting import UNTAKEN
from certificates.services.organisations import register_organisation
from tests.trail import make_trail

pytestmark = pytest.mark.django_db
START = datetime(2018, 3, 1, tzinfo=UTC)


def csv_of(hours, *, first="1500.5", extra=""):
    lines = [f"{START + timedelta(hours=n):%Y-%m-%dT%H:%MZ},{first}" for n in range(hours)]
    return "interval_start_utc,energy_kwh\n" + "\n".join(lines) + "\n" + extra


@pytest.fixture
def sent(monkeypatch):
    """What was handed to the worker; `sent.work()` does it here."""

    class Sent(list):
        def work(self):
            while self:
                for signature in self.pop(0):
                    getattr(tasks, signature.task.rpartition(".")[2])(*signature.args)

    sent = Sent()

    class Chain:
        def __init__(self, *signatures):
            self.signatures = signatures

        def apply_async(self, **_):
            sent.append(self.signatures)

    monkeypatch.setattr("certificates.views.generator.files.chain", Chain)
    return sent


def upload(client, trail, text, **more):
    file = io.BytesIO(text.encode())
    file.name = "march.csv"
    return client.post(
        reverse("generator_upload", args=[trail.device.gsrn]), {"file": file, **more}
    )


def page(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_home_says_what_needs_doing(client, trail):
    Reading.objects.create(
        device=trail.device,
        starts_at=trail.now + timedelta(hours=3),
        ends_at=trail.now + timedelta(hours=4),
        energy_wh=5,
        raw_value="0.005",
        quality="measured",
        status="held",
        file=trail.file,
        line=3,
    )
    body = page(client, "generator")
    assert "misses 2 intervals" in body
    assert "missing: the meter file left it out" in body
    assert 'class="level--1" d="M0 1h1v2h-1z"' in body
    assert "1 reading waits" in body


def test_a_preview_explains_the_file_and_keeps_no_reading(client, trail):
    before = Reading.objects.count()
    answer = upload(client, trail, csv_of(48, extra="2018-03-09T00:00Z,many\n"))
    body = client.get(answer.url).content.decode()
    assert "48 new intervals" in body
    assert "the column&#x27;s name says so" in body
    assert "60 minutes" in body
    assert "many" in body
    assert Reading.objects.count() == before


def test_confirming_twice_imports_once(client, trail, sent, django_capture_on_commit_callbacks):
    upload(client, trail, csv_of(5))
    file = MeterFile.objects.get(name="march.csv")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("generator_confirm", args=[file.pk]))
        client.post(reverse("generator_confirm", args=[file.pk]))
    assert "Waiting for its turn" in page(client, "generator_file", file.pk)
    with import_progress.taken([file.pk]):
        assert "Reading the file" in page(client, "generator_file", file.pk)
    sent.work()
    assert Lot.objects.filter(reading__file=file).count() == 5
    body = page(client, "generator_file", file.pk)
    assert "5 intervals became certificates" in body


def test_polling_stops_when_the_work_is_done(client, trail, sent):
    upload(client, trail, csv_of(2))
    file = MeterFile.objects.get(name="march.csv")
    address = reverse("generator_progress", args=[file.pk])
    client.post(reverse("generator_confirm", args=[file.pk]))
    assert client.get(address).status_code == 200
    tasks.import_meter_file(file.pk)
    tasks.issue_device(file.device_id)
    assert client.get(address).status_code == 286


def test_confirming_without_a_queue_still_answers(
    client, trail, monkeypatch, django_capture_on_commit_callbacks
):
    def broken(*signatures):
        class Chain:
            def apply_async(self, **_):
                raise OperationalError("no queue")

        return Chain()

    monkeypatch.setattr("certificates.views.generator.files.chain", broken)
    upload(client, trail, csv_of(2))
    file = MeterFile.objects.get(name="march.csv")
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("generator_confirm", args=[file.pk]))
    assert answer.status_code == 302
    assert "Start again" in page(client, "generator_file", file.pk)
    later = timezone.now() + 2 * UNTAKEN
    monkeypatch.setattr("certificates.views.generator.files.timezone.now", lambda: later)
    body = page(client, "generator_file", file.pk)
    assert "Confirmed, not begun yet" in body
    assert "Do not send it again" in body


def test_the_same_file_again_leads_to_the_first(client, trail):
    first = upload(client, trail, csv_of(3))
    assert upload(client, trail, csv_of(3)).url == first.url


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "no column for"),
        ("PK\x03\x04", "Excel"),
        ("", "empty"),
    ],
)
def test_a_file_that_is_no_meter_file_is_refused_in_words(client, trail, text, words):
    answer = upload(client, trail, text)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not MeterFile.objects.filter(name="march.csv").exists()


def test_a_column_needs_the_value_it_is_to_have(client, trail):
    answer = upload(client, trail, csv_of(2), column="turbine")
    assert "both a column and the value" in answer.content.decode()


def test_the_download_of_bad_lines_is_harmless_in_a_spreadsheet(client, trail):
    upload(client, trail, csv_of(2, extra="2018-03-09T00:00Z,=1+1\n2018-03-09T01:00Z,-x\n"))
    file = MeterFile.objects.get(name="march.csv")
    text = client.get(reverse("generator_lines", args=[file.pk])).getvalue().decode()
    assert ",'=1+1," in text
    assert ",'-x," in text
    assert '"2018-03-09T00:00Z,=1+1"' in text


def test_the_calendar_shows_sums_uses_and_numbers(client, trail):
    body = page(client, "generator_certificates", trail.device.gsrn, month="2018-01")
    assert "you hold" in body
    assert trail.company.name in body
    assert reverse("certificate", args=[trail.device.gsrn, 0]) in body


@pytest.mark.parametrize("month", ["2018-13", "x", "0000-01"])
def test_a_month_that_is_none_is_not_there(client, trail, month):
    address = reverse("generator_certificates", args=[trail.device.gsrn])
    assert client.get(address, {"month": month}).status_code == 404


def test_anothers_plants_and_files_are_not_there(client, trail):
    other = make_trail(1)
    for name, key in [
        ("generator_upload", other.device.gsrn),
        ("generator_certificates", other.device.gsrn),
        ("generator_file", other.file.pk),
        ("generator_progress", other.file.pk),
        ("generator_lines", other.file.pk),
    ]:
        assert client.get(reverse(name, args=[key])).status_code == 404
    assert client.post(reverse("generator_confirm", args=[other.file.pk])).status_code == 404


def test_who_acts_for_no_producer_is_told_so(client, trail):
    trail.user.memberships.all().delete()
    assert client.get(reverse("generator")).status_code == 403


def test_home_draws_the_year_that_is_asked_for(client, trail):
    body = page(client, "generator", year="2018")
    assert re.search(r"Every hour of 2018: .+ produced, .+ certified", body)
    assert "Every hour of 2018" in page(client, "generator", year="1999")


def test_missing_intervals_are_listed_and_downloaded_to_fill_in(client, trail):
    upload(client, trail, csv_of(1) + "2018-03-01T03:00Z,5\n")
    file = MeterFile.objects.get(name="march.csv")
    client.post(reverse("generator_confirm", args=[file.pk]))
    tasks.import_meter_file(file.pk)
    body = page(client, "generator_missing", trail.device.gsrn)
    assert "2018-03-01 01:00" in body
    answer = client.get(reverse("generator_missing_file", args=[trail.device.gsrn]))
    text = answer.getvalue().decode()
    assert text.splitlines()[0] == "interval_start_utc,energy_kwh"
    assert "2018-03-01T01:00:00Z," in text
    assert "2018-03-01T02:00:00Z," in text
    assert "2018-03-01T03:00:00Z," not in text


def test_a_producer_without_plants_is_led_to_the_first(client, trail):
    empty = register_organisation(name="New", slug="new", roles=["producer"], now=trail.now)
    trail.user.memberships.update(organisation=empty)
    assert "Register your first plant" in page(client, "generator")


def test_home_shows_what_was_told(client, trail):
    notice = Notice.objects.get(organisation=trail.producer)
    assert notice.message in page(client, "generator")


def test_home_names_what_a_plant_owes(client, trail):
    OrganisationRole.objects.create(organisation=trail.company, role="producer")
    trail.user.memberships.update(organisation=trail.company)
    body = page(client, "generator")
    assert "Suspended turbine 0" in body
    assert re.search(r"owes 1\S*\sWh", body)
