"""What charges wish for, before they are matched: their company's word, else their driver's."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from certificates.models import Organisation, User
from charging.domain.matching.terms import Preference
from charging.domain.wishes import DRIVER, Wished, check
from charging.models import Session
from charging.queries.matching.open_charges import (
    Which,
    open_charges,
    open_charges_of_driver,
    wish_choices,
)
from ledger.services import audit


@transaction.atomic
def wish(
    *, organisation: Organisation, which: Which, wished: Wished, actor: object, now: datetime
) -> int:
    """Set what the open charges wish; returns how many. Twice is as once.

    Charges of which an hour was matched keep what they were matched by. Raises: WishRefused.
    """
    # As matching does: no charge is matched while its wish changes.
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
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


@transaction.atomic
def wish_of_driver(*, driver: User, source: str, now: datetime) -> int:
    """What a driver would rather have for the open charges in their account; returns how many.

    Where nothing of this source is left they get whatever else there is. An empty source takes
    the wish back. What their company set stays. Raises: WishRefused.
    """
    charges = open_charges_of_driver(driver)
    companies = Organisation.objects.filter(pk__in=charges.values("claimant"))
    list(companies.select_for_update(no_key=True).order_by("pk"))  # no charge is matched meanwhile
    wished = Wished(order=(Preference(source=source),) if source else ())
    check(wished, (), [code for code, _ in wish_choices().sources])
    content = wished.as_json()
    if content:
        content["by"] = DRIVER
    free = Q(preferences={}) | Q(preferences__by=DRIVER)
    ids = list(charges.filter(free).values_list("pk", flat=True))
    changed = Session.objects.filter(pk__in=ids).update(preferences=content)
    if changed:
        audit.record(
            actor=f"driver {driver.pk}",
            action="driver.wished",
            subject=f"driver {driver.pk}",
            now=now,
            detail={"charges": changed, "source": source},
        )
    return changed
