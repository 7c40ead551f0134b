"""API keys made and ended by command."""

import pytest
from django.core.management import CommandError, call_command

from certificates.models import ApiKey
from ledger.models import AuditEvent


@pytest.fixture
def key(farm, capsys):
    scope = ["--scope", "devices:read"]
    call_command("api_key", "--organisation", "farm", "--label", "meter", *scope)
    assert capsys.readouterr().out.startswith("rer_")
    return ApiKey.objects.get()


def test_a_key_is_ended_once_and_opens_nothing_any_more(key, capsys):
    for _ in range(2):
        call_command("api_key", "--revoke", key.key_id)
        assert "opens nothing any more" in capsys.readouterr().out
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert AuditEvent.objects.filter(action="api_key.revoked").count() == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--revoke", "nope"], "No API key has the id 'nope'"),
        (["--organisation", "farm"], "Say with --label"),
        (["--organisation", "nobody", "--label", "x"], "No organisation is called nobody"),
        (["--organisation", "farm", "--label", "x"], "No scope given"),
    ],
)
def test_bad_input_is_refused_in_words(farm, words, said):
    with pytest.raises(CommandError, match=said) as refused:
        call_command("api_key", *words)
    assert refused.value.returncode == 2
    assert not ApiKey.objects.exists()
