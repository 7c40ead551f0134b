"""The files that a check needs, and the page to keep."""

import hashlib
import json
import re
from base64 import b64encode
from pathlib import Path

import pytest

from charging.models import Receipt
from charging.queries.receipts import receipt as receipts
from charging.views.verify import kept_page
from ledger.domain.proof import files, trust
from ledger.domain.proof.verification import verify
from tests.charging.plant import charge
from tests.charging.proven import settled_charge
from tests.charging.views import samples

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[3]
STATIC, DOCUMENTED = ROOT / "config" / "static", ROOT / "docs" / "receipt-proof"


@pytest.fixture
def receipt(data_dir, quick_keys, producer, company, now, great_britain):
    return settled_charge(producer, company, now)


def test_the_two_files_that_anyone_can_fetch_prove_a_receipt(client, receipt):
    proof = client.get(f"/r/{receipt.public_id}/proof.json")
    vouched = client.get("/verify/trust.json")
    assert proof.status_code == vouched.status_code == 200
    assert proof["Content-Disposition"] == 'attachment; filename="receipt-2018-06-01-proof.json"'
    assert proof["Referrer-Policy"] == "no-referrer"
    assert "private" in proof["Cache-Control"]
    assert verify(files.parse(proof.content), trust.parse(vouched.content)).authenticated


def test_a_revoked_or_unknown_link_gives_no_proof(client, receipt, now):
    Receipt.objects.update(link_revoked_at=now)
    assert client.get(f"/r/{receipt.public_id}/proof.json").status_code == 410
    assert client.get("/r/nobody-knows-this-one/proof.json").status_code == 404


def test_an_unmatched_charge_has_nothing_to_prove_and_says_so(client, company, now, great_britain):
    charge(company, ["a,X,1,2018-06-02T10:00Z,2018-06-02T11:00Z,1,Mill Street"], now)
    answer = client.get(f"/r/{Receipt.objects.get().public_id}/proof.json")
    assert answer.status_code == 404
    assert "nothing to prove" in answer.text


def test_before_the_first_block_there_is_nobody_to_trust(client):
    answer = client.get("/verify/trust.json")
    assert answer.status_code == 404
    assert "Nothing has been sealed yet" in answer.text


def test_the_page_to_keep_allows_its_own_script_and_style_and_no_other():
    page = kept_page().decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert policy.startswith("default-src 'none'; ")
    for tag in ("script", "style"):
        [content] = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not re.search(r'(src|href)="', page)


def test_the_fingerprint_of_the_page_to_keep_is_published(client):
    kept = client.get("/verify/check-a-receipt.html")
    assert hashlib.sha256(kept.content).hexdigest() in client.get("/verify/").text


def test_a_receipt_says_how_many_witnesses_saw_its_block(client, monkeypatch):
    facts = samples.in_every_state()["certified"]
    monkeypatch.setattr(receipts, "receipt", lambda public_id, now: facts)
    page = client.get(f"/r/{samples.PUBLIC_ID}/").text
    assert "2 of 3 independent witnesses" in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("certified", "Check it now"),
        ("pending", "not sealed yet"),
        ("waiting", "sealed"),
        ("closed", "nothing to check"),
    ],
)
def test_a_receipt_offers_the_check_or_says_why_not(client, monkeypatch, state, words):
    facts = samples.in_every_state()[state]
    monkeypatch.setattr(receipts, "receipt", lambda public_id, now: facts)
    page = client.get(f"/r/{samples.PUBLIC_ID}/").text
    assert words in page.split('id="check-title"')[1]
    assert ("data-check=" in page) == (state == "certified")


def test_the_page_tests_itself_with_the_documented_example():
    example = (STATIC / "js" / "proof-example.js").read_text("utf-8")
    for name in ("proof", "trust"):
        [written] = re.findall(rf"{name}: `([^`\\]*)`", example)
        assert json.loads(written) == json.loads((DOCUMENTED / f"{name}.json").read_bytes())
