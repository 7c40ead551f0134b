import pytest

from ledger.chain.codec import call_data, created_address, deployment, encode
from ledger.domain.calls import Transfer, TransferMove, Withdraw, WithdrawItem
from tests.ledger.contracts.evm import (
    ADDRESS,
    NAMES,
    REGISTRY_ID,
    ROLES,
    RevertError,
)
from tests.ledger.contracts.examples import CITY, OWNER, balance, entry, issue, settle, token

ADMIN, ISSUER, CUSTODIAN, PAUSER = 1, 2, 4, 8
GRANT, REVOKE = "grantRole(address,uint256)", "revokeRole(address,uint256)"
MOVE = Transfer((TransferMove(OWNER, CITY, token(0), 1),))
TAKE = Withdraw((WithdrawItem(OWNER, token(0), 1, 1),))
FOUR = "(uint256,uint256,uint256,uint256)"
FIVE = "(uint256,uint256,uint256,uint256,uint256)"
RELEASE = "release(uint256,uint256,address,uint256,uint256,bytes)"
WITHDRAW_FROM = "withdrawFrom(uint256,address,uint256,uint256,uint256)"

ACTS = {
    "issue": (encode(3, issue(token(5), (OWNER, 1))), {"issuer"}),
    "withdraw": (encode(3, TAKE), {"issuer"}),
    "withdrawFrom": (
        call_data(WITHDRAW_FROM, 3, ADDRESS["holder"], token(0), 1, 1),
        {"issuer"},
    ),
    "transferCustody": (encode(3, MOVE), {"custodian"}),
    "settle": (encode(3, settle(entry(OWNER, token(0), 1))), {"custodian"}),
    "supersede": (call_data("supersede" + FIVE, 3, 2, 0, 0, 1), {"custodian"}),
    "unbundle": (call_data("unbundle" + FOUR, 3, OWNER.int, token(0), 1), {"custodian"}),
    "bundle": (call_data("bundle" + FOUR, 3, OWNER.int, token(0), 1), {"custodian"}),
    "release": (
        call_data(RELEASE, 3, OWNER.int, ADDRESS["holder"], token(0), 1, b""),
        {"custodian"},
    ),
    "pause": (call_data("pause()"), {"pauser", "admin"}),
    "unpause": (call_data("unpause()"), {"admin"}),
    "grantRole": (call_data(GRANT, ADDRESS["stranger"], ADMIN), {"admin"}),
    "revokeRole": (call_data(REVOKE, ADDRESS["issuer"], ISSUER), {"admin"}),
    "allowUnbundling": (call_data("allowUnbundling(bool)", True), {"admin"}),
    "setURI": (call_data("setURI(string)", "urn:x"), {"admin"}),
}
PAUSED = [name for name, (data, roles) in ACTS.items() if roles & {"issuer", "custodian"}]


@pytest.fixture
def stocked(evm):
    evm.operate(issue(token(0), (OWNER, 900), (CITY, 100)))
    evm.operate(settle(entry(OWNER, token(0), 1)))
    return evm


@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_refused_to_everybody_without_its_role(stocked, act):
    data, roles = ACTS[act]
    for sender in set(NAMES) - roles:
        with pytest.raises(RevertError, match="role"):
            stocked.send(sender, data)


DONE_AT_ONCE = {name for name in ACTS if name not in {"unbundle", "bundle", "withdrawFrom"}}


@pytest.mark.parametrize("act", sorted(DONE_AT_ONCE))
def test_each_act_is_done_by_whoever_has_its_role(stocked, act):
    data, roles = ACTS[act]
    stocked.send(min(roles), data)


@pytest.mark.parametrize("act", PAUSED)
def test_a_pause_stops_every_operators_call(stocked, act):
    data, (role,) = ACTS[act]
    stocked.call("pauser", "pause()")
    with pytest.raises(RevertError, match="paused"):
        stocked.send(role, data)


def test_only_the_admin_ends_a_pause_and_work_goes_on_in_sequence(stocked):
    stocked.call("pauser", "pause()")
    with pytest.raises(RevertError, match="paused"):
        stocked.call("pauser", "pause()")
    with pytest.raises(RevertError, match="role"):
        stocked.call("pauser", "unpause()")
    stocked.call("admin", "unpause()")
    stocked.operate(MOVE, sequence=3)


def test_a_role_is_rotated_from_one_key_to_another(stocked):
    stocked.call("admin", GRANT, ADDRESS["holder"], CUSTODIAN)
    stocked.call("admin", REVOKE, ADDRESS["custodian"], CUSTODIAN)
    with pytest.raises(RevertError, match="role"):
        stocked.operate(MOVE, sender="custodian")
    stocked.operate(MOVE, sender="holder")


def test_a_key_holds_several_roles(stocked):
    stocked.call("admin", GRANT, ADDRESS["issuer"], CUSTODIAN)
    assert stocked.view("roleOf(address)", ["uint256"], ADDRESS["issuer"]) == ISSUER | CUSTODIAN
    stocked.operate(MOVE, sender="issuer")
    stocked.operate(TAKE, sender="issuer")


def test_the_admin_is_handed_over_but_never_given_up(stocked):
    with pytest.raises(RevertError, match="role"):
        stocked.call("admin", REVOKE, ADDRESS["admin"], ADMIN)
    stocked.call("admin", GRANT, ADDRESS["holder"], ADMIN)
    stocked.call("holder", REVOKE, ADDRESS["admin"], ADMIN)
    with pytest.raises(RevertError, match="role"):
        stocked.call("admin", "unpause()")


def test_roots_are_recorded_by_the_certificate_contract_alone(stocked):
    record = call_data("record(uint256,bytes32)", 9, b"\1" * 32)
    for sender in NAMES:
        with pytest.raises(RevertError, match="role"):
            stocked.send(sender, record, to=stocked.deployment.roots_address)


def test_the_certificate_contract_refuses_roots_that_obey_another(stocked):
    nonce = stocked.vm.state.get_nonce(ADDRESS["deployer"])
    plan = deployment(
        registry_id=REGISTRY_ID, roles=ROLES, deployer=ADDRESS["deployer"], nonce=nonce + 1
    )
    stocked.send("deployer", plan.roots_code, to=b"")
    assert created_address(ADDRESS["deployer"], nonce) != plan.roots_address
    with pytest.raises(RevertError):  # there is no contract at all
        stocked.send("deployer", plan.certificates_code, to=b"")
    of_another = stocked.deployment.roots_address
    with pytest.raises(RevertError, match="roots"):
        stocked.send(
            "deployer", plan.certificates_code.replace(plan.roots_address, of_another), to=b""
        )


def test_nothing_of_a_refused_call_remains(stocked):
    before = balance(stocked, OWNER, token(0))
    with pytest.raises(RevertError, match="role"):
        stocked.operate(MOVE, sender="stranger")
    assert balance(stocked, OWNER, token(0)) == before


def test_a_root_is_recorded_once(evm):
    """By a contract of roots that obeys a key, since ours never asks twice."""
    code = evm.deployment.roots_code[:-32] + ADDRESS["holder"].rjust(32, b"\0")
    roots = evm.send("deployer", code, to=b"").msg.storage_address
    evm.send("holder", call_data("record(uint256,bytes32)", 1, b"\1" * 32), to=roots)
    for root in (b"\1" * 32, b"\2" * 32):
        with pytest.raises(RevertError, match="recorded"):
            evm.send("holder", call_data("record(uint256,bytes32)", 1, root), to=roots)
