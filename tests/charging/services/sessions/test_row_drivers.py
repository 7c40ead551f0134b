"""Files may name cards and contracts: their charges are found by them, and nobody reads them."""

import pytest

from charging.domain.profiles import mapped
from charging.errors import InvalidMapping
from charging.models import Session, SessionRow
from charging.models.product_marks import contract_mark, token_mark
from charging.services.sessions.holds import approve
from charging.services.sessions.importing import Upload, import_sessions
from charging.services.sessions.options import Options

HEAD = "session_id,charger,connector,started_at,ended_at,energy_kwh,site,token,contract"
DAY = "2018-06-01T10:00Z,2018-06-01T11:00Z"
CARD, CONTRACT = "04A2B3C4D5", "DE-ABC-C0047"
AREA = "10YGB----------A"


def send(company, now, *rows, head=HEAD, options=None):
    return import_sessions(
        organisation=company,
        upload=Upload("made.csv", "\n".join([head, *rows, ""]).encode()),
        options=options or Options("generic", area=AREA, final=True),
        now=now,
    )


def test_charges_are_marked_by_card_and_contract(company, great_britain, now):
    send(
        company, now,
        f"a,X,1,{DAY},10,Mill,{CARD},{CONTRACT}",
        f"b,Y,1,{DAY},10,Mill,{CARD.lower()},",
        f"c,Z,1,{DAY},10,Mill,,{CONTRACT.replace('-', '')}",
    )  # fmt: skip
    rows = Session.objects.order_by("uid").values_list("token_hmac", "contract_hmac")
    card, contract = token_mark("council", "", CARD), contract_mark("council", CONTRACT)
    found = [tuple(mark and bytes(mark) for mark in row) for row in rows]
    assert found == [(card, contract), (card, None), (None, contract)]


@pytest.mark.parametrize("energy", ["0", "10000"])
def test_a_row_that_is_kept_does_not_show_them(company, great_britain, now, energy):
    send(company, now, f'a,X,1,{DAY},{energy},"Mill, old",{CARD},{CONTRACT}')
    row = SessionRow.objects.get()
    kept = f"{row.raw} {row.reasons} {row.proposals}"
    assert CARD not in kept
    assert CONTRACT not in kept
    assert '"Mill, old",(hidden),(hidden)' in row.raw
    if row.status == SessionRow.Status.HELD:
        approve(organisation=company, row_id=row.pk, choice=0, actor="test", now=now)
        assert bytes(Session.objects.get().token_hmac) == token_mark("council", "", CARD)


def test_a_layout_of_one_s_own_names_the_columns(company, great_britain, now):
    mapping = {
        "charger": "charger", "start_date": "started_at", "end_date": "ended_at",
        "energy": "energy_kwh", "token": "Karte", "missing": ["-"],
    }  # fmt: skip
    options = Options("mapped", area=AREA, mapping=mapping)
    head = HEAD.replace("token", "Karte")
    send(
        company, now, f"a,X,1,{DAY},10,Mill,{CARD},", f"b,Y,1,{DAY},10,Mill,-,",
        head=head, options=options,
    )  # fmt: skip
    marks = Session.objects.order_by("evse__uid").values_list("token_hmac", flat=True)
    assert [mark and bytes(mark) for mark in marks] == [token_mark("council", "", CARD), None]


def test_a_file_without_such_columns_is_read_as_before(company, great_britain, now):
    head = HEAD.removesuffix(",token,contract")
    assert send(company, now, f"a,X,1,{DAY},10,Mill", head=head).accepted == 1
    assert Session.objects.get().token_hmac is None


@pytest.mark.parametrize("issuer", ["DE*TNM", "de-tnm", "DETNM", " DE*TNM "])
def test_a_card_whose_issuer_is_named_is_the_card_that_ocpi_names(
    company, great_britain, now, issuer
):
    send(company, now, f"a,X,1,{DAY},10,Mill,{CARD},,{issuer}", head=f"{HEAD},token_issuer")
    assert bytes(Session.objects.get().token_hmac) == token_mark("council", "DE*TNM", CARD)


def test_an_issuer_is_said_for_all_rows_that_do_not_say_it(company, great_britain, now):
    mapping = {
        "charger": "charger", "start_date": "started_at", "end_date": "ended_at",
        "energy": "energy_kwh", "token": "token", "issuer": "by", "issued_by": "NL-TNM",
    }  # fmt: skip
    options = Options("mapped", area=AREA, mapping=mapping)
    rows = [f"a,X,1,{DAY},10,Mill,{CARD},,DE*TNM", f"b,Y,1,{DAY},10,Mill,{CARD},,",
            f"c,Z,1,{DAY},10,Mill,{CARD},,somebody"]  # fmt: skip
    send(company, now, *rows, head=f"{HEAD},by", options=options)
    marks = Session.objects.order_by("evse__uid").values_list("token_hmac", flat=True)
    german, dutch = (token_mark("council", party, CARD) for party in ("DE*TNM", "NL*TNM"))
    assert [bytes(mark) for mark in marks] == [german, dutch, dutch]


def test_an_issuer_that_is_no_party_is_refused_with_the_layout():
    chosen = {"charger": "c", "start_date": "s", "end_date": "e", "energy": "k"}
    with pytest.raises(InvalidMapping, match="DE\\*ABC"):
        mapped({**chosen, "issued_by": "Some Energy plc"})
    assert mapped({**chosen, "issued_by": "DE*ABC"}).issued_by == "DE*ABC"
