import json

import pytest

from ledger.contracts.artefact import ARTEFACT, load_artefact, storage_slot
from ledger.contracts.build import CONTRACTS, artefact_text
from ledger.domain.keccak import keccak256


def test_the_committed_artefact_is_what_the_sources_compile_to():
    assert ARTEFACT.read_text(encoding="utf-8") == artefact_text()


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_runtime_code_stays_below_ethereums_limit(name):
    assert 0 < load_artefact()[name]["runtime_size"] <= 24_576


def test_the_artefact_names_sources_compiler_and_slots():
    artefact = json.loads(ARTEFACT.read_text(encoding="utf-8"))
    for name in CONTRACTS:
        source = ARTEFACT.with_name(f"{name}.vy").read_bytes()
        assert artefact[name]["source_hash"] == "0x" + keccak256(source).hex()
        assert artefact[name]["compiler"] == "vyper 0.4.3"
    with pytest.raises(KeyError):
        storage_slot("Certificates", "no such variable")
