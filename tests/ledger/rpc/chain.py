"""A small chain with something of everything, and a way to ask it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.chain.codec import call_data
from ledger.chain.embedded import EmbeddedChain
from ledger.chain.keys import ADMIN
from ledger.chain.port import Outcome
from ledger.domain.calls import Call
from tests.ledger.chain.chains import (
    ALICE,
    BOB,
    Clock,
    issue,
    key_ring,
    open_writer,
    retire,
    settle,
    token,
)

URI = "https://registry.example/certificates/{id}.json"


@dataclass(frozen=True)
class Story:
    """What is in the chain, block by block from the second."""

    directory: Path
    certificates: str
    operator: str
    admin: str
    issued: Outcome  # block 2
    named: bytes  # block 3, the admin's call
    retired: tuple[Outcome, Outcome]  # block 4: Alice 100 and 50 Wh, then Bob 7
    refused: Outcome  # block 5: one Wh more than Alice has


def send(chain: EmbeddedChain, clock: Clock, *calls: Call) -> list[Outcome]:
    sequence, nonce = chain.next_sequence(), chain.next_nonce()
    raws = [
        chain.prepare(sequence + offset, nonce + offset, call).raw
        for offset, call in enumerate(calls)
    ]
    return chain.submit(raws, clock())


def tell(directory: Path) -> Story:
    """Found a chain and let things happen on it."""
    clock, keys = Clock(), key_ring(directory)
    with open_writer(directory) as chain:
        contracts = chain._contracts
        (issued,) = send(chain, clock, issue())
        named = chain._engine.sign(
            private_key=keys.unlock(ADMIN),
            nonce=0,
            to=contracts.certificates,
            data=call_data("setURI(string)", URI),
        )
        (outcome,) = chain.submit([named], clock())
        retired = send(
            chain, clock, settle(retire(ALICE, token(), 100, 50)), settle(retire(BOB, token(), 7))
        )
        (refused,) = send(chain, clock, settle(retire(ALICE, token(), 451)))
        return Story(
            directory=directory,
            certificates=f"0x{contracts.certificates.hex()}",
            operator=f"0x{contracts.operator.hex()}",
            admin=f"0x{keys.address(ADMIN).hex()}",
            issued=issued,
            named=outcome.hash,
            retired=(retired[0], retired[1]),
            refused=refused,
        )


class Asker:
    """Posts JSON-RPC through Django's test client."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def post(self, body: bytes | str) -> Any:
        return self.client.post("/rpc", body, content_type="application/json")

    def answer(self, method: str, *params: Any) -> dict[str, Any]:
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        stated: dict[str, Any] = self.post(json.dumps(call)).json()
        return stated

    def __call__(self, method: str, *params: Any) -> Any:
        stated = self.answer(method, *params)
        assert "error" not in stated, stated
        return stated["result"]

    def error(self, method: str, *params: Any) -> dict[str, Any]:
        stated = self.answer(method, *params)
        assert "result" not in stated, stated
        error: dict[str, Any] = stated["error"]
        return error
