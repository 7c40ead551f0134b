"""One card, charges by OCPI and by file: they meet with the driver who proved the card."""

from datetime import timedelta

from certificates.models import User
from charging.models import ProvenToken, Session
from charging.queries.driver.cards import cards_of
from charging.services.sessions.importing import Options, Upload, import_sessions
from tests.charging.api.ocpi.conftest import NOW, cdr
from tests.charging.api.ocpi.test_cdrs import code

FILE = """session_id,charger,connector,started_at,ended_at,energy_kwh,site,token,token_issuer
f1,E9,1,2024-06-01T10:00Z,2024-06-01T11:00Z,10,Quay,{uid},{issuer}
f2,E9,1,2024-06-02T10:00Z,2024-06-02T11:00Z,10,Quay,{uid},
"""


def test_a_card_s_charges_meet_whoever_reported_them(peer, company):
    assert code(peer("post", "cdrs", cdr())) == (201, 1000)
    card = cdr()["cdr_token"]
    issuer = f"{card['country_code']}-{card['party_id']}".lower()
    import_sessions(
        organisation=company,
        upload=Upload("made.csv", FILE.format(uid=card["uid"], issuer=issuer).encode()),
        options=Options("generic", area="10YBE----------2", final=True),
        now=NOW,
    )
    by_ocpi = Session.objects.get(uid="S1")
    driver = User.objects.create(email="driver@example.com")
    ProvenToken.objects.create(
        driver=driver,
        operator=company,
        token_hmac=bytes(by_ocpi.token_hmac),
        proven_at=NOW + timedelta(days=2),
    )
    (card_,) = cards_of(driver)
    assert card_.free == 2  # by OCPI, and the row that says who issued it; not the other
    assert Session.objects.count() == 3
