# pragma version 0.4.3
# pragma evm-version prague
# pragma optimize gas
"""
@title Roots of settled batches
@license Apache-2.0
@notice A contract of its own, so that the storage proof of a root stays short.
"""

# The certificate contract: the only one that may write.
writer: public(immutable(address))
roots: public(HashMap[uint256, bytes32])


@deploy
def __init__(_writer: address):
    writer = _writer


@external
def record(batch: uint256, root: bytes32):
    assert msg.sender == writer, "role"
    assert self.roots[batch] == empty(bytes32), "recorded"
    self.roots[batch] = root
