"""What a holder retires at its own address, over a real chain, is known everywhere."""

import csv
import io
from datetime import timedelta

import pytest

from certificates.domain.odometer import Stretch
from certificates.models import OwnRetirement
from certificates.queries.certificate_number import look_up
from certificates.queries.generator.fates import OWN_PURPOSE, fate
from certificates.queries.public_pages import hours, months
from certificates.services.holding.own_retirements import CHECK, note
from certificates.services.stretches import keep_some
from certificates.views.certificate_page import retired_wh, uses
from ledger.domain.token_id import TokenId
from ledger.services import consistency
from tests.fixtures.lists import listed
from tests.ledger.chain.chains import CHAIN_ID, REGISTRY_ID, open_writer
from tests.ledger.services.self_custody import OTHER, OWN, SelfCustody, raw_address


class World(SelfCustody):
    """The plant's owner, whose own address holds 600 of the first lot's 1,000 Wh."""

    def __init__(self, chain, clock, owner, lots) -> None:
        self.chain, self.clock, self.sent = chain, clock, 0
        self.holder = owner.account
        self.assets = [lot.assets.get().asset_id for lot in lots]
        self.tokens = [TokenId.from_number(int(self.asset(n).code, 16)) for n in range(len(lots))]
        self.own = self.link(OWN)


@pytest.fixture
def chain(device, settings):
    settings.CHAIN_ID, settings.REGISTRY_ID = CHAIN_ID, REGISTRY_ID
    with open_writer(settings.CHAIN_DIR) as opened:
        yield opened


@pytest.fixture
def world(chain, device, produce):
    from tests.ledger.chain.chains import Clock

    made = World(chain, Clock(), device.organisation, produce("1", "2"))
    made.release(600)
    made.settle()
    return made


def test_its_row_names_the_lot_the_holder_and_the_numbers(world, device):
    world.retire(OWN, 250, mark=b"\xab" * 32)
    world.settle()
    row = OwnRetirement.objects.get()
    assert (row.lot, row.organisation) == (device.lots.first(), device.organisation)
    assert (row.mask, row.amount_wh, row.reference) == (3, 250, "0x" + "ab" * 32)
    assert (row.first_renewable_wh, row.first_emissions_wh) == (0, 0)
    assert row.retired_at == row.entry.posted_at


def test_it_is_noted_once_however_often_it_is_asked_for(world):
    world.retire(OWN, 100)
    world.settle()
    world.retire(OWN, 200)
    world.settle()
    assert [row.first_renewable_wh for row in OwnRetirement.objects.order_by("pk")] == [0, 100]
    assert note() == 0
    assert OwnRetirement.objects.count() == 2


def test_the_look_up_the_pictures_and_the_totals_show_it(world, device):
    world.retire(OWN, 250)
    world.settle()
    certificate = look_up(device, 0)
    assert {(part.attribute, part.stretch) for part in certificate.hours[0].retired} == {
        ("renewable", Stretch(0, 250)),
        ("emissions", Stretch(0, 250)),
    }
    (use,) = uses(certificate)
    assert (use.first, use.last, use.claimant) == (0, 249, device.organisation.name)
    assert use.attributes == ("renewable", "emissions")
    assert retired_wh(certificate) == 250
    found = fate([device])
    assert [(each.claimant, each.purpose, each.amount_wh) for each in found.uses] == [
        (device.organisation.name, OWN_PURPOSE, 250)
    ]
    assert found.used_wh == 250
    (month,) = months(device)
    assert (month.issued_wh, month.retired_wh) == (3_000, 250)
    start = device.lots.first().starts_at
    assert [hour.retired_wh for hour in hours(start, start + timedelta(hours=2))] == [250, 0]


def test_the_holder_takes_it_away_as_a_list(world, device, company):
    world.retire(OWN, 250)
    world.settle()
    (told,) = listed("own-retirements", device.organisation)
    assert (told["amount_wh"], told["first_renewable_wh"]) == (250, 0)
    assert listed("own-retirements", company) == []


def test_the_list_is_downloaded_by_its_holder_alone(world, device, client, django_user_model):
    world.retire(OWN, 250)
    world.settle()
    user = django_user_model.objects.create_user("owner")
    user.memberships.create(organisation=device.organisation, role="producer")
    client.force_login(user)
    answer = client.get("/holdings/export/own-retirements.csv")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["amount_wh"] == "250"


def test_what_a_stranger_retired_is_nobodys_until_the_address_is_linked(world, company, device):
    world.move(OWN, raw_address(OTHER), 300)
    world.settle()
    world.retire(OTHER, 120)
    world.settle()
    assert not OwnRetirement.objects.exists()
    assert list(consistency.CHECKS[CHECK]()) == []
    while keep_some():
        pass
    world.link(OTHER, company.account)
    assert [use.claimant for use in fate([device]).uses] == [company.name]
    row = OwnRetirement.objects.get()
    assert (row.organisation, row.amount_wh) == (company, 120)


def test_the_check_finds_a_row_that_is_missing_or_wrong(world):
    world.retire(OWN, 250)
    world.settle()
    assert consistency.check_everything() == []
    for field, wrong in (("first_renewable_wh", 7), ("first_emissions_wh", None), ("amount_wh", 9)):
        kept = getattr(OwnRetirement.objects.get(), field)
        OwnRetirement.objects.update(**{field: wrong})
        (finding,) = consistency.check_everything()
        assert (finding.check, field in finding.message) == (CHECK, True)
        OwnRetirement.objects.update(**{field: kept})
    OwnRetirement.objects.all().delete()
    (finding,) = consistency.check_everything()
    assert "no row" in finding.message
    assert note() == 1
    assert consistency.check_everything() == []
