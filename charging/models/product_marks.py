"""What stands for charging tokens, contracts and tariffs: it finds again, and tells nothing."""

from charging.models.sealing import fingerprint

NOTHING = "#NA "  # OCPI's word for a token or contract that is not known


def token_mark(operator: str, party: str, uid: str) -> bytes | None:
    """What all charges with one charging token at one operator (a slug) have in common.

    `party` issued the token; empty where records from files do not say who did.
    """
    return fingerprint("charging token", operator, party, uid) if uid.strip(NOTHING) else None


def contract_mark(claimant: str, contract_id: str) -> bytes | None:
    """What the charges under one contract have in common, for the company that claims them.

    An eMAID is the same with and without its separators.
    """
    plain = contract_id.replace("-", "").replace("*", "")
    return fingerprint("contract", claimant, plain) if plain.strip(NOTHING) else None


def tariff_mark(claimant: str, uid: str) -> bytes | None:
    """What the charges that began under one tariff have in common, for who claims them."""
    return fingerprint("tariff", claimant, uid) if uid.strip() else None
