"""Every address of the API that names a thing, asked for by everyone whose thing it is not."""

import itertools
import json

import pytest
from django.urls import get_resolver, reverse

from certificates.models import Counterparty, Organisation, StandingRun
from charging.models import SessionDraft
from ledger.models import AuditEvent, Entry
from tests.fixtures.api import Caller
from tests.trail import make_trail
from tests.trail_sides import wish
from tests.trail_storage import store

# Names that anybody may look up, and acts on one's own list that name another organisation.
OF_ALL = {"organisation", "counterparty-remove", "certificate", "receipt", "block"}
# Whoever has not the role is told so before anything is looked for.
FOR_ROLE = {
    "application-approve": "registrar",
    "application-send-back": "registrar",
    "standing_wish_end": "charging_company",
}
REGISTRARS = {name for name, role in FOR_ROLE.items() if role == "registrar"}
LATER = "2030-01-01T00:00:00Z"
TELL = {  # what has to be said with an act before it looks for its thing
    "agreement-end": {"ended_from": LATER},
    "application-send-back": {"reason": "Which hill?"},
    "handover-accept": {"debt_wh": 0},
    "session_driver": {"email": "driver@example.org"},
    "standing_wish_end": {"at": LATER},
    "storage-records": {
        "records": [
            {
                "flow_start_datetime": "2018-01-01T00:00:00Z",
                "flow_end_datetime": "2018-01-01T01:00:00Z",
                "flow_energy": "-1",
            }
        ]
    },
    "storage-withdraw": {"records": [1]},
    "storage-charges": {"starts_from": LATER, "starts_before": LATER},
    "storage-intervals": {"starts_at": LATER, "stored_wh": 0},
}
ROLES = ("producer", "charging_company", "trader", "auditor", "registrar")


def things(t):
    """What the addresses name, by the first word of their names."""
    draft = SessionDraft.objects.create(
        organisation=t.company, name="x.csv", body=b"", uploaded_at=t.now
    )
    battery = t.producer.devices.get(kind="storage")
    return {
        "agreement": t.device.agreements.get().pk,
        "application": t.device.gsrn,
        "changes": t.device.gsrn,
        "device": t.device.gsrn,
        "handover": t.device.handovers.get().pk,
        "import": t.producer.certificate_imports.get().pk,
        "issuance": t.device.gsrn,
        "lot": t.lot.code,
        "offer": t.producer.offers_made.get().pk,
        "order": t.company.standing_orders.get().pk,
        "proposal": t.device.proposals.get().pk,
        "readings": t.device.gsrn,
        "retirement": t.company.retirements.first().pk,
        "session": t.session.pk,
        "session_driver": t.session.pk,
        "session_file": draft.pk,
        "standing_wish_end": t.company.standing_wishes.get().pk,
        "statement": t.company.cancellations.get().public_id,
        "storage": battery.gsrn,
    }


def patterns():
    """Every address of the API's apps."""
    (api,) = [
        each for each in get_resolver().url_patterns if getattr(each, "app_name", "") == "api"
    ]
    parts = [each.url_patterns for each in api.url_patterns if hasattr(each, "url_patterns")]
    return itertools.chain.from_iterable(parts)


def named():
    """(name, methods) of every address under the API that names a thing."""
    (api,) = [
        each for each in get_resolver().url_patterns if getattr(each, "app_name", "") == "api"
    ]
    inner = itertools.chain.from_iterable(
        each.url_patterns for each in api.url_patterns if hasattr(each, "url_patterns")
    )
    for pattern in inner:
        if "<" in str(pattern.pattern) and pattern.name not in OF_ALL:
            view = pattern.callback.view_class
            yield pattern.name, [m for m in ("get", "post", "patch") if hasattr(view, m)]


ALL = sorted(named())


@pytest.fixture
def mine(db, data_dir):
    return make_trail(0)


@pytest.fixture
def theirs(mine):
    made = make_trail(1)
    store(made)
    wish(made)
    return made


def address(name, of):
    thing = of.get(name) or of[name.split("-")[0]]
    return reverse(f"api:{name}", args=[thing]).removeprefix("/api/v1/")


def ask(call, secret, method, name, of):
    more = {}
    if method != "get":
        body = json.dumps(TELL.get(name, {}))
        more = {"data": body, "content_type": "application/json", "key": f"{method} {name}"}
    return call(method, address(name, of), secret=secret, **more)


@pytest.mark.parametrize("role", ROLES)
def test_what_is_another_s_is_not_there_for_any_role(client, mine, theirs, role):
    of = things(theirs)
    stranger = Organisation.objects.get(pk=mine.company.pk)
    stranger.roles.all().delete()
    stranger.roles.create(role=role)
    call, written = Caller(client, stranger), (Entry.objects.count(), AuditEvent.objects.count())
    for name, methods in ALL:
        if name in REGISTRARS and role == "registrar":
            continue
        for method in methods:
            answer = ask(call, call.secret, method, name, of)
            shut = 404 if FOR_ROLE.get(name, role) == role else 403
            assert answer.status_code == shut, (role, method, name, answer.content)
    assert (Entry.objects.count(), AuditEvent.objects.count()) == written


def test_nothing_is_there_without_a_key(client, theirs):
    of = things(theirs)
    for name, methods in ALL:
        for method in methods:
            answer = getattr(client, method)(f"/api/v1/{address(name, of)}")
            assert answer.status_code == 401, (method, name)


def test_its_owner_finds_each_of_them(client, theirs):
    """So that what the others are refused is refused for being another's."""
    of = things(theirs)
    owners = [Caller(client, theirs.producer), Caller(client, theirs.company)]
    for name, methods in ALL:
        if "get" in methods:
            found = [ask(call, call.secret, "get", name, of).status_code for call in owners]
            assert 200 in found, name


def test_lists_have_nothing_of_another(client, mine, theirs):
    """Every list, read by an organisation beside one that has one of each."""
    alone = Caller(client, mine.company)
    hidden = {theirs.producer.slug, theirs.device.gsrn, theirs.lot.code}
    (api,) = [
        each for each in get_resolver().url_patterns if getattr(each, "app_name", "") == "api"
    ]
    for part in api.url_patterns:
        for pattern in getattr(part, "url_patterns", ()):
            if "<" not in str(pattern.pattern) and pattern.name != "blocks":
                text = alone("get", str(pattern.pattern)).content.decode()
                assert not any(each in text for each in hidden), pattern.name


def test_taking_another_off_one_s_list_leaves_their_list_alone(client, mine, theirs):
    before = list(Counterparty.objects.values_list("pk", "organisation", "rule"))
    call = Caller(client, mine.company)
    answer = call("post", f"counterparties/{theirs.producer.slug}/remove/", key="a")
    assert answer.status_code == 204
    assert list(Counterparty.objects.values_list("pk", "organisation", "rule")) == before


def test_the_runs_of_another_s_order_are_not_there(client, mine, theirs):
    run = StandingRun.objects.filter(order__holder=theirs.company).get()
    call = Caller(client, mine.company)
    assert call("get", f"standing-orders/{run.order_id}/runs/").status_code == 404
