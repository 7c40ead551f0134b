"""What the database holds of charges by OCPI, whatever the code does."""

import pytest
from django.db import IntegrityError, transaction

from charging.models import Cdr, ClaimDelegation, Connection, Location, OcpiObject, Session
from tests.charging.api.ocpi.conftest import (
    NOW,
    areas,
    cdr,
    connection,
    credit,
    peer,
    provider,
    session,
)

__all__ = ["areas", "connection", "peer", "provider"]


@pytest.fixture
def rows(peer, company, provider):
    """A credited and a standing charge, a site, a session, a connection and a delegation."""
    for sent in (cdr(), credit("C1", "CC"), cdr("C2")):
        peer("post", "cdrs", sent)
    peer("put", "sessions/BE/BEC/S9", session("S9"))
    ClaimDelegation.objects.create(operator=company, provider=provider, valid_from=NOW)


def copy(row, **changes):
    row.pk, row._state.adding = None, True
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()


@pytest.mark.parametrize(
    "break_it",
    [
        lambda: copy(Session.objects.get(voided_at=None), uid="s1", replaces=None),
        lambda: Session.objects.exclude(voided_at=None).update(final=True),
        lambda: copy(Session.objects.get(voided_at=None), uid="other"),
        lambda: copy(Cdr.objects.get(uid="C2"), uid="c2"),
        lambda: copy(Cdr.objects.get(uid="CC"), uid="CC2", credits="c1"),
        lambda: Cdr.objects.filter(uid="C2").update(status="held"),
        lambda: Cdr.objects.filter(uid="C2").update(hold="too_long"),
        lambda: Cdr.objects.filter(uid="C2").update(credits="C1"),
        lambda: Cdr.objects.filter(uid="CC").update(credits=""),
        lambda: Cdr.objects.filter(uid="C2").update(session=None),
        lambda: copy(OcpiObject.objects.get()),
        lambda: copy(Location.objects.get(), uid="loc1"),
        lambda: Location.objects.update(uid=""),
        lambda: Location.objects.update(party=None),
        lambda: Connection.objects.update(status="revoked"),
        lambda: Connection.objects.update(token_hash=None),
        lambda: copy(Connection.objects.get()),
        lambda: ClaimDelegation.objects.update(valid_to=NOW),
        lambda: copy(
            ClaimDelegation.objects.get(), provider=ClaimDelegation.objects.get().operator
        ),
    ],
)
def test_what_must_always_hold_holds_in_the_database(rows, break_it):
    with pytest.raises(IntegrityError), transaction.atomic():
        break_it()
