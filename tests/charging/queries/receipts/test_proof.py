"""What a receipt's proof shows, keeps to itself, and refuses to be."""

import gzip
import json

import pytest
from django.core.management import call_command

from charging.models import Allocation, Session
from charging.queries.receipts.proof import receipt_proof
from charging.queries.receipts.receipt import find_receipt
from charging.queries.receipts.receipt import receipt as receipt_facts
from ledger.domain.proof import files, trust
from ledger.domain.proof.verification import verify
from ledger.errors import ChainCorrupt, ProofUnavailable
from ledger.models import SettlementEntry
from ledger.services.trust import registry_trust
from tests.charging.plant import charge
from tests.charging.proven import OTHERS, matched_charge, settled_charge

RAW_LIMIT, COMPRESSED_LIMIT = 5_000, 12_000


@pytest.fixture
def receipt(data_dir, quick_keys, producer, company, now, great_britain):
    return settled_charge(producer, company, now)


def raw_size(value):
    """Bytes of evidence in a proof file: hexadecimal digits count half."""
    if isinstance(value, str):
        return len(value) // 2 - 1 if value.startswith("0x") else len(value)
    members = value.values() if isinstance(value, dict) else value
    return sum(raw_size(each) for each in members)


def test_a_settled_receipt_proves_the_numbers_that_it_prints(receipt, now):
    verdict = verify(files.parse(files.dump(receipt_proof(receipt))), registry_trust())
    assert verdict.valid
    assert verdict.authenticated
    shown = {(s.device, s.attribute, s.first, s.end) for s in verdict.statement.stretches}
    assert shown == {
        (share.gsrn, attribute, first, first + share.amount_wh)
        for hour in receipt_facts(receipt.public_id, now).hours
        for share in hour.allocations
        for attribute, first in (
            ("renewable", share.first_renewable_wh),
            ("emissions", share.first_emissions_wh),
        )
    }
    assert all(stretch.same_start for stretch in verdict.statement.stretches)


def test_a_proof_is_small_and_the_same_each_time(receipt):
    written = files.dump(receipt_proof(receipt))
    assert written == files.dump(receipt_proof(receipt))
    assert raw_size(json.loads(written)) <= RAW_LIMIT
    assert len(gzip.compress(written)) <= COMPRESSED_LIMIT


def test_a_proof_discloses_nothing_of_another_charge(receipt):
    written = files.dump(receipt_proof(receipt)).decode()
    other = find_receipt("B")
    assert receipt.public_id not in written
    assert other.session.evse.uid == OTHERS[0].split(",")[1]
    for row in Allocation.objects.filter(session_hour__session=other.session):
        item = row.retirement.entry.outbox_item
        assert bytes(item.digest).hex() not in written
    assert bytes(receipt.session.disclosure_key).hex() not in written


def test_retirements_of_several_blocks_are_shown_in_the_last_one(
    data_dir, quick_keys, producer, company, now, great_britain
):
    receipt = settled_charge(producer, company, now, rounds=2)
    proof = receipt_proof(receipt)
    assert len(proof.batches) == 2
    verdict = verify(proof, registry_trust())
    assert verdict.authenticated
    heights = [block.height for block in receipt_facts(receipt.public_id, now).blocks]
    assert len(heights) == 2
    assert verdict.statement.block == max(heights)


def test_a_corrected_charge_stays_provable_without_its_old_fields(receipt):
    Session.objects.filter(pk=receipt.session_id).update(energy_wh=9_999)
    proof = receipt_proof(find_receipt("A"))
    assert all(one.opening is None for one in proof.retirements)
    assert proof.charge.fields == ()
    assert verify(proof).valid


def test_a_book_that_differs_from_the_chain_gives_no_proof(receipt):
    SettlementEntry.objects.update(from_renewable_wh=77)
    with pytest.raises(ChainCorrupt, match="do not agree"):
        receipt_proof(receipt)


def test_a_chain_that_is_kept_elsewhere_gives_no_proof(receipt, settings):
    settings.CHAIN_ADAPTER = "memory"
    with pytest.raises(ProofUnavailable, match="not kept here"):
        receipt_proof(receipt)


def test_what_is_matched_but_not_certified_has_no_proof(producer, company, now, great_britain):
    receipt = matched_charge(producer, company, now)
    with pytest.raises(ProofUnavailable, match="Not every retirement is certified"):
        receipt_proof(receipt)


def test_after_an_erasure_the_totals_stay_provable_and_nothing_is_disclosed(receipt):
    Session.objects.filter(pk=receipt.session_id).update(disclosure_key=None)
    proof = receipt_proof(find_receipt("A"))
    assert all(one.opening is None for one in proof.retirements)
    assert proof.charge.fields == ()
    verdict = verify(proof)
    assert verdict.valid
    assert verdict.statement.charge == ()


def test_an_unmatched_charge_has_no_proof(receipt, company, now):
    charge(company, ["late,X,1,2018-06-02T10:00Z,2018-06-02T11:00Z,1,Mill Street"], now)
    with pytest.raises(ProofUnavailable, match="nothing to prove"):
        receipt_proof(find_receipt("LATE"))


def test_the_trust_file_is_written_by_a_command(receipt, capsys):
    call_command("trust_file")
    written = capsys.readouterr().out.encode()
    assert trust.parse(written) == registry_trust()
