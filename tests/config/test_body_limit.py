"""Bodies too large for any upload never reach a view."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture
def limit(settings):
    settings.UPLOAD_LIMIT_BYTES = 1024 * 1024
    return settings.UPLOAD_LIMIT_BYTES


def test_a_page_says_that_the_file_is_too_large(client, limit):
    response = client.post("/log-in/", b"", "text/plain", CONTENT_LENGTH=str(limit * 2))
    assert response.status_code == 413
    assert "1 MB" in response.text


def test_the_api_answers_with_a_problem(client, limit):
    response = client.post("/api/v1/readings/", b"", "text/csv", CONTENT_LENGTH=str(1 << 40))
    assert response.status_code == 413
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "upload_too_large"


def test_a_length_that_is_no_number_is_refused(client, limit):
    assert client.post("/log-in/", b"", "text/plain", CONTENT_LENGTH="-5").status_code == 413


def test_a_body_within_the_limit_goes_on(client, limit):
    assert client.post("/log-in/", {"username": "a@b.c", "password": "x"}).status_code == 200
