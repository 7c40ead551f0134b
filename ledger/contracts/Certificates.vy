# pragma version 0.4.3
# pragma evm-version prague
# pragma optimize gas
"""
@title Energy attribute certificates
@license Apache-2.0
@notice ERC-1155 amounts in Wh. A token id says device, interval and attributes:
        kind << 152 | device << 88 | minute << 56 | length << 40 | sequence << 8 | mask,
        where mask 1 is RENEWABLE, 2 EMISSIONS and 3 both; the lot is the id with mask 0.
        Per attribute of a lot, always: issued = held + retired + withdrawn.
"""

from ethereum.ercs import IERC165

implements: IERC165

interface Receiver:
    def onERC1155Received(operator: address, source: address, id: uint256, amount: uint256, data: Bytes[MAX_DATA]) -> bytes4: nonpayable
    def onERC1155BatchReceived(operator: address, source: address, ids: DynArray[uint256, MAX_BATCH], amounts: DynArray[uint256, MAX_BATCH], data: Bytes[MAX_DATA]) -> bytes4: nonpayable

interface Roots:
    def record(batch: uint256, root: bytes32): nonpayable
    def roots(batch: uint256) -> bytes32: view
    def writer() -> address: view

flag Role:
    ADMIN
    ISSUER
    CUSTODIAN
    PAUSER

struct Lot:
    id: uint256
    total: uint256

struct Split:
    lot: uint256
    account: uint256
    amount: uint256

struct Move:
    source: uint256
    destination: uint256
    id: uint256
    amount: uint256

struct Item:
    account: uint256
    id: uint256
    amount: uint256
    reason: uint256

struct Entry:
    account: uint256
    id: uint256
    amount: uint256
    count: uint256
    treeRoot: bytes32

event TransferSingle:
    operator: indexed(address)
    source: indexed(address)
    destination: indexed(address)
    id: uint256
    amount: uint256

event TransferBatch:
    operator: indexed(address)
    source: indexed(address)
    destination: indexed(address)
    ids: DynArray[uint256, MAX_BATCH]
    amounts: DynArray[uint256, MAX_BATCH]

event ApprovalForAll:
    owner: indexed(address)
    operator: indexed(address)
    approved: bool

event URI:
    uri: String[MAX_URI]
    id: indexed(uint256)

event Issued:
    id: indexed(uint256)
    firstWh: uint256
    total: uint256

event IssuedBatch:
    batch: indexed(uint256)
    dataRoot: bytes32

event Retired:
    account: indexed(address)
    id: indexed(uint256)
    batch: indexed(uint256)
    position: uint256
    fromRenewable: uint256
    fromEmissions: uint256
    amount: uint256
    count: uint256
    treeRoot: bytes32

event Settled:
    batch: indexed(uint256)
    root: bytes32
    entryCount: uint256

event Withdrawn:
    account: indexed(address)
    id: indexed(uint256)
    amount: uint256
    reason: uint256

# The leaf of a retirement that a holder made: its commitment, which a proof needs.
event Committed:
    batch: indexed(uint256)
    commitment: bytes32

event NonceUsed:
    account: indexed(address)
    nonce: uint256

event Superseded:
    batch: indexed(uint256)
    entry: indexed(uint256)
    leaf: indexed(uint256)
    reason: uint256

event RoleGranted:
    account: indexed(address)
    role: Role

event RoleRevoked:
    account: indexed(address)
    role: Role

event UnbundlingAllowed:
    allowed: bool

event Paused:
    account: indexed(address)

event Unpaused:
    account: indexed(address)

MAX_LOTS: constant(uint256) = 256
MAX_SPLITS: constant(uint256) = 512
MAX_BATCH: constant(uint256) = 256
MAX_LEAVES: constant(uint256) = 3000
MAX_DATA: constant(uint256) = 1024
MAX_URI: constant(uint256) = 200
LEAF_BYTES: constant(uint256) = 40
# Selector, seq, offset of the entries and their length; then 160 bytes an entry.
SETTLE_HEAD_BYTES: constant(uint256) = 100
ENTRY_BYTES: constant(uint256) = 160
# A pause holds up what holders do themselves for so long and no longer.
SELF_CUSTODY_PAUSE: constant(uint256) = 7 * 86400

RENEWABLE: constant(uint256) = 1
EMISSIONS: constant(uint256) = 2
BOTH: constant(uint256) = 3
MASK_BITS: constant(uint256) = 255
# Counters of a lot in one slot: retired R and E, withdrawn R and E, issued (40 bits each),
# first Wh (54) and the mask it was issued with (2).
WITHDRAWN: constant(uint256) = 80
ISSUED: constant(uint256) = 160
FIRST_WH: constant(uint256) = 200
MASK: constant(uint256) = 254
AMOUNT_BITS: constant(uint256) = 2**40 - 1
FIRST_WH_BITS: constant(uint256) = 2**54 - 1
DEVICE_BITS: constant(uint256) = 2**64 - 1
ADDRESS_BITS: constant(uint256) = 2**160 - 1
# First bytes of what is hashed; a hash takes the end of this word and the words behind it.
CUSTODY: constant(bytes32) = 0x0000000000000000000000000000000000005245432d637573746f64792d7631  # "REC-custody-v1"
ENTRY_NODE: constant(uint256) = 2
ENTRIES_NODE: constant(uint256) = 3
BATCH_NODE: constant(uint256) = 4
LEAF: constant(uint256) = 0
TREE_ROOT: constant(uint256) = 5
SINGLE: constant(uint256) = 1
# Batches of one leaf that holders make themselves: numbers that no sequence ever reaches.
HOLDERS_BATCHES: constant(uint256) = 2**62
# A signature has a second form with the other half of the curve's order; only the lower counts.
HALF_ORDER: constant(bytes32) = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0
DOMAIN_TYPE: constant(bytes32) = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
TRANSFER_TYPE: constant(bytes32) = keccak256("Transfer(address source,address destination,uint256 id,uint256 amount,uint256 nonce,uint256 deadline)")
RETIREMENT_TYPE: constant(bytes32) = keccak256("Retirement(address account,uint256 id,uint256 amount,bytes32 commitment,uint256 nonce,uint256 deadline)")

registryId: public(immutable(uint256))
batchRoots: public(immutable(address))
CHAIN_ID: immutable(uint256)
# EIP-712: this contract on this chain and no other
DOMAIN_SEPARATOR: public(immutable(bytes32))

balanceOf: public(HashMap[address, HashMap[uint256, uint256]])
lots: HashMap[uint256, uint256]
odometer: public(HashMap[uint256, uint256])
nextSequence: public(uint256)
pausedAt: public(uint256)
roleOf: public(HashMap[address, Role])
isApprovedForAll: public(HashMap[address, HashMap[address, bool]])
# batch << 128 | entry << 64 | leaf -> why the claim is void
superseded: public(HashMap[uint256, uint256])
unbundlingAllowed: public(bool)
baseURI: String[MAX_URI]
# Signed acts of an address so far, which is the nonce of its next
nonces: public(HashMap[address, uint256])
holdersRetirements: public(uint256)


@deploy
def __init__(_registryId: uint256, admin: address, issuer: address, custodian: address, pauser: address, _batchRoots: address, _baseURI: String[MAX_URI]):
    assert staticcall Roots(_batchRoots).writer() == self, "roots"
    registryId = _registryId
    batchRoots = _batchRoots
    CHAIN_ID = chain.id
    DOMAIN_SEPARATOR = keccak256(abi_encode(DOMAIN_TYPE, keccak256("Energy attribute certificates"), keccak256("1"), chain.id, self))
    self.nextSequence = 1
    self.baseURI = _baseURI
    self._grant(admin, Role.ADMIN)
    self._grant(issuer, Role.ISSUER)
    self._grant(custodian, Role.CUSTODIAN)
    self._grant(pauser, Role.PAUSER)


# What a batch does


@external
def issue(seq: uint256, lots: DynArray[Lot, MAX_LOTS], splits: DynArray[Split, MAX_SPLITS], dataRoot: bytes32):
    """
    @notice Issue lots, each once, and give their Wh to accounts; splits stand in order of lots
    @dev The numbers of a lot's Wh follow the device's odometer, never the caller. What the
         loops do is written out in them: an EVM in Python takes its time by opcodes.
    """
    self._begin(seq, Role.ISSUER)
    parts: uint256 = len(splits)
    part: uint256 = 0
    device: uint256 = max_value(uint256)
    nextWh: uint256 = 0
    for i: uint256 in range(len(lots), bound=MAX_LOTS):
        lot: Lot = lots[i]
        mask: uint256 = lot.id & MASK_BITS
        assert mask != 0 and mask <= BOTH, "mask"
        assert unsafe_sub(lot.id >> 152, 1) < 3, "kind"
        assert unsafe_sub(lot.total, 1) < AMOUNT_BITS, "amount"
        if (lot.id >> 88) & DEVICE_BITS != device:
            if i != 0:
                self.odometer[device] = nextWh
            device = (lot.id >> 88) & DEVICE_BITS
            nextWh = self.odometer[device]
        assert self.lots[lot.id ^ mask] == 0, "issued"
        self.lots[lot.id ^ mask] = (mask << MASK) | (nextWh << FIRST_WH) | (lot.total << ISSUED)
        log Issued(id=lot.id, firstWh=nextWh, total=lot.total)
        nextWh = unsafe_add(nextWh, lot.total)
        assert nextWh <= FIRST_WH_BITS, "odometer"
        left: uint256 = lot.total
        for j: uint256 in range(part, parts, bound=MAX_SPLITS):
            split: Split = splits[j]
            if split.lot != i:
                break
            assert unsafe_sub(split.amount, 1) < left, "split"
            left = unsafe_sub(left, split.amount)
            holder: address = convert(convert(keccak256(slice(abi_encode(CUSTODY, CHAIN_ID, registryId, split.account), 18, 110)), uint256) & ADDRESS_BITS, address)
            self.balanceOf[holder][lot.id] += split.amount
            log TransferSingle(operator=msg.sender, source=empty(address), destination=holder, id=lot.id, amount=split.amount)
            part = unsafe_add(j, 1)
        assert left == 0, "split"
    assert device <= DEVICE_BITS, "empty"
    self.odometer[device] = nextWh
    assert part == parts, "split"
    log IssuedBatch(batch=seq, dataRoot=dataRoot)


@external
def transferCustody(seq: uint256, moves: DynArray[Move, MAX_BATCH]):
    """
    @notice Move Wh between accounts that the registry keeps
    """
    self._begin(seq, Role.CUSTODIAN)
    for move: Move in moves:
        source: address = self._custody(move.source)
        self._debit(source, move.id, move.amount)
        self._credit(self._custody(move.destination), move.id, move.amount, source)


@external
def settle(seq: uint256, entries: DynArray[Entry, MAX_BATCH]):
    """
    @notice Retire Wh of the registry's accounts; each entry is the top of a sum tree whose
            leaves (amount 8 bytes, commitment 32) follow the arguments in the calldata
    """
    self._begin(seq, Role.CUSTODIAN)
    n: uint256 = len(entries)
    nodes: bytes32[MAX_BATCH] = empty(bytes32[MAX_BATCH])
    leaves: uint256 = 0
    account: uint256 = 0
    id: uint256 = 0
    holder: address = self._custody(0)
    for i: uint256 in range(n, bound=MAX_BATCH):
        e: Entry = entries[i]
        if e.account != account:
            assert e.account > account, "order"
            account = e.account
            holder = self._custody(account)
        else:
            assert e.id > id, "order"
        id = e.id
        held: uint256 = self.balanceOf[holder][id]
        assert unsafe_sub(e.amount, 1) < held, "balance"
        self.balanceOf[holder][id] = unsafe_sub(held, e.amount)
        assert unsafe_sub(e.count, 1) < e.amount, "count"
        leaves = unsafe_add(leaves, e.count)

        mask: uint256 = id & MASK_BITS
        c: uint256 = self.lots[id ^ mask]
        first: uint256 = (c >> FIRST_WH) & FIRST_WH_BITS
        fromRenewable: uint256 = 0
        fromEmissions: uint256 = 0
        if mask != EMISSIONS:
            fromRenewable = unsafe_add(first, c & AMOUNT_BITS)
            c = unsafe_add(c, e.amount)
        if mask != RENEWABLE:
            fromEmissions = unsafe_add(first, (c >> 40) & AMOUNT_BITS)
            c = unsafe_add(c, e.amount << 40)
        self.lots[id ^ mask] = c
        log TransferSingle(operator=msg.sender, source=holder, destination=empty(address), id=id, amount=e.amount)
        log Retired(account=holder, id=id, batch=seq, position=i, fromRenewable=fromRenewable, fromEmissions=fromEmissions, amount=e.amount, count=e.count, treeRoot=e.treeRoot)
        nodes[i] = keccak256(slice(abi_encode(ENTRY_NODE, holder, id, fromRenewable, fromEmissions, e.amount, e.count, e.treeRoot), 31, 225))
    assert n != 0 and leaves <= MAX_LEAVES, "leaves"
    # The one canonical form, so that whoever reads the calldata knows where the leaves are.
    assert convert(slice(msg.data, 36, 32), uint256) == 64, "calldata"
    assert len(msg.data) == SETTLE_HEAD_BYTES + ENTRY_BYTES * n + LEAF_BYTES * leaves, "calldata"

    width: uint256 = n
    for depth: uint256 in range(8):
        if width == 1:
            break
        half: uint256 = width >> 1
        left: uint256 = 0
        for i: uint256 in range(half, bound=128):
            nodes[i] = keccak256(slice(abi_encode(ENTRIES_NODE, nodes[left], nodes[unsafe_add(left, 1)]), 31, 65))
            left = unsafe_add(left, 2)
        if width & 1 == 1:
            nodes[half] = nodes[left]
        width = unsafe_add(half, width & 1)
    root: bytes32 = keccak256(slice(abi_encode(BATCH_NODE, n, nodes[0]), 31, 65))
    extcall Roots(batchRoots).record(seq, root)
    log Settled(batch=seq, root=root, entryCount=n)


@external
def withdraw(seq: uint256, items: DynArray[Item, MAX_BATCH]):
    """
    @notice Take back held Wh that were issued in error or have expired
    """
    self._begin(seq, Role.ISSUER)
    for item: Item in items:
        self._withdraw(self._custody(item.account), item.id, item.amount, item.reason)


@external
def withdrawFrom(seq: uint256, owner: address, id: uint256, amount: uint256, reason: uint256):
    """
    @notice The same for an address of the holder's own
    """
    self._begin(seq, Role.ISSUER)
    self._withdraw(owner, id, amount, reason)


@external
def supersede(seq: uint256, batch: uint256, entry: uint256, leaf: uint256, reason: uint256):
    """
    @notice Void the claim of one leaf of a settled batch; its Wh stay retired
    """
    self._begin(seq, Role.CUSTODIAN)
    assert staticcall Roots(batchRoots).roots(batch) != empty(bytes32), "batch"
    assert entry < MAX_BATCH and leaf < MAX_LEAVES and reason != 0, "leaf"
    key: uint256 = (batch << 128) | (entry << 64) | leaf
    assert self.superseded[key] == 0, "superseded"
    self.superseded[key] = reason
    log Superseded(batch=batch, entry=entry, leaf=leaf, reason=reason)


@external
def unbundle(seq: uint256, account: uint256, id: uint256, amount: uint256):
    """
    @notice Part the attributes: mask 3 becomes 1 and 2
    """
    self._begin(seq, Role.CUSTODIAN)
    assert self.unbundlingAllowed, "policy"
    assert id & MASK_BITS == BOTH, "mask"
    holder: address = self._custody(account)
    self._debit(holder, id, amount)
    log TransferSingle(operator=msg.sender, source=holder, destination=empty(address), id=id, amount=amount)
    self._credit(holder, id ^ EMISSIONS, amount, empty(address))
    self._credit(holder, id ^ RENEWABLE, amount, empty(address))


@external
def bundle(seq: uint256, account: uint256, id: uint256, amount: uint256):
    """
    @notice Join the attributes again: masks 1 and 2 become 3, which `id` names
    """
    self._begin(seq, Role.CUSTODIAN)
    assert self.unbundlingAllowed, "policy"
    assert id & MASK_BITS == BOTH, "mask"
    holder: address = self._custody(account)
    for part: uint256 in [id ^ EMISSIONS, id ^ RENEWABLE]:
        self._debit(holder, part, amount)
        log TransferSingle(operator=msg.sender, source=holder, destination=empty(address), id=part, amount=amount)
    self._credit(holder, id, amount, empty(address))


@external
def release(seq: uint256, account: uint256, destination: address, id: uint256, amount: uint256, data: Bytes[MAX_DATA]):
    """
    @notice Hand Wh over to an address of the holder's own, out of the custodian's power
    """
    self._begin(seq, Role.CUSTODIAN)
    self._move(self._custody(account), destination, id, amount, data)


# What a holder does with an address of their own


@external
def retire(id: uint256, amount: uint256, commitment: bytes32) -> uint256:
    """
    @notice Retire Wh of the caller's: a settlement of one entry and one leaf
    @return The number of its batch, under which its root is recorded
    """
    self._not_held_up()
    return self._retire(msg.sender, id, amount, commitment)


@external
def transferBySignature(source: address, destination: address, id: uint256, amount: uint256, nonce: uint256, deadline: uint256, v: uint256, r: uint256, s: uint256):
    """
    @notice Move Wh as `source` signed (EIP-712); anybody may bring the signature
    """
    self._not_held_up()
    self._use_signature(source, keccak256(abi_encode(TRANSFER_TYPE, source, destination, id, amount, nonce, deadline)), nonce, deadline, v, r, s)
    self._move(source, destination, id, amount, b"")


@external
def retireBySignature(account: address, id: uint256, amount: uint256, commitment: bytes32, nonce: uint256, deadline: uint256, v: uint256, r: uint256, s: uint256) -> uint256:
    """
    @notice Retire Wh as `account` signed (EIP-712); anybody may bring the signature
    """
    self._not_held_up()
    self._use_signature(account, keccak256(abi_encode(RETIREMENT_TYPE, account, id, amount, commitment, nonce, deadline)), nonce, deadline, v, r, s)
    return self._retire(account, id, amount, commitment)


@external
def cancelNonce(nonce: uint256):
    """
    @notice Make the caller's next signature worthless, should it have been given in error
    """
    self._use_nonce(msg.sender, nonce)


# Roles and pause


@external
def grantRole(account: address, role: Role):
    self._only(Role.ADMIN)
    self._grant(account, role)


@external
def revokeRole(account: address, role: Role):
    self._only(Role.ADMIN)
    # So that there is always somebody who can unpause.
    assert account != msg.sender or not (Role.ADMIN in role), "role"
    self.roleOf[account] = self.roleOf[account] & (~role)
    log RoleRevoked(account=account, role=role)


@external
def pause():
    self._only(Role.PAUSER | Role.ADMIN)
    assert self.pausedAt == 0, "paused"
    self.pausedAt = block.timestamp
    log Paused(account=msg.sender)


@external
def unpause():
    self._only(Role.ADMIN)
    self.pausedAt = 0
    log Unpaused(account=msg.sender)


@external
def allowUnbundling(allowed: bool):
    self._only(Role.ADMIN)
    self.unbundlingAllowed = allowed
    log UnbundlingAllowed(allowed=allowed)


@external
def setURI(newURI: String[MAX_URI]):
    self._only(Role.ADMIN)
    self.baseURI = newURI
    log URI(uri=newURI, id=0)


# ERC-1155 and ERC-165


@external
def safeTransferFrom(source: address, destination: address, id: uint256, amount: uint256, data: Bytes[MAX_DATA]):
    self._may_move(source)
    self._move(source, destination, id, amount, data)


@external
def safeBatchTransferFrom(source: address, destination: address, ids: DynArray[uint256, MAX_BATCH], amounts: DynArray[uint256, MAX_BATCH], data: Bytes[MAX_DATA]):
    self._may_move(source)
    assert destination != empty(address), "destination"
    assert len(ids) == len(amounts), "length"
    for i: uint256 in range(len(ids), bound=MAX_BATCH):
        self._debit(source, ids[i], amounts[i])
        self.balanceOf[destination][ids[i]] += amounts[i]
    log TransferBatch(operator=msg.sender, source=source, destination=destination, ids=ids, amounts=amounts)
    if destination.is_contract:
        answer: bytes4 = extcall Receiver(destination).onERC1155BatchReceived(msg.sender, source, ids, amounts, data)
        assert answer == 0xbc197c81, "receiver"


@external
def setApprovalForAll(operator: address, approved: bool):
    self.isApprovedForAll[msg.sender][operator] = approved
    log ApprovalForAll(owner=msg.sender, operator=operator, approved=approved)


@external
@view
def balanceOfBatch(owners: DynArray[address, MAX_BATCH], ids: DynArray[uint256, MAX_BATCH]) -> DynArray[uint256, MAX_BATCH]:
    assert len(owners) == len(ids), "length"
    balances: DynArray[uint256, MAX_BATCH] = []
    for i: uint256 in range(len(ids), bound=MAX_BATCH):
        balances.append(self.balanceOf[owners[i]][ids[i]])
    return balances


@external
@view
def uri(id: uint256) -> String[MAX_URI]:
    """
    @notice Where the metadata are; clients put the id in place of {id}. Six decimals: 1.0 is a MWh
    """
    return self.baseURI


@external
@view
def supportsInterface(interfaceId: bytes4) -> bool:
    # ERC-165, ERC-1155 and its metadata extension
    return interfaceId in [0x01ffc9a7, 0xd9b67a26, 0x0e89341c]


# Views


@external
@view
def counters(lot: uint256) -> (uint256, uint256, uint256, uint256, uint256, uint256, uint256):
    """
    @return issued, retired R, retired E, withdrawn R, withdrawn E, first Wh, mask when issued
    """
    c: uint256 = self.lots[lot]
    return (
        (c >> ISSUED) & AMOUNT_BITS,
        c & AMOUNT_BITS,
        (c >> 40) & AMOUNT_BITS,
        (c >> WITHDRAWN) & AMOUNT_BITS,
        (c >> (WITHDRAWN + 40)) & AMOUNT_BITS,
        (c >> FIRST_WH) & FIRST_WH_BITS,
        c >> MASK,
    )


@external
@view
def batchRoot(seq: uint256) -> bytes32:
    return staticcall Roots(batchRoots).roots(seq)


@external
@view
def custodyAddress(account: uint256) -> address:
    return self._custody(account)


# Inside


@internal
def _only(role: Role):
    assert self.roleOf[msg.sender] in role, "role"


@internal
def _grant(account: address, role: Role):
    self.roleOf[account] = self.roleOf[account] | role
    log RoleGranted(account=account, role=role)


@internal
def _begin(seq: uint256, role: Role):
    self._only(role)
    assert self.pausedAt == 0, "paused"
    assert seq == self.nextSequence, "sequence"
    self.nextSequence = unsafe_add(seq, 1)


@internal
@view
def _may_move(source: address):
    assert source == msg.sender or self.isApprovedForAll[source][msg.sender], "approval"
    self._not_held_up()


@internal
@view
def _not_held_up():
    assert self.pausedAt == 0 or block.timestamp >= self.pausedAt + SELF_CUSTODY_PAUSE, "paused"


@internal
def _use_nonce(account: address, nonce: uint256):
    assert nonce == self.nonces[account], "nonce"
    self.nonces[account] = unsafe_add(nonce, 1)
    log NonceUsed(account=account, nonce=nonce)


@internal
def _use_signature(account: address, content: bytes32, nonce: uint256, deadline: uint256, v: uint256, r: uint256, s: uint256):
    assert block.timestamp <= deadline, "deadline"
    self._use_nonce(account, nonce)
    assert account != empty(address) and s <= convert(HALF_ORDER, uint256), "signature"
    digest: bytes32 = keccak256(concat(0x1901, DOMAIN_SEPARATOR, content))
    assert ecrecover(digest, v, r, s) == account, "signature"


@internal
@view
def _custody(account: uint256) -> address:
    digest: bytes32 = keccak256(slice(abi_encode(CUSTODY, CHAIN_ID, registryId, account), 18, 110))
    return convert(convert(digest, uint256) & ADDRESS_BITS, address)


@internal
def _debit(holder: address, id: uint256, amount: uint256):
    held: uint256 = self.balanceOf[holder][id]
    assert amount != 0, "amount"
    assert held >= amount, "balance"
    self.balanceOf[holder][id] = unsafe_sub(held, amount)


@internal
def _credit(holder: address, id: uint256, amount: uint256, source: address):
    """
    @dev No overflow: all that is held of an id was issued, below 2^40.
    """
    self.balanceOf[holder][id] = unsafe_add(self.balanceOf[holder][id], amount)
    log TransferSingle(operator=msg.sender, source=source, destination=holder, id=id, amount=amount)


@internal
@pure
def _per_attribute(mask: uint256, amount: uint256) -> uint256:
    """
    @dev The amount in the RENEWABLE and the EMISSIONS counter, as the mask says.
    """
    return unsafe_mul(amount, (mask & 1) | ((mask >> 1) << 40))


@internal
def _retire(holder: address, id: uint256, amount: uint256, commitment: bytes32) -> uint256:
    """
    @dev What `settle` does for an entry of one leaf, except that the tree is made here.
    """
    self._debit(holder, id, amount)
    batch: uint256 = HOLDERS_BATCHES | self.holdersRetirements
    self.holdersRetirements = unsafe_add(self.holdersRetirements, 1)
    mask: uint256 = id & MASK_BITS
    c: uint256 = self.lots[id ^ mask]
    self.lots[id ^ mask] = unsafe_add(c, self._per_attribute(mask, amount))
    first: uint256 = (c >> FIRST_WH) & FIRST_WH_BITS
    fromRenewable: uint256 = 0
    fromEmissions: uint256 = 0
    if mask != EMISSIONS:
        fromRenewable = unsafe_add(first, c & AMOUNT_BITS)
    if mask != RENEWABLE:
        fromEmissions = unsafe_add(first, (c >> 40) & AMOUNT_BITS)
    leaf: bytes32 = keccak256(slice(abi_encode(LEAF, id, amount, commitment), 31, 97))
    treeRoot: bytes32 = keccak256(slice(abi_encode(TREE_ROOT, amount, leaf), 31, 65))
    node: bytes32 = keccak256(slice(abi_encode(ENTRY_NODE, holder, id, fromRenewable, fromEmissions, amount, SINGLE, treeRoot), 31, 225))
    root: bytes32 = keccak256(slice(abi_encode(BATCH_NODE, SINGLE, node), 31, 65))
    log TransferSingle(operator=msg.sender, source=holder, destination=empty(address), id=id, amount=amount)
    log Retired(account=holder, id=id, batch=batch, position=0, fromRenewable=fromRenewable, fromEmissions=fromEmissions, amount=amount, count=1, treeRoot=treeRoot)
    log Committed(batch=batch, commitment=commitment)
    extcall Roots(batchRoots).record(batch, root)
    log Settled(batch=batch, root=root, entryCount=1)
    return batch


@internal
def _withdraw(holder: address, id: uint256, amount: uint256, reason: uint256):
    assert reason != 0, "reason"
    self._debit(holder, id, amount)
    mask: uint256 = id & MASK_BITS
    self.lots[id ^ mask] = unsafe_add(self.lots[id ^ mask], self._per_attribute(mask, amount) << WITHDRAWN)
    log TransferSingle(operator=msg.sender, source=holder, destination=empty(address), id=id, amount=amount)
    log Withdrawn(account=holder, id=id, amount=amount, reason=reason)


@internal
def _move(source: address, destination: address, id: uint256, amount: uint256, data: Bytes[MAX_DATA]):
    assert destination != empty(address), "destination"
    self._debit(source, id, amount)
    self._credit(destination, id, amount, source)
    if destination.is_contract:
        answer: bytes4 = extcall Receiver(destination).onERC1155Received(msg.sender, source, id, amount, data)
        assert answer == 0xf23a6e61, "receiver"
