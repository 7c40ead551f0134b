"""Binary Merkle trees over 32-byte hashes, for entries of a batch and fields of a commitment.

`node = keccak256(0x03 || left || right)`; an odd node is promoted unchanged, never
duplicated, so that no two lists of hashes share a root by repetition. A proof's shape
follows from (index, count) alone.
"""

from collections.abc import Sequence

from ledger.domain.keccak import keccak256

NODE = b"\x03"


def merkle_levels(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """All levels from the hashes up to the root, which is the last level's only member.

    Raises: ValueError when there is no hash.
    """
    if not hashes:
        raise ValueError("a Merkle tree needs at least one hash")
    levels = [list(hashes)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = zip(below[::2], below[1::2], strict=False)
        level = [keccak256(NODE + left + right) for left, right in pairs]
        if len(below) % 2:
            level.append(below[-1])
        levels.append(level)
    return levels


def merkle_root(hashes: Sequence[bytes]) -> bytes:
    """Root of the hashes in the order given. Raises: ValueError when there is none."""
    level = list(hashes)
    if not level:
        raise ValueError("a Merkle tree needs at least one hash")
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [keccak256(NODE + left + right) for left, right in pairs] + odd
    return level[0]


def merkle_proof(hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Siblings from the hash at `index` up to the root. Raises: IndexError, ValueError."""
    if not 0 <= index < len(hashes):
        raise IndexError(f"no hash at {index} among {len(hashes)}")
    siblings = []
    for level in merkle_levels(hashes)[:-1]:
        if index ^ 1 < len(level):
            siblings.append(level[index ^ 1])
        index //= 2
    return tuple(siblings)


def root_from_proof(digest: bytes, index: int, count: int, siblings: Sequence[bytes]) -> bytes:
    """The root that the siblings lead to. Raises: ValueError when their number is wrong."""
    if not 0 <= index < count:
        raise ValueError(f"no position {index} among {count}")
    rest = iter(siblings)
    while count > 1:
        if index ^ 1 < count:
            sibling = next(rest, None)
            if sibling is None:
                raise ValueError("the proof has too few siblings")
            left, right = (sibling, digest) if index % 2 else (digest, sibling)
            digest = keccak256(NODE + left + right)
        index, count = index // 2, (count + 1) // 2
    if next(rest, None) is not None:
        raise ValueError("the proof has too many siblings")
    return digest
