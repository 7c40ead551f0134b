"""What a receipt says in sentences. No word here needs the registry's inner workings."""

import re

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from charging.queries.receipts.facts import ReceiptFacts, ReceiptState
from charging.views import numbers

BEFORE_NUMBER = re.compile(r" (?=\d+$)")
MOST_NAMES = 3  # plants that a sentence names; of more it says how many they are
STATES = {
    ReceiptState.WAITING: (
        _("Not closed yet"),
        _(
            "An hour of this charge is still open, so the figures may rise. Come back after the "
            "hour has been matched; this page always shows the latest state."
        ),
    ),
    ReceiptState.PENDING: (
        _("Provisional"),
        _(
            "Everything is matched, and about to be sealed. The numbers of the watt-hours are "
            "known once it is."
        ),
    ),
    ReceiptState.CERTIFIED: (
        _("Final"),
        _(
            "Certified. The watt-hours below are used up for this charge and can be given to no "
            "other."
        ),
    ),
    ReceiptState.CLOSED_WITHOUT_CERTIFICATES: (
        _("Final"),
        _("Closed without certificates. Nothing was generated for this charge in its hours."),
    ),
    ReceiptState.SUPERSEDED: (
        _("Replaced"),
        _("A newer version of this receipt exists. This one no longer counts."),
    ),
    ReceiptState.VOIDED: (
        _("Taken back"),
        _(
            "The operator took this charge back, so nothing is claimed for it. The watt-hours "
            "that were used up for it stay used up: no other charge can have them."
        ),
    ),
}


def sentence(facts: ReceiptFacts) -> str:
    """What follows the matched share, huge before it, to make one sentence."""
    if facts.state is ReceiptState.VOIDED:
        return gettext("of this charge is claimed: its operator took it back.")
    is_open = facts.state is ReceiptState.WAITING
    if facts.renewable_wh == 0:
        if is_open:
            return gettext("of this charge has been matched so far.")
        return gettext(
            "of this charge was matched: no renewable plant generated for it in its hours."
        )
    words = (
        gettext("of this charge so far is %(sources)s, made in the same hours.")
        if is_open
        else gettext("of this charge was %(sources)s, made in the same hours.")
    )
    return words % {"sources": _sources(facts)}


def _sources(facts: ReceiptFacts) -> str:
    """ "wind power from Kelmarsh 2", or several of them; "wind power from 12 plants"."""
    kinds: dict[str, list[str]] = {}
    for hour in facts.hours:
        for allocation in hour.allocations:
            names = kinds.setdefault(_kind(allocation.energy_source), [])
            # No line may end between a plant and its number.
            name = BEFORE_NUMBER.sub("\N{NO-BREAK SPACE}", allocation.device_name)
            if allocation.renewable and name not in names:
                names.append(name)
    are_few = sum(map(len, kinds.values())) <= MOST_NAMES
    return joined(
        [
            gettext("%(kind)s from %(plants)s")
            % {"kind": gettext(kind), "plants": _plants(names, are_few)}
            for kind, names in kinds.items()
            if names
        ]
    )


def _plants(names: list[str], are_named: bool) -> str:
    """The plants by name, or how many they are."""
    if are_named or len(names) == 1:
        return joined(names)
    words = ngettext("%(count)s plant", "%(count)s plants", len(names)) % {"count": len(names)}
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def _kind(energy_source: str) -> str:
    word = energy_source.lower()
    return word if word.endswith(("power", "energy")) else f"{word} power"


def joined(parts: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    last = gettext(" and ")
    return last.join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def no_proof(facts: ReceiptFacts) -> str:
    """Why there is nothing to check yet, or at all; empty when there is a proof."""
    if any(hour.tracked_wh for hour in facts.hours):
        shares = [share for hour in facts.hours for share in hour.allocations]
        if all(share.state in ("certified", "failed") for share in shares):
            return ""
        return gettext(
            "The watt-hours of this charge are not sealed yet. Once they are, you can check "
            "them here."
        )
    if facts.state is ReceiptState.VOIDED:
        return gettext("Nothing is claimed for this charge any more, so there is nothing to check.")
    if facts.state is ReceiptState.WAITING:
        return gettext(
            "Nothing has been matched to this charge so far. Once it is and was sealed, you can "
            "check it here."
        )
    return gettext("No certificates were used for this charge, so there is nothing to check.")


def why_not_all(facts: ReceiptFacts) -> str:
    """The gap in one sentence, or nothing when there is none."""
    missing = facts.energy_wh - facts.renewable_wh
    if missing == 0 or facts.state is ReceiptState.VOIDED:
        return ""
    hours = sum(1 for hour in facts.hours if hour.renewable_wh < hour.energy_wh)
    return ngettext(
        "%(energy)s in %(hours)s hour found no renewable generation that was made at the same "
        "time and not already used.",
        "%(energy)s in %(hours)s hours found no renewable generation that was made at the same "
        "time and not already used.",
        hours,
    ) % {"energy": numbers.kwh(missing), "hours": hours}
