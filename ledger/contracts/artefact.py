"""The compiled contracts, as committed beside their sources."""

import json
from functools import cache
from pathlib import Path
from typing import Any

ARTEFACT = Path(__file__).with_name("artefact.json")


@cache
def load_artefact() -> dict[str, dict[str, Any]]:
    """Contract name -> abi, bytecode, layout and what `ledger.contracts.build` adds."""
    loaded: dict[str, dict[str, Any]] = json.loads(ARTEFACT.read_text(encoding="utf-8"))
    return loaded


def storage_slot(contract: str, variable: str) -> int:
    """Where the compiler put a storage variable. Raises: KeyError when there is none."""
    slot: int = load_artefact()[contract]["layout"]["storage_layout"][variable]["slot"]
    return slot
