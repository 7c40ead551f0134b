"""A company says what its charges wish for, before they are matched."""

from datetime import datetime

from django.db import transaction

from certificates.models import Organisation
from charging.domain.wishes import Wished, check
from charging.queries.open_charges import Which, open_charges, wish_choices
from ledger.services import audit


@transaction.atomic
def wish(
    *, organisation: Organisation, which: Which, wished: Wished, actor: object, now: datetime
) -> int:
    """Set what the open charges wish; returns how many. Twice is as once.

    Charges of which an hour was matched keep what they were matched by. Raises: WishRefused.
    """
    # As matching does: no charge is matched while its wish changes.
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    choices = wish_choices()
    check(wished, [slug for slug, _ in choices.suppliers], [code for code, _ in choices.sources])
    content = wished.as_json()
    changed = open_charges(organisation, which).update(
        green_tariff=wished.first, preferences=content
    )
    if changed:
        audit.record(
            actor=actor,
            action="sessions.wished",
            subject=organisation,
            now=now,
            detail={
                "charges": changed,
                "first": wished.first,
                "preferences": content,
                "site": which.site.pk if which.site else None,
                "file": which.file.key if which.file else None,
                "from": which.starts_at.isoformat() if which.starts_at else None,
                "to": which.ends_at.isoformat() if which.ends_at else None,
            },
        )
    return changed
