"""What stands beside the way of a Wh: other systems' records, a correction, what changed hands."""

from types import SimpleNamespace

from certificates.models import (
    AgreementProposal,
    Cancellation,
    Correction,
    CorrectionPart,
    Counterparty,
    DebtMove,
    Device,
    Notice,
    Offer,
    Reading,
    RegistryPolicy,
    SubAccount,
)
from charging.models import (
    Cdr,
    CdrRating,
    ChargeFinding,
    ClaimDelegation,
    ClosingPolicy,
    Connection,
    ConnectionMessage,
    MeterKey,
    OcpiObject,
    ProvenToken,
    ProvisionalHour,
    PublishedScore,
    SessionDraft,
    SignedRecord,
    StandingWish,
    TokenChallenge,
    TouchedDay,
)
from ledger.services.accounts import open_account
from tests.trail_facts import HOUR, START, digest


def wish(t: SimpleNamespace) -> None:
    """The company has a wish for all charges under a contract."""
    StandingWish.objects.create(
        organisation=t.company,
        kind="contract",
        mark=digest(f"contract {t.n}"),
        name=f"Contract {t.n}",
        valid_from=t.now,
        set_at=t.now,
    )


def connect(t: SimpleNamespace) -> None:
    """Another system sent a CDR that completes the charge."""
    n, now = t.n, t.now
    connection = Connection.objects.create(
        organisation=t.company, label=f"System {n}", token_hash=digest(f"token {n}"), invited_at=now
    )
    ConnectionMessage.objects.create(
        connection=connection,
        at=now,
        method="POST",
        module="cdrs",
        status_code=1000,
        sha256=digest(f"cdr {n}"),
    )
    cdr = Cdr.objects.create(
        party=t.party,
        uid=f"C{n}",
        connection=connection,
        claimant=t.company,
        version="2.2.1",
        session=t.session,
        status="recorded",
        started_at=now,
        ended_at=now + HOUR,
        energy_wh=600,
        fingerprint=digest(f"charge {n}"),
        content_hash=digest(f"cdr {n}"),
        body=b"sealed",
        received_at=now,
    )
    OcpiObject.objects.create(
        module="tariffs",
        party=t.party,
        uid=f"T{n}",
        version="2.2.1",
        body=b"sealed",
        last_updated=now,
        received_at=now,
    )
    ClaimDelegation.objects.create(operator=t.company, provider=t.producer, valid_from=now)
    weigh(t, cdr)


def weigh(t: SimpleNamespace, cdr: Cdr) -> None:
    """What the charge's record was priced at, contradicted by and proven with."""
    n, now = t.n, t.now
    CdrRating.objects.create(cdr=cdr, currency="GBP", cost_excl=1, rated_at=now)
    ChargeFinding.objects.create(
        session=t.session,
        code="cost",
        sentence="The costs differ.",
        digest=digest(f"finding {n}").hex(),
        found_at=now,
    )
    MeterKey.objects.create(
        owner=t.company,
        meter=f"M-{n}",
        public_key="04",
        curve="secp256r1",
        fingerprint=digest(f"key {n}").hex(),
        registered_at=now,
    )
    SignedRecord.objects.create(
        digest=digest(f"record {n}").hex(),
        charge=f"charge {n}",
        session=t.session,
        format="OCMF",
        seen_at=now,
    )
    SessionDraft.objects.create(
        organisation=t.company, name="x.csv", body=b"", uploaded_by=t.user, uploaded_at=now
    )


def correct(t: SimpleNamespace) -> None:
    """An interval of another device, corrected from 2 Wh to nothing: 1 taken, 1 owed."""
    n, at = t.n, t.now - HOUR
    device = Device.objects.create(
        gsrn=f"{735999000000100000 + n}",
        gsrn_origin="synthetic",
        name=f"Suspended turbine {n}",
        organisation=t.company,
        technology_code="T020001",
        energy_source_code="F01050100",
        capacity_w=2_050_000,
        area=t.area,
        commissioned_on=START.date(),
        status="suspended",
        registered_at=t.now,
    )
    reading = Reading.objects.create(
        device=device,
        starts_at=at,
        ends_at=at + HOUR,
        energy_wh=0,
        raw_value="0",
        quality="measured",
        file=t.file,
        line=3,
    )
    interval = {"device": device, "starts_at": at, "length_minutes": 60}
    correction = Correction.objects.create(
        **interval, reading=reading, before_wh=2, after_wh=0, corrected_at=t.now
    )
    CorrectionPart.objects.create(
        correction=correction,
        source="lot",
        lot=t.lot,
        holder=t.producer,
        amount_wh=1,
        entry_id=t.issue_id,
    )
    DebtMove.objects.create(
        **interval, kind="correction", amount_wh=1, correction=correction, posted_at=t.now
    )
    Notice.objects.create(
        key=f"notice:{n}", organisation=t.producer, kind="debt", message="Owed", sent_at=t.now
    )
    RegistryPolicy.objects.create(valid_from=t.now)
    SubAccount.objects.create(
        organisation=t.producer, purpose="reserve", account=open_account(name=f"Reserve {n}")
    )


def pass_on(t: SimpleNamespace) -> None:
    """What was offered, proposed and used apart from the charge, all ended without a move."""
    n, now = t.n, t.now
    Counterparty.objects.create(
        organisation=t.company, other=t.producer, rule="allow", noted_at=now
    )
    apart = SubAccount.objects.create(
        organisation=t.producer, purpose="offer", account=open_account(name=f"Offer {n}")
    )
    Offer.objects.create(
        source=t.producer,
        destination=t.company,
        sub_account=apart,
        key=f"offer:{n}",
        request_hash=digest("offer"),
        status="withdrawn",
        lots=1,
        amount_wh=1,
        offered_at=now,
        ended_at=now,
    )
    AgreementProposal.objects.create(
        device=t.device,
        to=t.company,
        proposed_by=t.producer,
        wh_per_hour=1,
        starts_at=START,
        status="withdrawn",
        proposed_at=now,
        ended_at=now,
    )
    Cancellation.objects.create(
        holder=t.company,
        key=f"cancellation:{n}",
        request_hash=digest("cancellation"),
        public_id=f"statement-{n}",
        disclosure_key=digest("key"),
        status="empty",
        lots=1,
        amount_wh=1,
        beneficiary_kind="self",
        beneficiary=t.company.name,
        country="GB",
        purpose="Office",
        consumption_starts_at=now,
        consumption_ends_at=now + HOUR,
        asked_at=now,
        due_at=now,
        ended_at=now,
    )


def go_on(t: SimpleNamespace) -> None:
    """What matching waits for, what the company shows and what the driver announced."""
    now = t.now
    ClosingPolicy.objects.create(area=t.area, grace_minutes=60, valid_from=now)
    TouchedDay.objects.create(organisation=t.company, day=now.date())
    ProvisionalHour.objects.create(
        session_hour=t.session.hours.get(), renewable_wh=400, tracked_wh=600, planned_at=now
    )
    PublishedScore.objects.create(organisation=t.company, published_at=now)
    TokenChallenge.objects.create(
        driver=t.user, operator=t.company, opened_at=now, expires_at=now + HOUR
    )
    ProvenToken.objects.create(
        driver=t.user, operator=t.company, token_hmac=digest(f"card {t.n}"), proven_at=now
    )
