"""What a holder with an address of their own signed (EIP-712), for anybody to bring.

docs/contract.md states the types. Addresses have 20 bytes, commitments 32; amounts are whole
Wh; `nonce` counts the signer's acts; `deadline` is the last second (since 1970) of a block.
"""

import re
from dataclasses import dataclass
from typing import Any

from ledger.domain.calls import MAX_AMOUNT_WH
from ledger.errors import ActUnreadable

ADDRESS_BYTES, WORD_BYTES, SIGNATURE_BYTES = 20, 32, 65
LARGEST = (1 << 63) - 1
LARGEST_ID = (1 << 160) - 1
DIGITS = re.compile(r"0|[1-9][0-9]{0,77}")
RECOVERY = 27  # what wallets add to the signature's last byte, or not


@dataclass(frozen=True, slots=True)
class SignedTransfer:
    source: bytes
    destination: bytes
    token_id: int
    amount: int
    nonce: int
    deadline: int
    signature: bytes

    @property
    def signer(self) -> bytes:
        return self.source


@dataclass(frozen=True, slots=True)
class SignedRetirement:
    account: bytes
    token_id: int
    amount: int
    commitment: bytes
    nonce: int
    deadline: int
    signature: bytes

    @property
    def signer(self) -> bytes:
        return self.account


SignedAct = SignedTransfer | SignedRetirement


def vrs(signature: bytes) -> tuple[int, int, int]:
    """A signature's three numbers, as the contract takes them."""
    v = signature[64]
    r, s = signature[:WORD_BYTES], signature[WORD_BYTES:64]
    return v + RECOVERY if v < RECOVERY else v, int.from_bytes(r, "big"), int.from_bytes(s, "big")


def parse(document: Any) -> SignedAct:
    """An act as wallets are asked for it: `primaryType`, `message` and `signature`.

    Numbers are whole, as such or as text of decimal digits. Further members (`types`, `domain`)
    are passed over: the signature holds for one domain only. Raises: ActUnreadable.
    """
    if not isinstance(document, dict) or not isinstance(document.get("message"), dict):
        raise ActUnreadable("An act is an object with primaryType, message and signature.")
    message = document["message"]
    signature = _data(document, "signature", SIGNATURE_BYTES)
    common = {
        "token_id": _number(message, "id", LARGEST_ID),
        "amount": _number(message, "amount", MAX_AMOUNT_WH),
        "nonce": _number(message, "nonce", LARGEST),
        "deadline": _number(message, "deadline", LARGEST),
    }
    if document.get("primaryType") == "Transfer":
        source, destination = (
            _data(message, name, ADDRESS_BYTES) for name in ("source", "destination")
        )
        return SignedTransfer(source=source, destination=destination, signature=signature, **common)
    if document.get("primaryType") == "Retirement":
        account = _data(message, "account", ADDRESS_BYTES)
        commitment = _data(message, "commitment", WORD_BYTES)
        return SignedRetirement(
            account=account, commitment=commitment, signature=signature, **common
        )
    raise ActUnreadable("primaryType says what was signed: Transfer or Retirement.")


def _number(members: dict[str, Any], name: str, largest: int) -> int:
    value = members.get(name)
    if isinstance(value, str) and DIGITS.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
        raise ActUnreadable(f"{name} is a whole number from 0 to {largest}.")
    return value


def _data(members: dict[str, Any], name: str, size: int) -> bytes:
    value = members.get(name)
    if not isinstance(value, str) or not re.fullmatch(rf"0x[0-9a-fA-F]{{{2 * size}}}", value):
        raise ActUnreadable(f"{name} is 0x and {2 * size} hexadecimal digits.")
    return bytes.fromhex(value[2:])
