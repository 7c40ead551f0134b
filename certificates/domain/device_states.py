"""The life of a device, as one table; the diagram in the documentation is drawn from it."""

from certificates.errors import DeviceNotApproved, TransitionRefused

TRANSITIONS: dict[str, tuple[str, ...]] = {
    "draft": ("submitted",),
    "submitted": ("approved", "draft"),
    "approved": ("suspended", "decommissioned"),
    "suspended": ("approved", "decommissioned"),
    "decommissioned": (),
}


def can_go(old: str, new: str) -> bool:
    """Whether a device in state `old` may become `new`."""
    return new in TRANSITIONS[old]


def check_go(old: str, new: str) -> None:
    """Raises: TransitionRefused, naming the states that are open."""
    if not can_go(old, new):
        states = ", ".join(TRANSITIONS[old]) or "no other state"
        raise TransitionRefused(f"A device that is {old} cannot become {new}; only {states}.")


def check_generates(name: str, kind: str) -> None:
    """Raises: DeviceNotApproved, for storage: no meter readings make its certificates."""
    if kind == "storage":
        raise DeviceNotApproved(
            f"{name} generates nothing: its certificates do not come from meter readings. "
            "Storage takes charge and discharge records."
        )


def check_can_issue(name: str, status: str) -> None:
    """Raises: DeviceNotApproved."""
    if status != "approved":
        raise DeviceNotApproved(
            f"{name} is {status}. Only an approved device gets certificates; its readings wait."
        )
