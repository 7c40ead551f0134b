"""Where the certificate contract keeps what: storage slots from the committed artefact.

Vyper's mapping slot is keccak256(slot || key); the trie's key is keccak256 of the slot.
"""

from typing import Any

from ledger.chain.port import Counters
from ledger.contracts.artefact import load_artefact
from ledger.domain.keccak import keccak256

CERTIFICATES, BATCH_ROOTS = "Certificates", "BatchRoots"
WH_BITS, FIRST_BITS = 40, 54
WH = (1 << WH_BITS) - 1
# Settings of the contract that an admin may change; each in slots of its own.
SETTINGS = ("nextSequence", "pausedAt", "unbundlingAllowed", "baseURI", "holdersRetirements")


def artefact(contract: str) -> dict[str, Any]:
    """What the compiler said of a contract."""
    stated: dict[str, Any] = load_artefact()[contract]
    return stated


def base_slot(variable: str, contract: str = CERTIFICATES) -> int:
    """The slot a state variable starts at."""
    return int(artefact(contract)["layout"]["storage_layout"][variable]["slot"])


def mapping_slot(base: int, key: int | bytes) -> int:
    """The slot of one key of a mapping; an address counts as a number."""
    number = key if isinstance(key, int) else int.from_bytes(key, "big")
    packed = base.to_bytes(32, "big") + number.to_bytes(32, "big")
    return int.from_bytes(keccak256(packed), "big")


def balance_slot(address: bytes, token_id: int) -> int:
    return mapping_slot(balances_slot(address), token_id)


def balances_slot(address: bytes) -> int:
    """Where the mapping of an address's balances starts, by token id."""
    return mapping_slot(base_slot("balanceOf"), address)


def lot_slot(lot: int) -> int:
    return mapping_slot(base_slot("lots"), lot)


def odometer_slot(device: int) -> int:
    return mapping_slot(base_slot("odometer"), device)


def role_slot(address: bytes) -> int:
    return mapping_slot(base_slot("roleOf"), address)


def superseded_slot(batch: int, entry: int, leaf: int) -> int:
    """Why the claim of a leaf is void."""
    return mapping_slot(base_slot("superseded"), batch << 128 | entry << 64 | leaf)


def approval_slot(owner: bytes, operator: bytes) -> int:
    return mapping_slot(mapping_slot(base_slot("isApprovedForAll"), owner), operator)


def nonce_slot(address: bytes) -> int:
    """How many signed acts of an address were done."""
    return mapping_slot(base_slot("nonces"), address)


def root_slot(sequence: int) -> int:
    """In the contract of the batch roots."""
    return mapping_slot(base_slot("roots", BATCH_ROOTS), sequence)


def setting_slots() -> set[int]:
    """Slots that hold neither balances nor lots, but how the contract is set."""
    stated = artefact(CERTIFICATES)["layout"]["storage_layout"]
    return {
        stated[name]["slot"] + offset
        for name in SETTINGS
        for offset in range(stated[name]["n_slots"])
    }


def trie_key(slot: int) -> bytes:
    return keccak256(slot.to_bytes(32, "big"))


def unpack_counters(word: int) -> Counters:
    """A lot's slot: retired R, E, withdrawn R, E, issued (40 bits each), first Wh, mask."""
    return Counters(
        retired_renewable=word & WH,
        retired_emissions=word >> WH_BITS & WH,
        withdrawn_renewable=word >> 2 * WH_BITS & WH,
        withdrawn_emissions=word >> 3 * WH_BITS & WH,
        issued=word >> 4 * WH_BITS & WH,
        first_wh=word >> 5 * WH_BITS & (1 << FIRST_BITS) - 1,
        mask=word >> 5 * WH_BITS + FIRST_BITS,
    )


def pack_counters(counters: Counters) -> int:
    """The slot that holds these counters."""
    return (
        counters.retired_renewable
        | counters.retired_emissions << WH_BITS
        | counters.withdrawn_renewable << 2 * WH_BITS
        | counters.withdrawn_emissions << 3 * WH_BITS
        | counters.issued << 4 * WH_BITS
        | counters.first_wh << 5 * WH_BITS
        | counters.mask << 5 * WH_BITS + FIRST_BITS
    )
