"""Entries of the book to be posted together, as columns: thousands cost little more than one."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Whole amounts of assets from sources to destinations (all by id), one move a row.

    `entries` says of which entry of the sheet each move is, by its place; the moves of an entry
    follow each other.
    """

    entries: I64
    sources: I64
    destinations: I64
    assets: I64
    amounts: I64

    def __len__(self) -> int:
        return len(self.entries)

    def of(self, is_wanted: npt.NDArray[np.bool_]) -> "Moves":
        """The moves that are wanted, with their entries' places as they were."""
        return Moves(
            self.entries[is_wanted],
            self.sources[is_wanted],
            self.destinations[is_wanted],
            self.assets[is_wanted],
            self.amounts[is_wanted],
        )

    def positions(self) -> I64:
        """The place of each move within its entry, from 0."""
        starts = np.flatnonzero(np.diff(self.entries, prepend=-1))
        return np.arange(len(self)) - np.repeat(starts, np.diff(starts, append=len(self)))

    def changes(self) -> tuple[I64, I64, I64]:
        """What every account's balance of every asset changes by: accounts, assets, amounts.

        Sorted by account and asset, without those that stay as they are.
        """
        accounts = np.concatenate([self.sources, self.destinations])
        assets = np.concatenate([self.assets, self.assets])
        amounts = np.concatenate([-self.amounts, self.amounts])
        order = np.lexsort((assets, accounts))
        accounts, assets, amounts = accounts[order], assets[order], amounts[order]
        is_first = np.ones(len(order), bool)
        is_first[1:] = (np.diff(accounts) != 0) | (np.diff(assets) != 0)
        starts = np.flatnonzero(is_first)
        sums = np.add.reduceat(amounts, starts) if len(starts) else amounts
        stays = sums == 0
        return accounts[starts][~stays], assets[starts][~stays], sums[~stays]


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Entries by key and kind with what they move.

    A digest puts an entry in the outbox (empty where its kind has none, None for no outbox).
    """

    keys: Sequence[str]
    kinds: Sequence[str]
    digests: Sequence[bytes | None]
    moves: Moves

    def __len__(self) -> int:
        return len(self.keys)

    def contents(self) -> list[bytes]:
        """SHA-256 of each entry over everything but its key."""
        moves = self.moves
        texts = [
            f"{source}>{destination}:{asset}={amount}"
            for source, destination, asset, amount in zip(
                moves.sources.tolist(),
                moves.destinations.tolist(),
                moves.assets.tolist(),
                moves.amounts.tolist(),
                strict=True,
            )
        ]
        bounds = np.searchsorted(moves.entries, np.arange(len(self) + 1)).tolist()
        joined = [";".join(texts[a:b]) for a, b in pairwise(bounds)]
        return [
            hashlib.sha256(
                f"{kind}|{'-' if digest is None else digest.hex()}|{text}".encode()
            ).digest()
            for kind, digest, text in zip(self.kinds, self.digests, joined, strict=True)
        ]

    def only(self, places: Sequence[int]) -> "Sheet":
        """The entries at these places, which ascend."""
        if len(places) == len(self):
            return self
        place_of = np.full(len(self), -1, np.int64)
        place_of[list(places)] = np.arange(len(places))
        kept = self.moves.of(place_of[self.moves.entries] >= 0)
        moves = Moves(
            place_of[kept.entries], kept.sources, kept.destinations, kept.assets, kept.amounts
        )
        return Sheet(
            [self.keys[n] for n in places],
            [self.kinds[n] for n in places],
            [self.digests[n] for n in places],
            moves,
        )
