"""The verbs over certificates: what is held, transfer, reserve, release, lock, withdraw."""

import json

import pytest

from certificates.models import LotAsset, OrganisationRole
from certificates.queries.holding.holdings import held_by_state, held_wh
from certificates.queries.plants import origins
from ledger.models import Asset, Balance, Entry, IdempotentRequest

VERBS = ["transfer", "reserve", "release", "lock", "unlock", "withdraw"]


def act(call, verb, *lines, key="k", secret="", **more):
    certificates = [{"asset": asset, "amount_wh": wh} for asset, wh in lines]
    body = json.dumps({"certificates": certificates, **more})
    return call("post", f"certificates/{verb}/", key=key, secret=secret, data=body)


@pytest.fixture
def registrar(call, other):
    OrganisationRole.objects.create(organisation=other.company, role="registrar")
    return call.key(other.company)


def test_the_account_says_who_the_key_acts_for_and_what_it_has(call, trail):
    body = call("get", "account/").json()
    assert (body["slug"], body["roles"]) == (trail.producer.slug, ["producer"])
    held = call("get", "account/held/").json()
    assert held == {"active": 400, "reserved": 0, "locked": 0}


def test_certificates_carry_what_a_matcher_needs(call, trail):
    (row,) = call("get", "certificates/").json()["results"]
    assert row["asset"] == trail.asset.code
    assert row["device"] == trail.device.gsrn
    assert (row["amount_wh"], row["mask"], row["area"]) == (400, 3, trail.area.code)
    assert row["starts_at"] == "2018-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("state=active", 1),
        ("state=reserved", 0),
        ("device={gsrn}", 1),
        ("country=GB&energy_source_code=F01050100&technology_code=T020001", 1),
        ("energy_source_code=F01040100", 0),
        ("area={area}&quality=measured", 1),
        ("asset={asset}", 1),
        ("starts_from=2018-01-01T00:00:00Z&starts_before=2018-01-01T01:00:00Z", 1),
        ("starts_from=2018-01-01T01:00:00Z", 0),
    ],
)
def test_certificates_are_found_by_their_facts(call, trail, query, count):
    words = query.format(gsrn=trail.device.gsrn, area=trail.area.code, asset=trail.asset.code)
    assert len(call("get", f"certificates/?{words}").json()["results"]) == count


def test_money_is_no_certificate(call, trail):
    euro = Asset.objects.create(kind="currency", code="EUR", unit="cent")
    Balance.objects.create(account=trail.producer.account, asset=euro, amount=500)
    (row,) = call("get", "certificates/").json()["results"]
    assert row["asset"] == trail.asset.code
    assert call("get", "account/held/").json()["active"] == 400


def test_a_transfer_moves_and_its_repetition_does_not(call, trail):
    first = act(call, "transfer", (trail.asset.code, 300), to=trail.company.slug)
    again = act(call, "transfer", (trail.asset.code, 300), to=trail.company.slug)
    assert first.json() == {"event": "transfer", "lines": 1, "amount_wh": 300}
    assert again.json() == first.json()
    assert (held_wh(trail.producer), held_wh(trail.company)) == (100, 300)


def test_a_repetition_after_a_lost_answer_still_moves_once(call, trail):
    act(call, "transfer", (trail.asset.code, 400), to=trail.company.slug)
    IdempotentRequest.objects.all().delete()
    again = act(call, "transfer", (trail.asset.code, 400), to=trail.company.slug)
    assert again.status_code == 200
    assert held_wh(trail.company) == 400


def test_bad_lines_are_all_named_and_nothing_moves(call, trail):
    lines = [("f" * 40, 1), (trail.asset.code, 401)]
    before = Entry.objects.count()
    answer = act(call, "transfer", *lines, to=trail.company.slug)
    assert (answer.status_code, answer.json()["code"]) == (422, "lines_refused")
    errors = [(each["line"], each["field"]) for each in answer.json()["errors"]]
    assert errors == [(1, "asset"), (2, "amount_wh")]
    assert "400 Wh" in answer.json()["errors"][1]["message"]
    assert held_wh(trail.producer) == 400
    assert Entry.objects.count() == before


def test_what_is_anothers_cannot_be_told_from_what_is_nobodys(call, trail, other):
    theirs = act(call, "reserve", (other.asset.code, 1), key="a").json()
    nobodys = act(call, "reserve", ("e" * 40, 1), key="b").json()
    assert theirs == nobodys


def test_reserving_takes_out_of_reach_and_releasing_gives_back(call, trail):
    act(call, "reserve", (trail.asset.code, 150), key="a", reason="For January")
    assert held_by_state(trail.producer) == {"active": 250, "reserved": 150, "locked": 0}
    (row,) = call("get", "certificates/?state=reserved").json()["results"]
    assert row["amount_wh"] == 150
    refused = act(call, "transfer", (trail.asset.code, 300), key="b", to=trail.company.slug)
    assert refused.status_code == 422
    act(call, "release", (trail.asset.code, 150), key="c")
    assert held_by_state(trail.producer)["active"] == 400


@pytest.mark.parametrize("verb", ["lock", "unlock", "withdraw"])
def test_a_holder_does_not_do_what_is_the_registrys(call, trail, verb):
    answer = act(call, verb, (trail.asset.code, 1), holder=trail.producer.slug, reason="Mine")
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
    assert held_by_state(trail.producer)["active"] == 400


def test_a_registrar_locks_and_withdraws_a_holders_certificates(call, trail, registrar):
    about = {"holder": trail.producer.slug, "reason": "Meter under doubt", "secret": registrar}
    assert act(call, "lock", (trail.asset.code, 300), key="a", **about).status_code == 200
    assert held_by_state(trail.producer) == {"active": 100, "reserved": 0, "locked": 300}
    assert act(call, "unlock", (trail.asset.code, 50), key="b", **about).status_code == 200
    gone = act(call, "withdraw", (trail.asset.code, 250), key="c", state="locked", **about)
    assert gone.status_code == 200
    assert held_by_state(trail.producer) == {"active": 150, "reserved": 0, "locked": 0}


@pytest.mark.parametrize("verb", VERBS)
def test_an_act_needs_its_scope_and_a_key_of_its_own(call, trail, verb):
    reading = call.key(trail.producer, ["certificates:read"])
    assert act(call, verb, (trail.asset.code, 1), secret=reading).status_code == 403
    assert act(call, verb, (trail.asset.code, 1), key="").status_code == 400


def test_a_field_that_nobody_knows_is_refused_not_ignored(call, trail):
    answer = act(call, "reserve", (trail.asset.code, 1), reasn="typo")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "reasn"
    answer = act(call, "reserve/?dry_run=true", (trail.asset.code, 1))
    assert answer.status_code in (400, 404)
    assert held_by_state(trail.producer)["active"] == 400


def test_nobody_transfers_to_itself_or_to_nobody(call, trail):
    own = act(call, "transfer", (trail.asset.code, 1), key="a", to=trail.producer.slug)
    assert (own.status_code, own.json()["code"]) == (422, "transfer_refused")
    nobody = act(call, "transfer", (trail.asset.code, 1), key="b", to="nobody")
    assert nobody.json()["errors"][0]["field"] == "to"


@pytest.fixture
def more(trail, other):
    """Further certificates of the producer: a half of the same lot, and one of another plant."""
    half = Asset.objects.create(kind="certificate", code=f"{7:039x}1", unit="Wh")
    LotAsset.objects.create(asset=half, lot=trail.lot, mask=1)
    for asset in (half, other.asset):
        Balance.objects.create(account=trail.producer.account, asset=asset, amount=5)
    return [trail.asset.code, half.code, other.asset.code]


@pytest.mark.parametrize("named", [0, 1_000])
@pytest.mark.parametrize(
    "query", ["state=active", "country=GB", "energy_source_code=F01050100", "quality=measured"]
)
def test_pages_of_one_row_come_to_every_certificate_once(call, more, monkeypatch, named, query):
    monkeypatch.setattr(origins, "NAMED", named)  # plants by number, and by a query
    for way in ("next", "previous"):
        seen, page = [], call("get", f"certificates/?limit=1&{query}").json()
        if way == "previous":
            while page["next"]:
                page = call("get", page["next"].partition("/api/v1/")[2]).json()
        while page:
            seen += [row["asset"] for row in page["results"]]
            address = (page[way] or "").partition("/api/v1/")[2]
            page = call("get", address).json() if address else None
        assert sorted(seen) == sorted(more)
        assert len(seen) == len(more)


def test_a_page_takes_one_query_for_its_rows(call, more, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):  # the key, its use, the devices asked for, the rows
        assert len(call("get", "certificates/?country=GB").json()["results"]) == len(more)
