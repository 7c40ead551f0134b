"""Commands of the registrar: tokens, delegations, areas of sites."""

import json

import pytest
from django.core.management import CommandError, call_command

from charging.models import Cdr, ClaimDelegation, Party
from charging.services.ocpi.connections import connection_of
from tests.charging.api.ocpi.conftest import areas, cdr, connection, peer, provider

__all__ = ["areas", "connection", "peer", "provider"]


def run(capsys, *words: str):
    call_command(*words, "--json")
    return json.loads(capsys.readouterr().out)


def test_token_a_is_printed_once_and_opens_the_connection(company, capsys, now):
    made = run(capsys, "ocpi_token", "--organisation", "council", "--party", "nl-abc")
    assert connection_of([made["token"]], now)[0].pk == made["connection"]
    assert made["versions"].endswith("/ocpi/versions")
    assert str(Party.objects.get()) == "NL*ABC"


@pytest.mark.parametrize(
    "words",
    [
        ["--organisation", "nobody"],
        ["--organisation", "council"],
        ["--organisation", "wind", "--party", "NL*ABC"],
        ["--organisation", "council", "--party", "nonsense"],
    ],
)
def test_what_cannot_be_invited_is_said_plainly(company, producer, words):
    with pytest.raises(CommandError) as error:
        call_command("ocpi_token", *words)
    assert str(error.value)


def test_a_party_of_another_organisation_is_refused(connection, provider):
    with pytest.raises(CommandError, match="party of Council"):
        call_command("ocpi_token", "--organisation", "drive-on", "--party", "BE*BEC")


def test_claims_are_delegated_once(company, provider, capsys):
    words = ["--operator", "council", "--provider", "drive-on", "--from", "2026-01-01"]
    first = run(capsys, "delegate_claims", *words)
    assert run(capsys, "delegate_claims", *words) == first
    assert ClaimDelegation.objects.count() == 1
    with pytest.raises(CommandError, match="ends before"):
        call_command("delegate_claims", *words, "--to", "2025-01-01")
    with pytest.raises(CommandError, match="without a delegation"):
        call_command("delegate_claims", *words[:2], "--provider", "council", *words[4:])


def test_an_area_lets_held_charges_go(peer, capsys):
    norway = cdr()
    norway["cdr_location"]["country"] = "NOR"
    peer("post", "cdrs", norway)
    words = ["site_area", "--organisation", "council", "--site"]
    found = run(capsys, *words, "Gent Zuid", "--area", "10YNO-1--------2")
    assert found == {"sites": 1, "recorded": 1}
    assert Cdr.objects.get().status == Cdr.Status.RECORDED
    with pytest.raises(CommandError, match="no site"):
        call_command(*words, "Nowhere", "--area", "10YNO-1--------2")


def said(capsys, *words: str) -> str:
    call_command(*words)
    return capsys.readouterr().out.strip()


@pytest.mark.usefixtures("peer", "company", "provider")
def test_what_was_decided_is_said_in_a_sentence(capsys):
    area = "10YGB----------A"
    grace = ("closing_policy", "--grace-hours", "48", "--from", "2030-01-01")
    assert said(capsys, *grace).startswith("Every hour stays open for 48 hours after its end")
    assert said(capsys, *grace, "--area", area).startswith(f"An hour of {area} stays open")
    claims = ("delegate_claims", "--operator", "council", "--provider", "drive-on")
    told = said(capsys, *claims, "--from", "2026-01-01")
    assert told.startswith("council leaves the claim of these charges to drive-on")
