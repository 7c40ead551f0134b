"""Accounts and assets of the book."""

from collections.abc import Sequence

from ledger.models import Account, Asset
from ledger.models.bulk import insert_columns, reserve_ids


def open_account(*, name: str) -> Account:
    """A new holder's account with a uuid of its own."""
    return Account.objects.create(name=name)


def system_account(purpose: str) -> Account:
    """The one account of a system purpose: issued, retired, withdrawn or expired."""
    account, _ = Account.objects.get_or_create(
        system=purpose,
        defaults={
            "name": Account.System(purpose).label,
            "may_be_negative": purpose == Account.System.ISSUED,
        },
    )
    return account


def create_certificate_assets(codes: Sequence[str]) -> list[int]:
    """Ids of new certificate assets, counted in Wh, in the order of their token id codes.

    Raises: django.db.IntegrityError when a code is known.
    """
    ids = reserve_ids(Asset, len(codes))
    asset = {"id": ids, "kind": Asset.Kind.CERTIFICATE.value, "code": list(codes), "unit": "Wh"}
    insert_columns(Asset, asset, len(codes))
    return ids
