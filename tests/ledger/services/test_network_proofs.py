"""A receipt's proof out of a network that is not ours, checked without it."""

import pytest

from ledger.domain.keccak import keccak256
from ledger.domain.proof import files, trust
from ledger.domain.proof.document import Charge
from ledger.domain.proof.verification import verify
from ledger.errors import ChainMissing, ChainUnreachable, ProofUnavailable
from ledger.models import Block, Entry
from ledger.services import proofs
from ledger.services.trust import registry_trust
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID
from tests.ledger.chain.foreign import networks
from tests.ledger.chain.foreign.process_nodes import ProcessNode
from tests.ledger.services.self_custody import OWN
from tests.ledger.services.test_shared_self_custody import OnNetwork, follow

pytestmark = pytest.mark.django_db
NOTHING = Charge((), ())


@pytest.fixture(params=["anvil", "hardhat"])
def node(request) -> ProcessNode:
    return networks.node_named(request.param)


@pytest.fixture
def world(node, tmp_path, settings):
    """A holder whose own retirement is in a block of the network, and a later block."""
    settings.CHAIN_ID, settings.REGISTRY_ID = CHAIN_ID, REGISTRY_ID
    settings.CHAIN_ADAPTER, settings.LEDGER_CHAIN_URL = "foreign", node.url
    settings.CHAIN_DIR = tmp_path
    with networks.found(node, tmp_path) as chain:
        made = OnNetwork(chain, node)
        made.release(500)
        made.settle()
        made.retire(OWN, 70)
        follow(made)
        yield made


def build():
    (entry,) = Entry.objects.filter(kind=Entry.Kind.RETIRE).values_list("pk", flat=True)
    return proofs.build_proof(charge=NOTHING, retirements=[proofs.Shown(entry, None)])


def test_a_proof_is_authentic_under_the_blocks_that_the_trust_file_names(world):
    proof = build()
    vouched = trust.parse(trust.dump(registry_trust()))
    assert keccak256(proof.block.header) == proof.block.hash
    assert proof.block.hash == bytes(Block.objects.order_by("-height").first().block_hash)
    verdict = verify(files.parse(files.dump(proof)), vouched)
    assert (verdict.failed_step, verdict.authenticated) == (None, True)
    (one, two) = verdict.statement.stretches
    assert (one.first, one.end, two.first, two.end) == (0, 70, 0, 70)
    assert proof.block.seal is None


def test_a_node_that_forgot_the_state_shows_a_later_block(world, monkeypatch):
    own = Block.objects.order_by("-height").first()
    world.move(OWN, b"\7" * 20, 5)
    follow(world)
    assert build().block.hash == bytes(own.block_hash)
    real = proofs_asked(monkeypatch, refuse={own.height})
    later = build()
    assert later.block.hash == bytes(Block.objects.order_by("-height").first().block_hash)
    assert verify(later, registry_trust()).authenticated
    real(refuse={own.height, own.height + 1})
    with pytest.raises(ProofUnavailable, match="archive node"):
        build()


def proofs_asked(monkeypatch, refuse):
    """Let the node refuse proofs in these blocks, as one that pruned them does."""
    from ledger.chain.foreign.client import Node, NodeRefused

    ask = Node.ask

    def change(refuse):
        def asked(self, method, *parameters):
            if method == "eth_getProof" and int(parameters[2], 16) in refuse:
                raise NodeRefused(-32000, "missing trie node", None)
            return ask(self, method, *parameters)

        monkeypatch.setattr(Node, "ask", asked)

    change(refuse)
    return change


def test_a_block_that_does_not_hash_to_what_was_noted_is_not_shown(world):
    newest = Block.objects.order_by("-height").first()
    Block.objects.filter(pk=newest.pk).update(block_hash=bytes(31) + b"\1")
    with pytest.raises(ChainUnreachable, match="does not hash"):
        build()


def test_before_the_contracts_are_there_nothing_is_proven(world, settings, tmp_path):
    settings.CHAIN_DIR = tmp_path / "elsewhere"
    with pytest.raises(ChainMissing, match="Start the chain writer"):
        build()
