"""What the contract's logs say of its storage beside balances and lots.

Roles, void claims, approvals and signed acts are in mappings that no call enumerates; each
change left a log, which names the view that shows it.
"""

from ledger.chain import codec
from ledger.chain.foreign.forms import ADDRESS_BYTES, WORD
from ledger.chain.foreign.reading import Log

GRANTED = codec.topic("RoleGranted(address,uint256)")
REVOKED = codec.topic("RoleRevoked(address,uint256)")
SUPERSEDED = codec.topic("Superseded(uint256,uint256,uint256,uint256)")
APPROVED = codec.topic("ApprovalForAll(address,address,bool)")
NONCE_USED = codec.topic("NonceUsed(address,uint256)")
OTHERS = (GRANTED, REVOKED, SUPERSEDED, APPROVED, NONCE_USED)

View = tuple[str, tuple[int | bytes, ...]]  # signature and arguments
Told = dict[View, tuple[str, int]]  # what the view shows, and its value by the logs


def tell(told: Told, log: Log) -> None:
    """Note what one log changes; logs come in their order."""
    kind, keys = log.topics[0], log.topics[1:]
    value = int.from_bytes(log.data[:WORD], "big")
    if kind in (GRANTED, REVOKED):
        view: View = ("roleOf(address)", (address_of(keys[0]),))
        before = told.get(view, ("", 0))[1]
        roles = before | value if kind == GRANTED else before & ~value
        told[view] = (f"roles of {_hex(keys[0])}", roles)
    elif kind == SUPERSEDED:
        batch, entry, leaf = keys
        what = f"void claim of leaf {leaf} in entry {entry} of batch {batch}"
        told["superseded(uint256)", (batch << 128 | entry << 64 | leaf,)] = (what, value)
    elif kind == APPROVED:
        owner, operator = keys
        view = ("isApprovedForAll(address,address)", (address_of(owner), address_of(operator)))
        told[view] = (f"approval of {_hex(operator)} by {_hex(owner)}", value)
    else:
        told["nonces(address)", (address_of(keys[0]),)] = (
            f"signed acts of {_hex(keys[0])}",
            value + 1,
        )


def address_of(topic: int) -> bytes:
    """The address in a log's topic."""
    return topic.to_bytes(WORD, "big")[-ADDRESS_BYTES:]


def _hex(topic: int) -> str:
    return f"0x{address_of(topic).hex()}"
