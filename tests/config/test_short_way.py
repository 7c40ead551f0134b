"""Other charging systems' requests skip what pages need, and nothing that protects them."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_ocpi_answers_in_its_envelope_with_its_length_and_no_cookie(client):
    answer = client.get("/ocpi/versions")
    assert answer.status_code == 401
    assert answer["Content-Length"] == str(len(answer.content))
    assert not answer.cookies
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "X-Request-ID" in answer


def test_an_unknown_address_of_ocpi_is_404_in_an_envelope(client):
    answer = client.get("/ocpi/nowhere")
    assert (answer.status_code, answer.json()["status_code"]) == (404, 2000)
    assert answer["Content-Length"] == str(len(answer.content))


def test_a_strange_host_is_refused_there_too(client):
    answer = client.get("/ocpi/versions", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["status_code"]) == (400, 2000)


def test_http_is_sent_on_to_https_there_too(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/ocpi/versions")["Location"].startswith("https://")


def test_what_nobody_foresaw_is_500_in_an_envelope(client, monkeypatch):
    from charging.api.ocpi.credentials import Versions

    monkeypatch.setattr(Versions, "get", None)
    monkeypatch.setattr(Versions, "initial", lambda *_, **__: 1 // 0)
    client.raise_request_exception = False
    answer = client.get("/ocpi/versions")
    assert (answer.status_code, answer.json()["status_code"]) == (500, 3000)


def test_a_page_keeps_its_policy(client):
    assert "Content-Security-Policy" in client.get("/log-in/")
