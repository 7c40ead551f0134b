"""What a proof needs of a block: its header, an account in its state, and its seal."""

from dataclasses import dataclass

from coincurve import PublicKey

from ledger.domain.keccak import keccak256
from ledger.domain.proof import rlp

HEADER_FIELDS = 21  # since Prague (EIP-7685)
OTHERS_FIELDS = range(16, 65)  # of networks that we have no say in: since London (EIP-1559)
COINBASE, STATE_ROOT, NUMBER, TIMESTAMP = 2, 3, 8, 11
MAX_TIMESTAMP = 253_402_300_799
ACCOUNT_FIELDS = 4
SIGNATURE_BYTES = 65
HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
DOMAIN, ROLE = b"REC-block-seal-v1", b"SEAL"
MAX_SIGNATURES = 64


@dataclass(frozen=True, slots=True)
class Header:
    """`timestamp` in whole seconds since 1970; `coinbase` is the sealer's address."""

    number: int
    timestamp: int
    state_root: bytes
    coinbase: bytes


@dataclass(frozen=True, slots=True)
class Account:
    """A contract as the state has it."""

    storage_root: bytes
    code_hash: bytes


def parse_header(encoded: bytes, *, is_sealed: bool = True) -> Header:
    """Raises: ValueError when the bytes are no header of Prague's form, or near it on a network
    of others.
    """
    fields = _byte_strings(rlp.decode(encoded))
    if not is_sealed and len(fields) not in OTHERS_FIELDS:
        raise ValueError(f"a header has {OTHERS_FIELDS[0]} to {OTHERS_FIELDS[-1]} fields")
    if is_sealed and len(fields) != HEADER_FIELDS:
        raise ValueError(f"a header has {HEADER_FIELDS} fields, not {len(fields)}")
    if len(fields[STATE_ROOT]) != 32 or len(fields[COINBASE]) != 20:
        raise ValueError("a header's state root has 32 bytes and its sealer 20")
    if _integer(fields[TIMESTAMP]) > MAX_TIMESTAMP:
        raise ValueError("a header's time lies after the year 9999")
    return Header(
        number=_integer(fields[NUMBER]),
        timestamp=_integer(fields[TIMESTAMP]),
        state_root=fields[STATE_ROOT],
        coinbase=fields[COINBASE],
    )


def parse_account(encoded: bytes) -> Account:
    """Raises: ValueError when the bytes are no account."""
    fields = _byte_strings(rlp.decode(encoded))
    if len(fields) != ACCOUNT_FIELDS or any(len(each) != 32 for each in fields[2:]):
        raise ValueError("an account has a nonce, a balance and two hashes")
    return Account(storage_root=fields[2], code_hash=fields[3])


def seal_digest(*, chain_id: int, genesis_hash: bytes, number: int, block_hash: bytes) -> bytes:
    """What a sealer signs.

    keccak256(0x1901 || domain || number:32 || block hash:32), where the domain is
    keccak256("REC-block-seal-v1" || chain id:32 || genesis hash:32 || keccak256("SEAL")).
    """
    domain = keccak256(DOMAIN + chain_id.to_bytes(32, "big") + genesis_hash + keccak256(ROLE))
    return keccak256(b"\x19\x01" + domain + number.to_bytes(32, "big") + block_hash)


def signers_of(*, digest: bytes, seal: bytes) -> list[bytes]:
    """Addresses that signed, ascending. Raises: ValueError for anything but a canonical seal."""
    signatures = _byte_strings(rlp.decode(seal))
    if not 1 <= len(signatures) <= MAX_SIGNATURES:
        raise ValueError(f"a seal has 1 to {MAX_SIGNATURES} signatures")
    signers = [_signer(digest, signature) for signature in signatures]
    if signers != sorted(set(signers)):
        raise ValueError("the signers are not in order, or one signed twice")
    return signers


def _signer(digest: bytes, signature: bytes) -> bytes:
    if len(signature) != SIGNATURE_BYTES or signature[64] > 1:
        raise ValueError(f"a signature has {SIGNATURE_BYTES} bytes, the last of them 0 or 1")
    if int.from_bytes(signature[32:64], "big") > HALF_ORDER:
        raise ValueError("a signature has a high s")
    try:
        key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
    except Exception as error:  # the library raises a bare Exception for no point on the curve
        raise ValueError("a signature belongs to no key") from error
    return keccak256(key.format(compressed=False)[1:])[12:]


def _byte_strings(item: rlp.Item) -> list[bytes]:
    if not isinstance(item, list):
        raise ValueError("RLP: a list is wanted")
    found = [each for each in item if isinstance(each, bytes)]
    if len(found) != len(item):
        raise ValueError("RLP: a list of strings is wanted")
    return found


def _integer(encoded: bytes) -> int:
    if len(encoded) > 8 or encoded[:1] == b"\0":
        raise ValueError("RLP: an integer has at most 8 bytes, the first not zero")
    return int.from_bytes(encoded, "big")
