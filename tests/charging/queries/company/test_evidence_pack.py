"""A year's evidence: every number adds up, every proof holds, and tampering is found."""

import csv
import io
import json
import zipfile

import pytest

from certificates.models import Organisation
from charging.domain import evidence_pack as pack
from charging.domain.pack_check import check_pack
from charging.errors import EvidenceDisagrees, NoEvidence, PackUnreadable
from charging.models import Allocation
from charging.queries.company import evidence_pack
from charging.queries.company.evidence_pack import files_of, gather
from charging.services.marginal import load_marginal
from ledger.domain.zip_stream import zip_stream
from ledger.models import OutboxItem
from ledger.services.trust import registry_trust
from tests.charging.domain.test_marginal_file import HEAD
from tests.charging.proven import matched_charge, settled_charge

YEAR = 2018


@pytest.fixture
def settled(data_dir, producer, company, now) -> Organisation:
    settled_charge(producer, company, now, rounds=2)
    return company


def made(company: Organisation) -> bytes:
    return b"".join(zip_stream(files_of(gather(company, YEAR))))


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def closed(files: dict[str, bytes]) -> io.BytesIO:
    return io.BytesIO(b"".join(zip_stream((f"x/{name}", [data]) for name, data in files.items())))


def lines(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_a_pack_is_whole_and_every_proof_holds_under_the_registrys_trust(settled):
    verdict = check_pack(io.BytesIO(made(settled)), registry_trust())
    assert verdict.findings == []
    assert verdict.authenticated
    assert (verdict.claimant, verdict.year) == (settled.slug, YEAR)
    assert verdict.proven_wh == verdict.totals["certified_wh"] == verdict.totals["matched_wh"] > 0
    assert verdict.proofs == 1


def test_the_same_state_gives_the_same_bytes(settled):
    assert made(settled) == made(settled)


def test_every_number_is_that_of_the_book(settled):
    files = opened(made(settled))
    hours, certificates = lines(files["hours.csv"]), lines(files["certificates.csv"])
    book = Allocation.objects.standing().values_list("retirement__amount_wh", flat=True)
    assert sorted(int(row["amount_wh"]) for row in certificates) == sorted(book)
    assert [(row["starts_at"], row["charged_wh"], row["matched_wh"]) for row in hours] == [
        ("2018-06-01T10:00:00Z", "12000", "12000"),
        ("2018-06-01T11:00:00Z", "9000", "9000"),
    ]
    names = [name for name in files if name.startswith("statements/")]
    stated = [json.loads(json.loads(files[name])["statement"]) for name in names]
    assert {one["plant"] for one in stated} == {"Plant 7", "Plant 8"}
    assert sum(one["amount_wh"] for one in stated) == sum(book)
    assert "21,000 Wh by final charges" in files["README.txt"].decode()


def test_marginal_figures_are_in_it_beside_the_averages_where_they_are_known(settled, now):
    plain = opened(made(settled))
    assert "grid.csv" not in plain
    rows = (
        f"10YGB----------A,{row['starts_at']},60,400,Made,1,lifecycle,CO2e"
        for row in lines(plain["hours.csv"])
    )
    table = "\n".join([HEAD, *rows])
    load_marginal(data=table.encode(), name="made.csv", actor="test", now=now)
    data = made(settled)
    files = opened(data)
    told, hours = lines(files["grid.csv"]), lines(files["hours.csv"])
    assert [row["charged_wh"] for row in told] == [row["charged_wh"] for row in hours]
    assert all(
        int(row["marginal_emissions_ug"]) == int(row["charged_wh"]) * 400_000
        and (row["marginal_gas"], row["marginal_scope"]) == ("CO2e", "lifecycle")
        for row in told
    )
    assert "never added up" in files["README.txt"].decode()
    assert files["hours.csv"] == plain["hours.csv"]
    assert check_pack(io.BytesIO(data)).findings == []


def test_nothing_in_it_names_a_charge_or_a_charger(settled):
    for name, data in opened(made(settled)).items():
        assert b"evse" not in data.lower(), name
        assert b'"fields":[{' not in data, name
    (header,) = {tuple(row) for row in lines(opened(made(settled))["certificates.csv"])}
    assert not {"charge", "session", "uid", "receipt"} & set(header)


def test_what_is_not_certified_yet_is_said_to_be_on_its_way(data_dir, producer, company, now):
    matched_charge(producer, company, now)
    files = opened(made(company))
    assert {row["state"] for row in lines(files["certificates.csv"])} == {"pending"}
    verdict = check_pack(closed(files))
    assert verdict.findings == []
    assert verdict.totals["certified_wh"] == verdict.proven_wh == 0
    assert verdict.totals["matched_wh"] == 21_000


def test_a_year_without_charges_has_no_evidence(settled):
    with pytest.raises(NoEvidence, match="no final charge in 2017"):
        gather(settled, 2017)


def test_evidence_that_does_not_add_up_is_not_given(settled, monkeypatch):
    real = evidence_pack._certificates

    def one_wh_less(*period):
        first, *rest = real(*period)
        return (first._replace(amount_wh=first.amount_wh - 1), *rest)

    monkeypatch.setattr(evidence_pack, "_certificates", one_wh_less)
    with pytest.raises(EvidenceDisagrees, match="Tell the registrar"):
        gather(settled, YEAR)


def test_a_refused_retirement_is_no_evidence(settled):
    whole = gather(settled, YEAR)
    OutboxItem.objects.filter(entry=whole.certificates[0].entry).update(status="pending")
    less = gather(settled, YEAR)
    assert less.totals.certified_wh == whole.totals.certified_wh - whole.certificates[0].amount_wh
    assert not less.certificates[0].is_certified


def edit(files: dict[str, bytes], name: str, old: bytes, new: bytes) -> dict[str, bytes]:
    assert old in files[name]
    return {**files, name: files[name].replace(old, new, 1)}


TAMPERED = (
    ("hours.csv", b",12000,12000,", b",12000,12001,", "SHA-256"),
    ("certificates.csv", b",certified,", b",pending,", "SHA-256"),
    ("manifest.json", b'"charged_wh": 21000', b'"charged_wh": 21001', "another manifest"),
    ("README.txt", b"cars", b"cats", "SHA-256"),
    ("proofs/2018-06-01.json", b'"amount":"', b'"amount":"1', "SHA-256"),
)
LIES = (
    ("hours.csv", b",12000,12000,", b",12000,13000,", "hours and certificates differ"),
    ("hours.csv", b",12000,12000,", b",99000,12000,", "more is missing"),
    ("certificates.csv", b",certified,", b",pending,", "differ"),
    ("certificates.csv", b",renewable", b",emissions", "differ"),
    ("proofs/2018-06-01.json", b'"commitment":"0x', b'"commitment":"0x00', "proofs/2018"),
)


def test_a_pack_that_was_tampered_with_is_found_out(settled):
    files = opened(made(settled))
    for name, old, new, finding in TAMPERED:
        verdict = check_pack(closed(edit(files, name, old, new)))
        assert any(finding in one for one in verdict.findings), name


def signed_again(files: dict[str, bytes], settled: Organisation) -> dict[str, bytes]:
    """The manifest over changed files, signed by the registry itself: a registry that lies."""
    digests = pack.Digests()
    for name, data in files.items():
        if not name.startswith("manifest"):
            list(digests.watch(name, [data]))
    evidence = gather(settled, YEAR)
    about = evidence_pack._about(evidence)
    files["manifest.json"] = pack.manifest(about, evidence.totals, digests.found)
    ((_, _, digest),) = evidence_pack._digest_of(files["manifest.json"])
    statement = {**about, "manifest_sha256": digest}
    return {**files, "manifest.signature.json": evidence_pack._signed(statement)}


def test_not_even_the_registry_can_state_what_the_lists_and_proofs_do_not(settled):
    files = opened(made(settled))
    for name, old, new, finding in LIES:
        verdict = check_pack(closed(signed_again(edit(files, name, old, new), settled)))
        assert not any("SHA-256" in one for one in verdict.findings)
        assert any(finding in one for one in verdict.findings), (name, verdict.findings)


def test_a_missing_and_an_added_file_are_found(settled):
    files = opened(made(settled))
    del files["proofs/2018-06-01.json"]
    files["more.txt"] = b"?"
    findings = check_pack(closed(files)).findings
    assert "x/more.txt: only in the archive" in findings
    assert "x/proofs/2018-06-01.json: only in the manifest" in findings
    assert "proofs/2018-06-01.json: this proof is missing" in findings


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no zip",
        b"PK\x03\x04" + b"\0" * 50,
        closed({}).getvalue(),
        closed({"manifest.json": b"{}"}).getvalue(),
        closed({"manifest.json": b"[" * 10_000}).getvalue(),
        closed({"manifest.json": b'{"format": "other"}'}).getvalue(),
    ],
)
def test_what_is_no_pack_is_refused_in_words(data):
    with pytest.raises(PackUnreadable):
        check_pack(io.BytesIO(data))


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("charging.domain.pack_check.MOST_AT_ONCE", 10)
    with pytest.raises(PackUnreadable, match=r"manifest\.json unpacks to more"):
        check_pack(closed({"manifest.json": b'{"format": "x"}'}))


def test_a_pack_cut_off_is_refused(settled):
    with pytest.raises(PackUnreadable, match="Download it again"):
        check_pack(io.BytesIO(made(settled)[:-100]))


def test_a_crowded_day_gets_several_proofs(settled, monkeypatch):
    monkeypatch.setattr(pack, "MOST_IN_PROOF", 2)
    verdict = check_pack(io.BytesIO(made(settled)), registry_trust())
    assert verdict.findings == []
    assert verdict.proofs > 2


def test_lists_that_differ_are_told_apart_hour_by_hour(settled):
    evidence = gather(settled, YEAR)
    assert pack.disagreements(evidence.hours, evidence.certificates) == []
    first = evidence.hours[0]
    wrong = [replace_hour(first, matched_wh=first.matched_wh + 1), *evidence.hours[1:]]
    assert len(pack.disagreements(wrong, evidence.certificates)) == 1
    assert pack.disagreements(evidence.hours[1:], evidence.certificates)[0].endswith("no such hour")


def replace_hour(row: pack.HourRow, **changes: int) -> pack.HourRow:
    return row._replace(**changes)
