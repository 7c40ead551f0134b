"""A receipt as PDF, picture and files; and its page's weight."""

import json
import re
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from eth_account import Account
from eth_account.messages import encode_defunct

from charging.queries.receipts import receipt as receipts
from charging.views.receipts import paper as receipt_paper
from charging.views.receipts.disclosure import summary_of
from charging.views.typesetting import typeset
from ledger.domain.proof import files
from ledger.domain.proof.verification import verify
from ledger.services.trust import registry_trust
from tests.charging.proven import settled_charge
from tests.charging.views import samples

PATH = f"/r/{samples.PUBLIC_ID}/"
STATES = samples.in_every_state()
LIMIT_BYTES = 100_000
pytestmark = pytest.mark.django_db


@pytest.fixture
def get(client, monkeypatch):
    def got(name, facts=STATES["certified"], **headers):
        monkeypatch.setattr(receipts, "receipt", lambda public_id, now: facts)
        return client.get(PATH + name, headers=headers)

    return got


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_tagged_pdf(get, state, language):
    response = get("receipt.pdf", STATES[state], accept_language=language)
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in response.content
    assert "private" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"


def test_the_share_image_has_the_size_that_the_page_says(get):
    response = get("share.png")
    assert response["Content-Type"] == "image/png"
    assert response.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", response.content[16:24]) == (1200, 630)
    page = get("").text
    assert f'<meta property="og:image" content="http://localhost:8000{PATH}share.png">' in page
    assert 'og:image:width" content="1200"' in page


@pytest.mark.parametrize(
    "name", ['#panic("x")', "$ 1/0 $", "*a* _b_ @x <y>", "\\u{0}", "]#eval", '"']
)
def test_a_name_is_never_a_command_of_the_typesetter(name):
    facts = samples.receipt(charge=replace(samples.CHARGE, location_name=name))
    assert typeset("receipt.typ", receipt_paper.page(facts, "http://x/"), "pdf")


@pytest.mark.parametrize("file", ["receipt.pdf", "share.png", "disclose/", "summary.json"])
def test_a_revoked_link_gives_no_file(get, file):
    assert get(file, replace(STATES["certified"], link_revoked=True)).status_code == 410


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("state", STATES)
def test_page_and_all_it_loads_weigh_less_than_100_kb_and_come_from_here(get, state, language):
    page = get("", STATES[state], accept_language=language)
    loaded = re.findall(r'(?:src|href)="/static/([^"]+)"', page.text)
    assert len(loaded) > 5
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//(?!localhost)', page.text)
    weight = len(page.content) + sum(
        len(Path(finders.find(name)).read_bytes()) for name in set(loaded)
    )
    assert weight < LIMIT_BYTES


def test_a_summary_names_no_time_place_plant_or_charge(get, data_dir):
    facts = STATES["certified"]
    response = get("summary.json", facts)
    kept = response.json()
    signer = Account.recover_message(
        encode_defunct(text=kept["statement"]), signature=kept["signature"]
    )
    assert signer == kept["signer"]
    said = json.loads(kept["statement"])
    assert said["energy_wh"] == 23_100
    assert said["renewable_wh"] == 18_717
    assert "proves nothing" in said["note"]
    for secret in ("2018", "Broxden", "Perth", "Kelmarsh", samples.GSRN, facts.public_id, "51516"):
        assert secret not in kept["statement"]


def test_only_a_final_receipt_has_a_summary(get):
    assert get("summary.json", STATES["pending"]).status_code == 404


def test_a_summary_without_the_grid_s_figure_says_no_emissions():
    facts = samples.receipt()
    unknown = replace(facts, emissions=replace(facts.emissions, charge_ug=None))
    assert "emissions_g_co2e" not in summary_of(unknown)
    assert summary_of(facts)["emissions_g_co2e"] == 1_323


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", None),
        ("?choose=1", []),
        ("?choose=1&show=energy_wh", ["energy_wh"]),
        ("?choose=1&show=energy_wh&show=operator&show=nonsense", ["energy_wh", "operator"]),
    ],
)
def test_a_proof_discloses_the_chosen_fields_and_still_holds(
    client, data_dir, quick_keys, producer, company, now, great_britain, query, shown
):
    receipt = settled_charge(producer, company, now)
    answer = client.get(f"/r/{receipt.public_id}/proof.json{query}")
    proof = files.parse(answer.content)
    assert verify(proof, registry_trust()).authenticated
    names = [field.name for field in proof.charge.fields]
    if shown is None:
        assert len(names) == 8
        assert proof.charge.hidden == ()
    else:
        assert names == shown
        assert len(proof.charge.hidden) == 8 - len(shown)
        if "evse" not in shown:
            assert b'"evse"' not in answer.content
