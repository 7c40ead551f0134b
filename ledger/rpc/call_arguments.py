"""The object that says what to call."""

from typing import Any

from ledger.rpc.errors import invalid_params, refused
from ledger.rpc.machine import Call
from ledger.rpc.quantities import parse_address, parse_data, parse_hash, parse_quantity

NOBODY = bytes(20)
LISTED = 1024
UNSUPPORTED = ("blobVersionedHashes", "authorizationList")


def parse_call(asked: Any) -> tuple[Call, int | None]:
    """The call, and its gas if it names any. Raises: RpcRefused."""
    if not isinstance(asked, dict):
        raise invalid_params("invalid argument 0: a call is an object")
    for name in UNSUPPORTED:
        if asked.get(name):
            raise invalid_params(f"invalid argument 0: {name} is not supported")
    if "gasPrice" in asked and ("maxFeePerGas" in asked or "maxPriorityFeePerGas" in asked):
        raise invalid_params(
            "invalid argument 0: both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified"
        )
    sender, to = asked.get("from"), asked.get("to")
    return Call(
        sender=parse_address(sender, "from") if sender is not None else NOBODY,
        to=parse_address(to, "to") if to is not None else b"",
        value=_number(asked, "value"),
        data=_input(asked),
        gas_price=_price(asked),
        access_list=_listed(asked.get("accessList")),
    ), _number(asked, "gas") or None


def _number(asked: dict[str, Any], name: str) -> int:
    stated = asked.get(name)
    return 0 if stated is None else parse_quantity(stated, name)


def _price(asked: dict[str, Any]) -> int:
    """What the call pays for one gas (EIP-1559); this chain's base fee is 0 in every block."""
    limit, tip = _number(asked, "maxFeePerGas"), _number(asked, "maxPriorityFeePerGas")
    if tip > limit:
        raise refused(f"max priority fee per gas higher than max fee per gas ({tip} > {limit})")
    return _number(asked, "gasPrice") or min(limit, tip)


def _input(asked: dict[str, Any]) -> bytes:
    """`input`, or `data` as older clients call it."""
    given = [parse_data(asked[n], n) for n in ("input", "data") if asked.get(n) is not None]
    if len(given) > 1 and given[0] != given[1]:
        raise invalid_params("invalid argument 0: data and input differ; give input")
    return given[0] if given else b""


def _listed(stated: Any) -> tuple[tuple[bytes, tuple[int, ...]], ...]:
    if stated is None:
        return ()
    if not isinstance(stated, list) or not all(isinstance(each, dict) for each in stated):
        raise invalid_params("invalid accessList: a list of address and storageKeys")
    listed = []
    for each in stated:
        keys = each.get("storageKeys") or []
        if not isinstance(keys, list) or len(keys) + len(stated) > LISTED:
            raise invalid_params(f"invalid accessList: at most {LISTED} storage keys")
        slots = tuple(int.from_bytes(parse_hash(key, "storage key"), "big") for key in keys)
        listed.append((parse_address(each.get("address")), slots))
    return tuple(listed)
