"""A Prague VM in memory, on which the contracts run in transactions but without sealed blocks."""

import os
from dataclasses import dataclass, field
from typing import Any

os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")

from eth.chains.base import MiningChain
from eth.db.atomic import AtomicDB
from eth.vm.forks.prague import PragueVM
from eth.vm.spoof import SpoofTransaction
from eth_abi.abi import decode as abi_decode
from eth_keys import keys

from ledger.chain.codec import Deployment, Roles, call_data, decode_events, deployment, encode
from ledger.domain.calls import Call, Fact

CHAIN_ID = 202611
REGISTRY_ID = 1
GAS = 1 << 24
BLOCK_GAS = 1 << 40
NAMES = ("deployer", "admin", "issuer", "custodian", "pauser", "stranger", "holder")
KEYS = {name: keys.PrivateKey(bytes([n + 1]) * 32) for n, name in enumerate(NAMES)}
ADDRESS = {name: key.public_key.to_canonical_address() for name, key in KEYS.items()}
ROLES = Roles(*(ADDRESS[name] for name in ("admin", "issuer", "custodian", "pauser")))


class RevertError(Exception):
    """The contract refused; the text is its reason."""


@dataclass
class Evm:
    """Transactions by named keys against a state that is never written to a store."""

    vm: Any
    deployment: Deployment
    gas_used: int = 0
    facts: list[Fact] = field(default_factory=list)
    logs: list[Any] = field(default_factory=list)

    def send(self, sender: str, data: bytes, to: bytes | None = None) -> Any:
        """Raises: RevertError."""
        unsigned = self._unsigned(sender, data, to)
        transaction = unsigned.as_signed_transaction(KEYS[sender], chain_id=CHAIN_ID)
        receipt, computation = self.vm.apply_transaction(self.vm.get_header(), transaction)
        if computation.is_error:
            raise RevertError(_reason(computation))
        self.gas_used = receipt.gas_used
        self.logs = list(receipt.logs)
        self.facts = decode_events(self.logs)
        return computation

    def _unsigned(self, sender: str, data: bytes, to: bytes | None = None) -> Any:
        return self.vm.create_unsigned_transaction(
            nonce=self.vm.state.get_nonce(ADDRESS[sender]),
            gas_price=0,
            gas=GAS,
            to=self.deployment.certificates_address if to is None else to,
            value=0,
            data=data,
        )

    def operate(self, call: Call, sender: str | None = None, sequence: int | None = None) -> None:
        """Send an operator's call, by default by its role and with the sequence expected."""
        role = sender or {"Issue": "issuer", "Withdraw": "issuer"}.get(
            type(call).__name__, "custodian"
        )
        expected = self.view("nextSequence()", ["uint256"]) if sequence is None else sequence
        self.send(role, encode(expected, call))

    def call(self, sender: str, signature: str, *arguments: Any, to: bytes | None = None) -> Any:
        return self.send(sender, call_data(signature, *arguments), to)

    def view(self, signature: str, types: list[str], *arguments: Any) -> Any:
        """The answer of a view; a tuple where it has several values."""
        snapshot = self.vm.state.snapshot()
        executor = self.vm.state.get_transaction_executor()
        transaction = SpoofTransaction(
            self._unsigned("stranger", call_data(signature, *arguments)),
            from_=ADDRESS["stranger"],
        )
        message = executor.build_evm_message(transaction)
        computation = executor.build_computation(message, transaction)
        self.vm.state.revert(snapshot)
        if computation.is_error:
            raise RevertError(_reason(computation))
        answers = abi_decode(types, computation.output)
        return answers[0] if len(types) == 1 else answers

    def storage(self, slot: int, address: bytes | None = None) -> int:
        target = address or self.deployment.certificates_address
        return int(self.vm.state.get_storage(target, slot))


def _reason(computation: Any) -> str:
    if computation.output[:4] == bytes.fromhex("08c379a0"):
        return str(abi_decode(["string"], computation.output[4:])[0])
    return repr(computation.error)


def start(uri: str = "") -> Evm:
    """A fresh state with both contracts deployed; `uri` says where the metadata are."""
    chain_class = MiningChain.configure(
        "ContractChain", vm_configuration=((0, PragueVM),), chain_id=CHAIN_ID
    )
    genesis = {
        "difficulty": 0,
        "gas_limit": BLOCK_GAS,
        "timestamp": 1_700_000_000,
        "base_fee_per_gas": 0,
        "parent_beacon_block_root": b"\0" * 32,
    }
    chain = chain_class.from_genesis(AtomicDB(), genesis, {})
    plan = deployment(registry_id=REGISTRY_ID, roles=ROLES, deployer=ADDRESS["deployer"], uri=uri)
    evm = Evm(chain.get_vm(), plan)
    evm.send("deployer", plan.roots_code, to=b"")
    evm.send("deployer", plan.certificates_code, to=b"")
    return evm
