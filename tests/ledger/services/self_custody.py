"""A registry over an embedded chain, with a holder who has keys of their own."""

from datetime import UTC, datetime, timedelta

from eth_account import Account as Wallet
from eth_account.messages import encode_defunct
from eth_utils import to_checksum_address

from ledger.chain import layout
from ledger.chain.codec import call_data
from ledger.domain.calls import Holder
from ledger.domain.token_id import BOTH, PRODUCTION, TokenId
from ledger.models import Account, Asset, Balance, Entry, OwnAddress
from ledger.rpc.waiting_room import Signed
from ledger.services import own_addresses, waiting
from ledger.services.accounts import create_certificate_assets, open_account, system_account
from ledger.services.book import Draft, Move, post_entries
from ledger.services.reconciliation import compare
from ledger.services.settlement import sweep
from tests.ledger.chain.chains import CHAIN_ID, Clock

NOW = datetime(2200, 1, 1, tzinfo=UTC)
DEVICE = 200_100_000_000_000_010
OWN, OTHER = (Wallet.from_key(bytes([n]) * 32) for n in (7, 8))
MOVE = "safeTransferFrom(address,address,uint256,uint256,bytes)"
MOVES = "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)"
RETIRE = "retire(uint256,uint256,bytes32)"


def raw_address(wallet) -> bytes:
    return bytes.fromhex(wallet.address[2:])


class SelfCustody:
    """A holder with two lots of 1,000 Wh, whose own address is linked, and the chain's writer."""

    def __init__(self, chain) -> None:
        self.chain, self.clock = chain, Clock()
        self.holder = open_account(name="Holder")
        self.tokens = [TokenId(PRODUCTION, DEVICE, 60 * n, 60, 0, BOTH) for n in range(2)]
        self.assets = create_certificate_assets([each.code for each in self.tokens])
        issued = system_account("issued").pk
        drafts = [
            Draft(
                f"issue:{asset}",
                Entry.Kind.ISSUE,
                [Move(issued, self.holder.pk, asset, 1_000)],
                bytes(32),
            )
            for asset in self.assets
        ]
        post_entries(drafts=drafts, now=NOW)
        self.own = self.link(OWN)
        self.sent = 0

    def link(self, wallet, holder: Account | None = None) -> OwnAddress:
        until = NOW + timedelta(hours=1)
        holder, address = holder or self.holder, raw_address(wallet)
        text = own_addresses.message_for(holder=holder, address=address, until=until)
        signature = wallet.sign_message(encode_defunct(text=text)).signature
        return own_addresses.link(
            holder=holder,
            address=address,
            signature=bytes(signature),
            until=until,
            actor="test",
            now=NOW,
        )

    def release(self, amount: int, lot: int = 0) -> int:
        self.sent += 1
        return own_addresses.release(
            holder=self.holder,
            own=self.own,
            asset=self.assets[lot],
            amount=amount,
            key=f"release:{self.sent}",
            now=NOW,
        )

    def sign(self, wallet, signature: str, *values, nonce: int | None = None, **fields) -> bytes:
        address = raw_address(wallet)
        transaction = {
            "to": to_checksum_address(self.chain._contracts.certificates),
            "nonce": self.chain.nonce_of(address) if nonce is None else nonce,
            "gas": 500_000,
            "gasPrice": 0,
            "value": 0,
            "chainId": CHAIN_ID,
            "data": "0x" + call_data(signature, *values).hex(),
        } | fields
        stated = {name: value for name, value in transaction.items() if value is not None}
        return bytes(wallet.sign_transaction(stated).raw_transaction)

    def wait(self, wallet, *call, nonce: int | None = None, fields=None) -> bytes:
        """Put a holder's signed call where the writer finds it; its hash."""
        raw = self.sign(wallet, *call, nonce=nonce, **(fields or {}))
        decoded = self.chain._engine.decode(raw)
        own_nonce = self.chain.nonce_of(raw_address(wallet))
        signed = Signed(decoded.hash, raw, decoded.sender, decoded.nonce, decoded.gas)
        waiting.admit(signed=signed, next_nonce=own_nonce, now=NOW)
        return bytes(decoded.hash)

    def move(self, wallet, destination: bytes, amount: int, lot: int = 0, **how) -> bytes:
        values = (raw_address(wallet), destination, self.tokens[lot].number, amount, b"")
        return self.wait(wallet, MOVE, *values, **how)

    def retire(self, wallet, amount: int, lot: int = 0, mark: bytes = b"\xc0" * 32) -> bytes:
        return self.wait(wallet, RETIRE, self.tokens[lot].number, amount, mark)

    def settle(self) -> int:
        return sweep(chain=self.chain, clock=self.clock)

    def held(self, account: Account, lot: int = 0) -> int:
        row = Balance.objects.filter(account=account, asset=self.assets[lot]).first()
        return row.amount if row else 0

    def on_chain(self, holder: Holder, lot: int = 0) -> int:
        return self.chain.balance(holder, self.tokens[lot].number)

    def differences(self):
        return compare(self.chain).differences

    def asset(self, lot: int = 0) -> Asset:
        return Asset.objects.get(pk=self.assets[lot])


def certificates_abi():
    return layout.artefact("Certificates")["abi"]
