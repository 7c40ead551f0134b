"""Rows for a whole trail: from a meter line to the receipt of a charge, settled in a block."""

from types import SimpleNamespace

from certificates.models import (
    Agreement,
    ApiKey,
    Area,
    Device,
    EmissionFactor,
    GridIntensity,
    Lot,
    LotAsset,
    Membership,
    MeterFile,
    Organisation,
    OrganisationRole,
    OwnRetirement,
    Reading,
    Retirement,
    User,
)
from certificates.services import stretches
from charging.models import (
    Allocation,
    ClosedInterval,
    Comparator,
    CoupledArea,
    DeviceSite,
    Evse,
    Location,
    LocationAlias,
    MatchingRun,
    Party,
    Receipt,
    Session,
    SessionClaim,
    SessionFile,
    SessionHour,
    SessionRow,
    SupersededAllocation,
)
from ledger.domain.token_id import BOTH, PRODUCTION, TokenId, minute_of
from ledger.models import (
    Asset,
    Batch,
    Block,
    ConsistencyRun,
    Entry,
    MirroredEvent,
    OutboxItem,
    OwnAddress,
    SettlementEntry,
    WaitingTransaction,
    Witness,
    WitnessSignature,
)
from ledger.services import audit
from ledger.services.accounts import open_account, system_account
from ledger.services.book import Move, post_entry
from ledger.services.superseding import supersede
from tests.trail_facts import HOUR, START, digest
from tests.trail_holding import stand
from tests.trail_imports import bring_in
from tests.trail_sides import connect, correct, go_on, pass_on, wish
from tests.trail_storage import store


def make_trail(n: int) -> SimpleNamespace:
    """The n-th trail: 1,000 Wh issued, 600 sold and used by one charge, all certified."""
    t = SimpleNamespace(n=n, now=START + n * HOUR)
    _people(t)
    _issue(t)
    _charge(t)
    _retire(t)
    _settle(t)
    connect(t)
    correct(t)
    pass_on(t)
    stand(t)
    bring_in(t)
    go_on(t)
    _keep(t)
    return t


def _keep(t: SimpleNamespace) -> None:
    """Totals are kept, and out of date again; somebody's check was broken off."""
    stretches.touch_all()
    while stretches.keep_some():
        pass
    stretches.touch_all()
    ConsistencyRun.objects.create(
        asked_by="Auditor", asked_at=t.now, heard_at=t.now, ended_at=t.now, status="broken"
    )


def make_superseded_trail(n: int) -> SimpleNamespace:
    """The same, and then the claim of the charge was taken back: every table has a row."""
    t = make_trail(n)
    SupersededAllocation.objects.create(
        allocation=t.allocation, receipt=t.receipt, reason=1, superseded_at=t.now
    )
    supersede(entries=[t.retire_id], reason=1, now=t.now)
    store(t)
    wish(t)
    return t


def _people(t: SimpleNamespace) -> None:
    n, now = t.n, t.now
    t.area = Area.objects.create(
        scheme="EIC",
        code=f"10Y{n}",
        name=f"Area {n}",
        country="GB",
        timezone="Europe/London",
        valid_from=START,
    )
    GridIntensity.objects.create(
        area=t.area,
        starts_at=now,
        emissions_ug_per_wh=281_000,
        source="Mix",
        scope="lifecycle",
        gas="CO2e",
    )
    t.producer, t.company = (
        Organisation.objects.create(
            name=f"{name} {n}",
            slug=f"{name.lower()}-{n}",
            account=open_account(name=f"{name} {n}"),
            registered_at=now,
        )
        for name in ("Producer", "Company")
    )
    OrganisationRole.objects.create(organisation=t.producer, role="producer")
    OrganisationRole.objects.create(organisation=t.company, role="charging_company")
    t.user = User.objects.create(email=f"producer-{n}@example.org")
    Membership.objects.create(user=t.user, organisation=t.producer, role="producer")
    ApiKey.objects.create(
        organisation=t.producer,
        key_id=f"key{n}",
        secret_hash=digest("key"),
        label="Meter robot",
        created_at=now,
    )
    t.device = Device.objects.create(
        gsrn=f"{735999000000000000 + n}",
        gsrn_origin="synthetic",
        name=f"Turbine {n}",
        organisation=t.producer,
        technology_code="T020001",
        energy_source_code="F01050100",
        capacity_w=2_050_000,
        area=t.area,
        commissioned_on=START.date(),
        status="approved",
        registered_at=now,
    )
    Agreement.objects.create(
        device=t.device, to=t.company, share_ppm=600_000, starts_at=START, agreed_at=now
    )


def _issue(t: SimpleNamespace) -> None:
    n, now = t.n, t.now
    t.factor = EmissionFactor.objects.create(
        technology_code="T020001",
        energy_source_code="F01050100",
        version=n + 1,
        emissions_ug_per_wh=11_000,
        scope="lifecycle",
        source="IPCC",
        year=2014,
    )
    t.file = MeterFile.objects.create(
        key=f"import:{n}",
        device=t.device,
        sha256=digest(f"file {n}").hex(),
        name=f"meter-{n}.csv",
        status="imported",
        uploaded_by=t.user,
        uploaded_at=now,
    )
    t.reading = Reading.objects.create(
        device=t.device,
        starts_at=now,
        ends_at=now + HOUR,
        energy_wh=1_000,
        raw_value="1.0",
        quality="measured",
        file=t.file,
        line=2,
    )
    token = TokenId(PRODUCTION, int(t.device.gsrn), minute_of(now), 60, 0, BOTH)
    t.asset = Asset.objects.create(kind="certificate", code=token.code, unit="Wh")
    source = system_account("issued")
    moves = [
        Move(source.pk, t.producer.account_id, t.asset.pk, 400),
        Move(source.pk, t.company.account_id, t.asset.pk, 600),
    ]
    t.issue_id = post_entry(
        key=f"issue:{n}", kind="issue", moves=moves, now=now, digest=digest(f"lot {n}")
    )
    t.lot = Lot.objects.create(
        device=t.device,
        starts_at=now,
        length_minutes=60,
        code=f"{token.lot:040x}",
        mask=3,
        amount_wh=1_000,
        quality="measured",
        factor=t.factor,
        factor_ug_per_wh=11_000,
        reading=t.reading,
        entry_id=t.issue_id,
        issued_at=now,
        first_wh=0,
    )
    LotAsset.objects.create(asset=t.asset, lot=t.lot, mask=3)


def _charge(t: SimpleNamespace) -> None:
    n, now = t.n, t.now
    t.party = Party.objects.create(organisation=t.company, country_code="GB", party_id=f"{n:03}")
    location = Location.objects.create(operator=t.company, name=f"Car park {n}", area=t.area)
    LocationAlias.objects.create(operator=t.company, name=f"Park {n}", location=location)
    evse = Evse.objects.create(location=location, uid=f"E{n}")
    file = SessionFile.objects.create(
        key=f"sessions:{n}",
        organisation=t.company,
        sha256=digest(f"sessions {n}").hex(),
        name="sessions.csv",
        profile="perth",
        status="imported",
        uploaded_at=now,
    )
    SessionRow.objects.create(file=file, line=9, status="rejected", reasons=["no end"], raw="x")
    t.session = Session.objects.create(
        operator=t.company,
        claimant=t.company,
        uid=f"S{n}",
        evse=evse,
        area=t.area,
        started_at=now,
        ended_at=now + HOUR,
        energy_wh=600,
        raw_energy="0.6",
        final=True,
        content_hash=digest(f"session {n}"),
        file=file,
        line=2,
    )
    t.hour = SessionHour.objects.create(
        session=t.session, starts_at=now, energy_wh=600, method="uniform"
    )
    t.receipt = Receipt.objects.create(session=t.session, opened_at=now)
    SessionClaim.objects.create(session=t.session, driver=t.user, claimed_at=now)
    elsewhere = Area.objects.create(
        scheme="other",
        code=f"elsewhere {n}",
        name="Elsewhere",
        country="IE",
        timezone="UTC",
        valid_from=START,
    )
    DeviceSite.objects.create(device=t.device, location=location, starts_at=now)
    CoupledArea.objects.create(generation=elsewhere, charge=t.area, starts_at=now)
    Comparator.objects.create(key=f"car-{n}", label="Car", value=1, unit="g", source="DEFRA")


def _retire(t: SimpleNamespace) -> None:
    n, now = t.n, t.now
    move = Move(t.company.account_id, system_account("retired").pk, t.asset.pk, 600)
    t.retire_id = post_entry(
        key=f"retire:{n}", kind="retire", moves=[move], now=now, digest=digest(f"use {n}")
    )
    t.retirement = Retirement.objects.create(
        entry_id=t.retire_id,
        lot=t.lot,
        mask=3,
        amount_wh=600,
        claimant=t.company,
        beneficiary_type="public_charging",
        purpose="charging",
        country="GB",
        consumption_starts_at=now,
        consumption_ends_at=now + HOUR,
        reference=f"S{n}",
        retired_at=now,
        first_renewable_wh=0,
        first_emissions_wh=0,
    )
    OwnRetirement.objects.create(
        entry_id=t.retire_id,
        lot=t.lot,
        mask=3,
        amount_wh=600,
        organisation=t.company,
        reference="0x" + digest(f"use {n}").hex(),
        retired_at=now,
        first_renewable_wh=0,
        first_emissions_wh=0,
    )
    run = MatchingRun.objects.create(
        organisation=t.company,
        starts_at=now,
        ends_at=now + HOUR,
        policy="hourly",
        version="1",
        demand_wh=600,
        supply_wh=600,
        matched_wh=600,
        ran_at=now,
    )
    ClosedInterval.objects.create(organisation=t.company, area=t.area, starts_at=now, run=run)
    t.allocation = Allocation.objects.create(run=run, session_hour=t.hour, retirement=t.retirement)


def _settle(t: SimpleNamespace) -> None:
    n, now = t.n, t.now
    t.block = Block.objects.create(
        height=n + 1, block_hash=digest(f"block {n}"), state_root=digest("root"), sealed_at=now
    )
    witness = Witness.objects.create(
        address=digest(f"witness {n}")[:20], name=f"Witness {n}", since_height=0
    )
    WitnessSignature.objects.create(
        witness=witness, block=t.block, signature=bytes(65), received_at=now
    )
    kinds = [("issue", t.issue_id), ("settle", t.retire_id)]
    for place, (kind, entry_id) in enumerate(kinds):
        batch = Batch.objects.create(
            nonce=2 * n + place,
            sequence=2 * n + place,
            kind=kind,
            status="sealed",
            raw_transaction=b"\x01" * 100,
            transaction_hash=digest(f"{kind} {n}"),
            block=t.block,
            prepared_at=now,
        )
        settled = {}
        if kind == "settle":
            settled["settlement_entry"] = SettlementEntry.objects.create(
                batch=batch,
                position=0,
                account=t.company.account,
                asset=t.asset,
                amount=600,
                count=1,
                tree_root=digest("tree"),
                from_renewable_wh=0,
                from_emissions_wh=0,
            )
        OutboxItem.objects.filter(entry_id=entry_id).update(
            status="certified", batch=batch, position=0, renewable_wh=0, emissions_wh=0, **settled
        )
    _own_address(t)
    t.batch, t.entry = batch, Entry.objects.get(pk=t.retire_id)
    audit.record(actor=t.user, action="trail.made", subject=t.lot, now=now)


def _own_address(t: SimpleNamespace) -> None:
    """An address that nobody has linked, an event mirrored from it, a transaction that waits."""
    mirror = open_account(name=f"Own address {t.n}")
    mirror.is_mirror = True
    mirror.save()
    address = digest(f"own address {t.n}")[:20]
    OwnAddress.objects.create(address=address, account=mirror)
    MirroredEvent.objects.create(block=t.block, log_index=0, entry_id=t.retire_id)
    WaitingTransaction.objects.create(
        transaction_hash=digest(f"waiting {t.n}"),
        raw_transaction=b"\x02" * 100,
        sender=address,
        nonce=0,
        gas=100_000,
        received_at=t.now,
    )


def make_auditor() -> User:
    """Staff with an auditor's membership."""
    user = User.objects.create_user("auditor@example.org", "a long pass phrase", is_staff=True)
    account = open_account(name="Audit office")
    office = Organisation.objects.create(
        name="Audit office", slug="audit-office", account=account, registered_at=START
    )
    Membership.objects.create(user=user, organisation=office, role="auditor")
    return user
