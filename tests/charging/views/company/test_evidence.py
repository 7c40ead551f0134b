"""The yearly evidence as a page and as a download, and by command."""

import io
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from charging.domain.pack_check import check_pack
from tests.charging.conftest import make_organisation
from tests.charging.proven import settled_charge
from tests.charging.views.company.test_home import log_in


@pytest.fixture
def inside(client, data_dir, producer, company, now):
    settled_charge(producer, company, now)
    log_in(client, company)
    return client


def test_a_company_downloads_a_pack_that_holds_and_the_command_writes_the_same(
    inside, company, tmp_path
):
    page = inside.get("/company/evidence/").text
    assert "21,000 Wh" in page
    assert 'href="/company/evidence/2018.zip"' in page
    answer = inside.get("/company/evidence/2018.zip")
    assert answer["Content-Disposition"] == 'attachment; filename="evidence-council-2018.zip"'
    assert "no-store" in answer["Cache-Control"]
    data = b"".join(answer.streaming_content)
    assert check_pack(io.BytesIO(data)).findings == []
    path, said = tmp_path / "pack.zip", StringIO()
    words = ("evidence_pack", "--organisation", company.slug, "--year", "2018")
    call_command(*words, "--output", str(path), stdout=said)
    assert path.read_bytes() == data
    assert list(tmp_path.glob(".pack*")) == []
    checked = StringIO()
    call_command("verify_evidence_pack", str(path), "--json", stdout=checked)
    assert json.loads(checked.getvalue())["valid"] is True
    path.write_bytes(data.replace(b"PK\x05\x06", b"PK\x05\x07"))
    with pytest.raises(CommandError, match="Download it again") as refused:
        call_command("verify_evidence_pack", str(path))
    assert refused.value.returncode == 2


def test_a_reader_gets_one_pack_at_a_time(inside):
    """Each holds one of the few threads of the web for as long as its reader takes."""
    first = inside.get("/company/evidence/2018.zip")
    second = inside.get("/company/evidence/2018.zip")
    assert second.status_code == 429
    assert "When it has come, ask for the next one." in second.text
    assert inside.head("/company/evidence/2018.zip").status_code == 200
    for close in first._resource_closers:  # broken off before its first byte was read
        close()
    third = inside.get("/company/evidence/2018.zip")
    assert check_pack(io.BytesIO(b"".join(third.streaming_content))).findings == []


def test_a_year_without_charges_is_answered_in_words(inside, company, tmp_path):
    answer = inside.get("/company/evidence/2017.zip")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/plain; charset=utf-8")
    assert "no final charge in 2017" in answer.text
    for year in ("0", "1970", "9999", "9" * 30):
        assert inside.get(f"/company/evidence/{year}.zip").status_code == 404
    with pytest.raises(CommandError, match="no final charge"):
        call_command("evidence_pack", "--organisation", company.slug, "--year", "2017")
    with pytest.raises(CommandError, match="No organisation"):
        call_command("evidence_pack", "--organisation", "nobody", "--year", "2018")


def test_nobody_gets_another_companys_evidence(client, inside, now):
    log_in(client, make_organisation("Rival", "rival", "charging_company"))
    assert client.get("/company/evidence/2018.zip").status_code == 404
    client.logout()
    assert client.get("/company/evidence/2018.zip").status_code == 302
    assert client.post("/company/evidence/2018.zip").status_code == 405


def test_without_a_chain_to_prove_it_nothing_is_sent(inside, settings, tmp_path):
    settings.CHAIN_DIR = tmp_path / "nowhere"
    answer = inside.get("/company/evidence/2018.zip")
    with pytest.raises(Exception, match=r"chain|store|nowhere"):
        b"".join(answer.streaming_content)
