"""Whether one organisation's list lets it trade with another."""

from collections.abc import Mapping

ALLOW, DENY = "allow", "deny"
RULES = (ALLOW, DENY)


def standing_in_the_way(rules: Mapping[int, str], other: int) -> str:
    """The rule that keeps the other out, empty where none does.

    `rules` are the list's rules by the organisations they name. Who has allowed anybody trades
    with those alone; whoever is denied is kept out in any case.
    """
    if rules.get(other) == DENY:
        return DENY
    if ALLOW in rules.values() and rules.get(other) != ALLOW:
        return ALLOW
    return ""
