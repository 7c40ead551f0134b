"""A node that is not ours in this process: eth-tester's chain behind a small JSON-RPC server.

The machine, the blocks and the receipts are eth-tester's; the pool in front of them is kept
here, so that transactions can wait, be replaced and be dropped.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from eth.vm.forks.prague import PragueVM
from eth_account import Account
from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.exceptions import BlockNotFound, TransactionFailed
from eth_utils import keccak, to_checksum_address

from tests.ledger.chain.chains import CHAIN_ID

ETHER = 10**18
BLOCK_GAS = 1 << 30
CALL_GAS = "0x10000000"
CODE_OF_REVERT, CODE_OF_POOL, NO_METHOD = 3, -32000, -32601


class RefusedError(Exception):
    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


class EthTesterNode:
    """`url` answers; the methods do what a network does without being asked."""

    name = "eth-tester"

    def __init__(self) -> None:
        parameters = PyEVMBackend.generate_genesis_params({"gas_limit": BLOCK_GAS})
        backend = PyEVMBackend(genesis_parameters=parameters)
        type(backend.chain).chain_id = CHAIN_ID
        self.tester = EthereumTester(backend)
        self.tester.disable_auto_mine_transactions()
        self.pool: dict[tuple[str, int], dict[str, Any]] = {}
        # eth-tester looks a transaction up by walking all blocks; most of what is asked for is
        # in none.
        self._receipts: dict[str, Any] = {}
        self._lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def mine(self, blocks: int = 1) -> None:
        """A block with what waits in order, and empty ones behind it."""
        with self._lock:
            next_nonce: dict[str, int] = {}
            for (sender, nonce), waiting in sorted(self.pool.items()):
                if nonce == next_nonce.setdefault(sender, self.tester.get_nonce(sender)):
                    self.tester.backend.send_raw_transaction(bytes.fromhex(waiting["raw"][2:]))
                    next_nonce[sender] += 1
            self.tester.backend.mine_blocks(1)
            for digest in self.tester.get_block_by_number()["transactions"]:
                self._receipts[digest] = rpc_form(self.tester.get_transaction_receipt(digest))
            self.pool = {
                key: waiting
                for key, waiting in self.pool.items()
                if waiting["nonce"] >= self.tester.get_nonce(key[0])
            }
            if blocks > 1:
                self.tester.mine_blocks(blocks - 1)

    def fund(self, address: bytes, ether: int = 1_000) -> None:
        with self._lock:
            giver = self.tester.get_accounts()[0]
            self.tester.send_transaction(
                {
                    "from": giver,
                    "to": to_checksum_address(address),
                    "value": ether * ETHER,
                    "gas": 21_000,
                    "max_fee_per_gas": 100 * 10**9,
                    "max_priority_fee_per_gas": 1,
                }
            )
            self.tester.mine_blocks(1)

    def drop(self, transaction_hash: bytes) -> None:
        """Lose a transaction from the pool."""
        wanted = f"0x{transaction_hash.hex()}"
        self.pool = {key: each for key, each in self.pool.items() if each["hash"] != wanted}

    def snapshot(self) -> Any:
        with self._lock:
            return self.tester.take_snapshot()

    def reorganise(self, snapshot: Any) -> None:
        """Drop the blocks since the snapshot; what they held is in no pool any more."""
        with self._lock:
            self.tester.revert_to_snapshot(snapshot)
            self.pool = {}
            last = self.tester.get_block_by_number()["number"]
            self._receipts = {
                digest: receipt
                for digest, receipt in self._receipts.items()
                if int(receipt["blockNumber"], 16) <= last
            }

    def answer(self, body: Any) -> Any:
        if isinstance(body, list):
            return [self.answer(each) for each in body]
        answer = {"jsonrpc": "2.0", "id": body["id"]}
        try:
            method = getattr(self, f"do_{body['method']}", None)
            if method is None:
                raise RefusedError(NO_METHOD, f"{body['method']} is not known")
            with self._lock:
                answer["result"] = method(*body["params"])
        except RefusedError as error:
            answer["error"] = {"code": error.number, "message": str(error)}
        except Exception as error:
            answer["error"] = {"code": -32603, "message": f"the test's node: {error!r}"}
        return answer

    def do_eth_chainId(self) -> str:
        return hex(CHAIN_ID)

    def do_eth_getBlockByNumber(self, at: str, full: bool) -> Any:
        try:
            block = self.tester.get_block_by_number(number_of(at), full)
        except BlockNotFound:
            return None
        return rpc_form(block)

    def do_eth_getTransactionCount(self, address: str, at: str) -> str:
        return hex(self.tester.get_nonce(to_checksum_address(address), number_of(at)))

    def do_eth_getBalance(self, address: str, at: str) -> str:
        return hex(self.tester.get_balance(to_checksum_address(address), number_of(at)))

    def do_eth_getCode(self, address: str, at: str) -> str:
        return self.tester.get_code(to_checksum_address(address), number_of(at))

    def do_eth_call(self, call: dict[str, str], at: str) -> str:
        asked: dict[str, Any] = {
            "from": call.get("from", self.tester.get_accounts()[0]),
            "to": call["to"],
            "data": call["data"],
            "value": 0,
            "gas": int(call.get("gas", CALL_GAS), 16),
        }
        try:
            return self.tester.call(asked, number_of(at))
        except TransactionFailed as error:
            raise RefusedError(CODE_OF_REVERT, f"execution reverted: {error}") from error

    def do_eth_getTransactionByHash(self, digest: str) -> Any:
        for waiting in self.pool.values():
            if waiting["hash"] == digest:
                return {"hash": digest, "blockHash": None}
        if digest not in self._receipts:
            return None
        found = self.tester.get_transaction_by_hash(digest)
        return rpc_form({**found, "input": found["data"]})

    def do_eth_getTransactionReceipt(self, digest: str) -> Any:
        return self._receipts.get(digest)

    def do_eth_getLogs(self, asked: dict[str, Any]) -> Any:
        first, last = int(asked["fromBlock"], 16), int(asked["toBlock"], 16)
        address, topics = asked["address"], set(asked["topics"][0])
        return [
            log
            for receipt in self._receipts.values()
            if first <= int(receipt["blockNumber"], 16) <= last
            for log in receipt["logs"]
            if log["address"].lower() == address and log["topics"][0] in topics
        ]

    def do_eth_sendRawTransaction(self, raw: str) -> str:
        sender = Account.recover_transaction(raw)
        fields = _fields(raw)
        digest = f"0x{keccak(hexstr=raw).hex()}"
        there = self.pool.get((sender, fields["nonce"]))
        if there and there["hash"] == digest:
            raise RefusedError(CODE_OF_POOL, "already known")
        if fields["nonce"] < self.tester.get_nonce(sender):
            raise RefusedError(CODE_OF_POOL, "nonce too low")
        if there and fields["fee"] * 10 < there["fee"] * 11:
            raise RefusedError(CODE_OF_POOL, "replacement transaction underpriced")
        if self.tester.get_balance(sender) < fields["fee"] * fields["gas"]:
            raise RefusedError(CODE_OF_POOL, "insufficient funds for gas * price + value")
        self.pool[sender, fields["nonce"]] = {**fields, "hash": digest, "raw": raw}
        return digest

    def _handler(node) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                answer = json.dumps(node.answer(json.loads(content))).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        return Handler


def number_of(tag: str) -> Any:
    """eth-tester knows tags by the same names, and numbers as numbers."""
    return int(tag, 16) if tag.startswith("0x") else tag


def rpc_form(value: Any, name: str = "") -> Any:
    """eth-tester's answers with JSON-RPC's names and forms."""
    if isinstance(value, dict):
        return {_camel(key): rpc_form(each, key) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [rpc_form(each) for each in value]
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value)
    return value


def _camel(name: str) -> str:
    first, *rest = str(name).split("_")
    return first + "".join(part.capitalize() for part in rest)


def _fields(raw: str) -> dict[str, int]:
    transaction = PragueVM.get_transaction_builder().decode(bytes.fromhex(raw[2:]))
    return {
        "nonce": transaction.nonce,
        "fee": transaction.max_fee_per_gas,
        "gas": transaction.gas,
    }
