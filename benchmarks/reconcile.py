"""Book against chain at 1, 4 and 16 times 62,500 balances: time, and memory that stays flat.

    python -m benchmarks.reconcile [BALANCES]

Issuing a million balances through the contract would take ten minutes, and is measured by
`settle`. Here the rows of the book and the leaves of the contract's storage are written
directly, as issuance would have left them; the comparison then runs as `manage.py reconcile`
does, over a chain's file and the database, in a process of its own, so that its peak is its own.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.figures import Measure, Row, machine, measured, peak_mb, show
from benchmarks.registry import empty_registry

SMALLEST = 62_500
SCALES = (1, 4, 16)
HOLDERS = 10
HELD_WH = 100
WRITTEN_AT_ONCE = 20_000
COMPARE = "--compare"  # a child's first argument; then the state root
SHOWN = 3
DEVICE = 735999000000000017
HOURS_OF_A_DEVICE = 20_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)
NO_DIGEST = bytes(32)


class Book:
    """Lots of which each holder has the same amount, certified in the one noted block."""

    def __init__(self) -> None:
        from ledger.chain import open_chain
        from ledger.services.accounts import open_account, system_account
        from ledger.services.settlement.recording import record_blocks

        self.source = system_account("issued").pk
        self.holders = [open_account(name=f"Holder {n}") for n in range(HOLDERS)]
        self.lots = 0
        self.batch: Any = None
        with open_chain(writable=True) as chain:
            record_blocks(chain)

    def token_id(self, lot: int) -> int:
        from ledger.domain.token_id import BOTH, PRODUCTION, TokenId

        device, hour = DEVICE + lot // HOURS_OF_A_DEVICE, lot % HOURS_OF_A_DEVICE
        return TokenId(PRODUCTION, device, 60 * hour, 60, 0, BOTH).number

    def first_wh(self, lot: int) -> int:
        return lot % HOURS_OF_A_DEVICE * HOLDERS * HELD_WH

    def grow(self, lots: int) -> None:
        """Issue lots up to a number, as far as the database is concerned."""
        from django.db import transaction

        for first in range(self.lots, lots, WRITTEN_AT_ONCE):
            with transaction.atomic():
                self._issue(range(first, min(lots, first + WRITTEN_AT_ONCE)))
        self.lots = lots

    def _issue(self, lots: range) -> None:
        from ledger.models import Entry
        from ledger.models.bulk import insert, reserve_ids
        from ledger.services.accounts import create_certificate_assets

        assets = create_certificate_assets([f"{self.token_id(lot):040x}" for lot in lots])
        entries = reserve_ids(Entry, len(lots))
        insert(
            Entry,
            ["id", "key", "kind", "content_hash", "posted_at"],
            [
                (pk, f"issue:{lot}", "issue", NO_DIGEST, NOW)
                for pk, lot in zip(entries, lots, strict=True)
            ],
        )
        self._post(entries, assets)
        self._certify(entries, lots)

    def _post(self, entries: Sequence[int], assets: Sequence[int]) -> None:
        """To each holder the same of each lot."""
        from ledger.models import Posting
        from ledger.models.bulk import insert

        insert(
            Posting,
            ["entry", "position", "asset", "source", "destination", "amount"],
            [
                (entry, n, asset, self.source, holder.pk, HELD_WH)
                for entry, asset in zip(entries, assets, strict=True)
                for n, holder in enumerate(self.holders)
            ],
        )

    def _certify(self, entries: Sequence[int], lots: Sequence[int]) -> None:
        """As the chain's writer notes it, in the one batch."""
        from ledger.models import Batch, Block, OutboxItem
        from ledger.models.bulk import insert

        self.batch = self.batch or Batch.objects.create(
            nonce=0,
            sequence=0,
            kind=Batch.Kind.ISSUE,
            status=Batch.Status.SEALED,
            raw_transaction=b"",
            transaction_hash=NO_DIGEST,
            block=Block.objects.get(height=1),
            prepared_at=NOW,
        )
        same = ("issue", NO_DIGEST, "certified", self.batch.pk, "")
        columns = ["kind", "digest", "status", "batch", "reason", "entry"]
        insert(
            OutboxItem,
            [*columns, "renewable_wh", "emissions_wh"],
            [
                (*same, entry, self.first_wh(lot), self.first_wh(lot))
                for entry, lot in zip(entries, lots, strict=True)
            ],
        )

    def leaves(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """(slot, value) that issuing these lots leaves in the contract's storage."""
        from django.conf import settings

        from ledger.chain import layout
        from ledger.chain.port import Counters
        from ledger.domain.custody import custody_address
        from ledger.domain.token_id import BOTH, TokenId, lot_of

        places = [
            custody_address(settings.CHAIN_ID, settings.REGISTRY_ID, holder.uuid)
            for holder in self.holders
        ]
        for lot in range(first, last):
            number = self.token_id(lot)
            for place in places:
                yield layout.balance_slot(place, number), HELD_WH
            counters = Counters(HOLDERS * HELD_WH, 0, 0, 0, 0, self.first_wh(lot), BOTH)
            yield layout.lot_slot(lot_of(number)), layout.pack_counters(counters)
            issued = self.first_wh(lot) + HOLDERS * HELD_WH
            yield layout.odometer_slot(TokenId.from_number(number).device), issued


class Storage:
    """The contract's storage, written behind its back; `head` is then a block that has it."""

    def __init__(self, chain: Any) -> None:
        import rlp
        from eth.rlp.accounts import Account

        from ledger.chain.batched_trie import BatchedTrie
        from ledger.domain.keccak import keccak256

        self.chain, self.engine = chain, chain._engine
        self.key = keccak256(chain._contracts.certificates)
        state = BatchedTrie(self.engine.database, chain._head.state_root)
        self.account = rlp.decode(state[self.key], sedes=Account)
        self.state_root = chain._head.state_root
        self.root = self.account.storage_root

    def add(self, leaves: Iterator[tuple[int, int]]) -> None:
        """Put leaves in, a limited number at a time."""
        import rlp

        from ledger.chain import layout

        for chunk in iter(lambda: list(islice(leaves, WRITTEN_AT_ONCE)), []):
            pairs = [
                (layout.trie_key(slot), rlp.encode(value.to_bytes(32, "big").lstrip(b"\0")))
                for slot, value in chunk
            ]
            self.root = self._write(self.root, pairs)
        account = rlp.encode(self.account.copy(storage_root=self.root))
        self.state_root = self._write(self.state_root, [(self.key, account)])
        self.chain._head = self.chain._head.copy(state_root=self.state_root)

    def _write(self, root: bytes, pairs: list[tuple[bytes, bytes]]) -> bytes:
        from ledger.chain.batched_trie import BatchedTrie

        nodes: dict[bytes, bytes] = {}
        trie = BatchedTrie(self.engine.database, root)
        for key, value in pairs:
            trie[key] = value
        written = trie.commit(nodes.__setitem__)
        self.engine.store.write(nodes, [])
        return written


def main() -> None:
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else SMALLEST * SCALES[-1]
    print(machine())
    rows: list[Row] = []
    with empty_registry():
        from django.conf import settings

        from ledger.chain import open_chain

        book, done = Book(), 0
        with open_chain(writable=True) as chain:
            storage = Storage(chain)
            for scale in SCALES:
                lots = largest * scale // SCALES[-1] // HOLDERS
                book.grow(lots)
                storage.add(book.leaves(done, lots))
                done = lots
                found = compared(storage.state_root)
                if found["differences"] or found["balances"] != lots * HOLDERS:
                    raise SystemExit(f"{found['balances']:,} balances, {found['differences']}")
                measure = Measure(**found["measure"])
                rows.append(Row("balances compared", scale, found["balances"], measure))
                files = Path(settings.CHAIN_DIR).glob("chain.sqlite3*")
                size = sum(each.stat().st_size for each in files) / 1e6
                held = f"peak memory {found['peak_mb']:.0f} MB, store {size:.0f} MB"
                print(f"{found['balances']:,} balances: {held}", flush=True)
    show(rows)


def compared(state_root: bytes) -> dict[str, Any]:
    """What a process of its own finds where the contract's storage has this state root."""
    command = [sys.executable, "-m", "benchmarks.reconcile", COMPARE, state_root.hex()]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def compare_here(state_root: bytes) -> None:
    """Compare as `manage.py reconcile` does, and print what was found and what it took."""
    import django

    django.setup()
    from ledger.chain import open_chain
    from ledger.services.reconciliation import compare

    with open_chain(writable=False) as chain:
        chain._head = chain._head.copy(state_root=state_root)  # type: ignore[attr-defined]
        with measured() as measure:
            found = compare(chain)
    told = {
        "balances": found.balances,
        "differences": [each.what for each in found.differences[:SHOWN]],
        "measure": asdict(measure),
        "peak_mb": peak_mb(),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    if sys.argv[1:2] == [COMPARE]:
        compare_here(bytes.fromhex(sys.argv[2]))
    else:
        main()
