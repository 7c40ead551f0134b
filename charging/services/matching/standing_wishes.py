"""Wishes for all charges under a contract, a card or a tariff, those to come included."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from certificates.models import Organisation, Role
from charging.domain.wishes import Wished, check
from charging.errors import NotAChargingCompany, UnknownStandingWish, WishRefused
from charging.models import StandingWish
from charging.models.product_marks import contract_mark, tariff_mark, token_mark
from charging.queries.matching.open_charges import wish_choices
from ledger.services import audit

Kind = StandingWish.Kind
LONGEST = 64  # characters of a card's, contract's or tariff's id
SHOWN = 4  # of a card's or contract's id, which names a person


@dataclass(frozen=True, slots=True)
class Product:
    """A card, a contract or a tariff by its id. `party` issued a card, as in DE*ABC."""

    kind: str
    uid: str
    party: str = ""

    @property
    def name(self) -> str:
        """What people call it: a tariff by its id, what names a person by its end alone."""
        return self.uid if self.kind == Kind.TARIFF else f"\u2026{self.uid[-SHOWN:]}"

    def mark(self, organisation: Organisation) -> bytes:
        """What stands for it in this company's charges. Raises: WishRefused."""
        found = None
        if len(self.uid) <= LONGEST and len(self.party) <= LONGEST:
            if self.kind == Kind.TOKEN:
                found = token_mark(organisation.slug, self.party, self.uid)
            elif self.kind == Kind.CONTRACT:
                found = contract_mark(organisation.slug, self.uid)
            elif self.kind == Kind.TARIFF:
                found = tariff_mark(organisation.slug, self.uid)
        if found is None:
            raise WishRefused(
                f"Name a card, a contract or a tariff by its id, of 1 to {LONGEST} characters."
            )
        return found


@transaction.atomic
def set_standing_wish(
    *,
    organisation: Organisation,
    product: Product,
    wished: Wished,
    valid_from: datetime,
    actor: object,
    now: datetime,
) -> StandingWish:
    """From an instant on, what every charge under a product wishes. Twice is as once.

    The wish before it ends there. Charges that were matched already keep what they got.
    Raises: WishRefused, NotAChargingCompany.
    """
    _lock(organisation)
    choices = wish_choices()
    check(wished, [slug for slug, _ in choices.suppliers], [code for code, _ in choices.sources])
    if not (wished.first or wished.order):
        raise WishRefused("Name what the charges are to get first, or end the wish they have.")
    mark = product.mark(organisation)
    known = StandingWish.objects.filter(organisation=organisation, kind=product.kind, mark=mark)
    content = {"green_tariff": wished.first, "preferences": wished.as_json()}
    latest = known.order_by("-valid_from", "-pk").first()
    if latest is not None and _says(latest, content | {"valid_from": valid_from, "valid_to": None}):
        return latest
    _refuse_before(latest, valid_from)
    running = known.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from))
    _refuse_past(running.exists(), valid_from, now)
    running.update(valid_to=valid_from)
    row = StandingWish.objects.create(
        organisation=organisation,
        kind=product.kind,
        mark=mark,
        name=product.name,
        valid_from=valid_from,
        set_at=now,
        **content,
    )
    _record("standing_wish.set", row, actor, now)
    return row


@transaction.atomic
def end_standing_wish(
    *, organisation: Organisation, number: int, at: datetime, actor: object, now: datetime
) -> StandingWish:
    """End a wish at an instant, never in the past. Twice is as once.

    One that has not begun by then never holds. Raises: UnknownStandingWish, WishRefused.
    """
    _lock(organisation)
    row = StandingWish.objects.filter(organisation=organisation, pk=number).first()
    if row is None:
        raise UnknownStandingWish(f"You have no standing wish with the number {number}.")
    end = max(at, row.valid_from)
    if row.valid_to is not None and row.valid_to <= end:
        return row
    _refuse_past(row.valid_from < now, at, now)
    row.valid_to = end
    row.save(update_fields=["valid_to"])
    _record("standing_wish.ended", row, actor, now)
    return row


def _says(row: StandingWish, content: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in content.items())


def _lock(organisation: Organisation) -> None:
    """As matching does: no charge is matched while what it wishes changes.

    Raises: NotAChargingCompany.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    if not organisation.roles.filter(role=Role.CHARGING_COMPANY).exists():
        raise NotAChargingCompany(
            f"{organisation.name} is no charging company; only those have wishes for charges."
        )


def _refuse_before(latest: StandingWish | None, valid_from: datetime) -> None:
    """Raises: WishRefused where a wish from then on or later is there already."""
    if latest is not None and latest.valid_from >= valid_from:
        raise WishRefused(
            f"A wish for {latest.name} from {latest.valid_from:%Y-%m-%d %H:%M} UTC is there "
            "already. Choose a later instant; what was set before stays as it was."
        )


def _refuse_past(has_begun: bool, at: datetime, now: datetime) -> None:
    """Raises: WishRefused where a wish that holds by now would end before now."""
    if has_begun and at < now:
        raise WishRefused(
            f"A wish that holds cannot end in the past ({at:%Y-%m-%d %H:%M} UTC): charges may "
            "have been matched by it. Choose an instant from now on."
        )


def _record(action: str, row: StandingWish, actor: object, now: datetime) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=row,
        now=now,
        detail={
            "organisation": row.organisation.slug,
            "kind": row.kind,
            "name": row.name,
            "first": row.green_tariff,
            "preferences": row.preferences,
            "from": row.valid_from.isoformat(),
            "to": row.valid_to.isoformat() if row.valid_to else None,
        },
    )
