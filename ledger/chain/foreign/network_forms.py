"""Transactions and headers as bytes again, from a node's description of them.

What hashes to the hash that was asked for is what it says it is, whoever says it.
"""

from typing import Any

import rlp

from ledger.chain.foreign.forms import ADDRESS_BYTES, data, quantity


def encode_transaction(answer: Any) -> bytes:
    """A transaction's bytes from a node's description; empty for a type that is not known here.

    Raises: ValueError, KeyError, TypeError for a malformed description.
    """
    kind = quantity(answer.get("type", "0x0"))
    fields = _FIELDS.get(kind)
    if fields is None:
        return b""
    to = data(answer["to"], ADDRESS_BYTES) if answer["to"] else b""
    parts: list[Any] = []
    for name in fields:
        if name == "to":
            parts.append(to)
        elif name == "input":
            parts.append(data(answer["input"]))
        elif name == "accessList":
            parts.append([_access(each) for each in answer["accessList"]])
        elif name == "authorizationList":
            parts.append([_authorization(each) for each in answer["authorizationList"]])
        elif name == "yParity":
            parts.append(quantity(answer.get("yParity", answer.get("v"))))
        else:
            parts.append(quantity(answer[name]))
    return (bytes([kind]) if kind else b"") + bytes(rlp.encode(parts))


def _access(answer: Any) -> list[Any]:
    return [data(answer["address"], ADDRESS_BYTES), [data(key) for key in answer["storageKeys"]]]


def _authorization(answer: Any) -> list[Any]:
    numbers = [quantity(answer[name]) for name in ("yParity", "r", "s")]
    address = data(answer["address"], ADDRESS_BYTES)
    return [quantity(answer["chainId"]), address, quantity(answer["nonce"]), *numbers]


_CALL = ["gas", "to", "value", "input"]
_SIGNATURE = ["yParity", "r", "s"]
_DEAR = ["chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", *_CALL, "accessList"]
_FIELDS = {
    0: ["nonce", "gasPrice", *_CALL, "v", "r", "s"],
    1: ["chainId", "nonce", "gasPrice", *_CALL, "accessList", *_SIGNATURE],
    2: [*_DEAR, *_SIGNATURE],
    4: [*_DEAR, "authorizationList", *_SIGNATURE],
}


def encode_header(answer: Any) -> bytes:
    """A block's header as it is hashed, by the fields that a node names.

    Later forks append theirs: the first that is absent ends the header.
    Raises: ValueError, KeyError, TypeError for a malformed description.
    """
    parts: list[Any] = [data(answer[name]) for name in _ROOTS]
    parts += [quantity(answer[name]) for name in _NUMBERS]
    parts += [data(answer[name]) for name in ("extraData", "mixHash", "nonce")]
    for name, read in _LATER:
        if answer.get(name) is None:
            break
        parts.append(read(answer[name]))
    return bytes(rlp.encode(parts))


_ROOTS = ("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot",
          "logsBloom")  # fmt: skip
_NUMBERS = ("difficulty", "number", "gasLimit", "gasUsed", "timestamp")
_LATER = (
    ("baseFeePerGas", quantity),
    ("withdrawalsRoot", data),
    ("blobGasUsed", quantity),
    ("excessBlobGas", quantity),
    ("parentBeaconBlockRoot", data),
    ("requestsHash", data),
)
