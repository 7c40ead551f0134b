"""The life of a CDR, as one table. It starts as what it is found to be when it comes."""

from charging.errors import CreditRefused

NEW = ""
TRANSITIONS: dict[str, tuple[str, ...]] = {
    NEW: ("recorded", "held", "no_energy", "credited", "credit"),
    "held": ("held", "recorded", "credited"),
    "recorded": ("credited",),
    "no_energy": ("credited",),
    "credited": (),
    "credit": (),
}


def check_go(old: str, new: str) -> None:
    """Raises: CreditRefused; every closed way would undo a credit or what it rests on."""
    if new not in TRANSITIONS[old]:
        raise CreditRefused(f"A CDR that is {old or 'new'} cannot become {new}.")
