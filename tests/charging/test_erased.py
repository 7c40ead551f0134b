"""Nothing personal is left of a driver who erased their data: in book, chain, log or files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as registry

from certificates.models import Retirement, User
from charging.models import Session
from charging.queries.receipts.receipt import find_receipt
from charging.services import driver_accounts
from charging.services.driver import confirm_driver
from charging.services.matching.runs import match
from charging.services.receipts import claim_receipt
from charging.services.sessions.importing import Upload, import_sessions
from charging.services.sessions.options import Options
from ledger.services.settlement import settle
from tests.charging.plant import generate, register_plant, share_all
from tests.ledger.chain.chains import Clock

TEN = datetime(2018, 6, 1, 10, tzinfo=UTC)
DAY = (TEN.replace(hour=0), TEN.replace(day=2, hour=0))
ADDRESS, PASSWORD = "ada.lovelace@example.org", "an otter sells umbrellas"
CARD, CONTRACT = "04A2B3C4D5E6F7", "DE-ABC-C00471147"
FILE = f"""session_id,charger,connector,started_at,ended_at,energy_kwh,site,token,contract
a,X,1,2018-06-01T10:00Z,2018-06-01T12:00Z,10,Mill Street,{CARD},{CONTRACT}
b,Y,1,2018-06-01T10:00Z,2018-06-01T11:00Z,0,Mill Street,{CARD},{CONTRACT}
"""
PERSONAL = (ADDRESS, "lovelace", CARD, CONTRACT, CONTRACT.replace("-", ""))
pytestmark = pytest.mark.django_db


@pytest.fixture
def driver(client, producer, company, now, great_britain, data_dir, quick_keys):
    """Somebody with an account of their own, a settled charge in it, and a log-in elsewhere."""
    device = register_plant(producer, now)
    share_all(device, company, now)
    import_sessions(
        organisation=company,
        upload=Upload("ada.csv", FILE.encode()),
        options=Options("generic", area="10YGB----------A", final=True),
        now=now,
    )
    generate(device, TEN, ["15", "4"], now)
    match(organisation=company, starts_at=DAY[0], ends_at=DAY[1], now=now)
    settle(clock=Clock())
    invited = driver_accounts.invitation(email=ADDRESS, now=now)
    person = driver_accounts.open_account(invited=invited, password=PASSWORD, now=now)
    receipt = find_receipt("A")
    claim_receipt(public_id=receipt.public_id, driver=person, now=now)
    confirm_driver(
        claimant=company, session_id=receipt.session_id, email=ADDRESS, actor="test", now=now
    )
    client.login(username=ADDRESS, password=PASSWORD)
    client.get("/driver/?lang=de")
    return person


def rows():
    """Every value of every table, as text."""
    for model in apps.get_models(include_auto_created=True):
        for row in model.objects.values_list():
            for value in row:
                told = (
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                )
                yield model.__name__, told.lower()


def left(now):
    """Where something personal stands."""
    wanted = [word.lower().encode() for word in PERSONAL]
    places = {name for name, told in rows() if any(word in told for word in wanted)}
    files = (path for path in Path(registry.DATA_DIR).rglob("*") if path.is_file())
    return places | {
        path.name for path in files if any(word in path.read_bytes().lower() for word in wanted)
    }


def test_before_the_address_stands_in_the_account_alone_and_the_card_nowhere(driver, now):
    assert left(now) == {"User"}


def test_after_erasing_nothing_personal_is_left_anywhere(driver, client, now, caplog):
    session = Session.objects.get(uid__iexact="a")
    links = [receipt.public_id for receipt in session.receipts.all()]
    answer = client.post("/driver/erase/", {"password": PASSWORD})
    assert "sind gelöscht" in answer.text or "are erased" in answer.text
    assert left(now) == set()
    assert not any(word.lower() in caplog.text.lower() for word in PERSONAL)
    session.refresh_from_db()
    assert (session.disclosure_key, session.token_hmac, session.contract_hmac) == (None,) * 3
    assert not User.objects.filter(pk=driver.pk).exists()
    for link in links:
        for file in ("", "receipt.pdf", "share.png", "summary.json", "proof.json", "disclose/"):
            assert client.get(f"/r/{link}/{file}").status_code == 410, file
        assert client.get(f"/api/v1/receipts/{link}/").status_code == 410
    assert client.get("/driver/")["Location"].startswith("/log-in/")


def test_what_was_used_up_stays_in_the_book_after_erasing(driver, client):
    before = set(Retirement.objects.values_list("pk", "amount_wh"))
    client.post("/driver/erase/", {"password": PASSWORD})
    assert before == set(Retirement.objects.values_list("pk", "amount_wh")) != set()
