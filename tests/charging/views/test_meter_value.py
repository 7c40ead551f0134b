"""The page for a driver: a verdict in words, for whatever is handed in."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from charging.domain.meters.carriage.messages import MOST_BYTES
from tests.charging.domain.meters.made import Meter, charge

URL = "/verify/meter-value/"
METER = Meter()
WHOLE = METER.ocmf(charge())

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture
def keys(settings, tmp_path):
    path = tmp_path / "meter-keys.json"
    settings.METER_KEYS_FILE = str(path)

    def write(**fields):
        entry = {"meter": "M-1", "public_key": METER.public_key, "owner": "City works"} | fields
        path.write_text(json.dumps({"keys": [entry]}))

    return write


def test_the_form_asks_for_no_account_and_sets_no_cookie(client):
    answer = client.get(URL)
    assert answer.status_code == 200
    assert not answer.cookies
    assert "Nothing is kept." in answer.text


def test_a_pasted_value_with_its_key_is_genuine(client, keys):
    answer = client.post(URL, {"text": WHOLE, "key": METER.public_key})
    assert "Genuine: the meter signed this" in answer.text
    assert "11.25" in answer.text
    assert "the key that you gave" in answer.text
    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]


def test_an_uploaded_file_is_checked_with_the_registry_s_own_keys(client, keys):
    keys()
    answer = client.post(URL, {"file": SimpleUploadedFile("value.txt", WHOLE.encode())})
    assert "Genuine" in answer.text
    assert "City works" in answer.text
    keys(valid_from="2027-01-01T00:00:00Z")
    answer = client.post(URL, {"file": SimpleUploadedFile("value.txt", WHOLE.encode())})
    assert "Not checked: no valid public key" in answer.text
    assert "is valid from 2027-01-01" in answer.text


def test_a_key_from_the_message_is_never_called_genuine(client, keys):
    message = {
        "signed_data": {
            "encoding_method": "OCMF",
            "public_key": METER.public_key,
            "signed_values": [{"nature": "End", "signed_data": WHOLE.encode().hex()}],
        }
    }
    text = client.post(URL, {"text": json.dumps(message)}).text
    assert "nobody here vouches for who signed it" in text
    assert "Genuine" not in text
    assert "whoever makes up a record can send a key along" in text


def test_line_ends_that_a_browser_changes_do_not_break_a_signature(client, keys):
    record = METER.wrap(json.dumps(METER.payload(charge()), indent=1))
    assert "\n" in record
    sent = {"text": record.replace("\n", "\r\n"), "key": METER.public_key}
    assert "Genuine" in client.post(URL, sent).text


@pytest.mark.parametrize(
    "written",
    [
        WHOLE + "\n",
        "\r\n" + WHOLE + "\r\n\r\n",
        "\ufeff" + WHOLE,
        " \t" + WHOLE + " ",
        WHOLE.encode().hex(" "),
    ],
)
def test_what_copying_leaves_around_a_value_does_not_matter(client, keys, written):
    assert "Genuine" in client.post(URL, {"text": written, "key": METER.public_key}).text
    for code in ("utf-8", "utf-8-sig", "utf-16"):
        file = SimpleUploadedFile("value.txt", written.encode(code))
        assert "Genuine" in client.post(URL, {"file": file, "key": METER.public_key}).text


def test_a_word_processors_quotation_marks_are_named(client, keys):
    spoilt = WHOLE.replace('"', "\u201c")
    answer = client.post(URL, {"text": spoilt, "key": METER.public_key})
    assert "Not readable" in answer.text
    assert "typographic quotation marks" in answer.text


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"text": WHOLE, "key": METER.public_key}, "Echt: Der Zähler hat das signiert"),
        ({"text": WHOLE.replace("12.75", "20.75"), "key": METER.public_key}, "Nicht echt"),
        ({"text": WHOLE}, "Für den Zähler M-1 gibt es keinen öffentlichen Schlüssel"),
        ({"text": ""}, "Wählen Sie eine Datei"),
        ({"text": "x" * (MOST_BYTES + 70_000)}, "höchstens 1.024 kB"),
    ],
)
def test_a_german_reader_gets_the_verdict_in_german(client, keys, sent, words):
    answer = client.post(URL, sent, headers={"accept-language": "de"})
    assert '<html lang="de">' in answer.text
    assert words in answer.text
    if "Echt" in words:
        assert "11,250\u202fkWh" in answer.text
        assert "Von 1. März 2026, 10:00:00 bis 1. März 2026, 11:00:00 (UTC)" in answer.text


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({}, 422, "Choose a file, or paste"),
        ({"text": "  "}, 422, "Choose a file, or paste"),
        ({"text": WHOLE, "key": "my key"}, 422, "neither PEM nor hex"),
        ({"text": "hello"}, 200, "No signed meter value was found"),
        ({"text": WHOLE.replace("12.75", "99.75"), "key": METER.public_key}, 200, "Not genuine"),
        ({"text": "<script>alert(1)</script>"}, 200, "Not readable"),
        ({"text": "x" * (MOST_BYTES + 70_000)}, 413, "at most"),
    ],
)
def test_bad_input_gets_a_sentence_and_no_crash(client, keys, sent, status, words):
    answer = client.post(URL, sent)
    assert answer.status_code == status
    assert words in answer.text
    assert "<script>alert" not in answer.text


def test_what_was_pasted_stands_there_again_after_a_refusal(client, keys):
    answer = client.post(URL, {"text": "OCMF|<b>", "key": "nonsense"})
    assert "OCMF|&lt;b&gt;" in answer.text


def test_a_broken_file_of_keys_is_the_registry_s_fault_and_said(client, settings, tmp_path):
    path = tmp_path / "keys.json"
    path.write_text('{"keys": [{}]}')
    settings.METER_KEYS_FILE = str(path)
    answer = client.post(URL, {"text": WHOLE})
    assert answer.status_code == 503
    assert "Key 1 of the file has no meter" in answer.text
