"""What a receipt's proof shows, keeps to itself, and refuses to be."""

import gzip

import pytest

from charging.models import Session
from charging.queries.receipt import find_receipt
from charging.queries.receipt_proof import receipt_proof
from ledger.domain.proof import files
from ledger.domain.proof.verification import verify
from ledger.errors import ProofUnavailable
from tests.charging.plant import charge
from tests.charging.proven import ROWS, settled_charge


@pytest.fixture
def receipt(data_dir, producer, company, now, great_britain):
    return settled_charge(producer, company, now)


def test_a_settled_receipt_proves_the_numbers_that_it_prints(receipt, now):
    proof = receipt_proof(receipt)
    verdict = verify(files.parse(files.dump(proof)))
    assert verdict.valid
    assert not verdict.authenticated
    shown = sorted((s.device, s.first, s.end) for s in verdict.statement.stretches)
    print(shown, len(files.dump(proof)), len(gzip.compress(files.dump(proof))))
    print(verdict)
