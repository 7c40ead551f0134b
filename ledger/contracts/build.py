"""Compile the contracts and write what run time needs of them: `python -m ledger.contracts.build`.

The compiler is a development tool; the artefact it makes is committed, and a test compiles
again and compares.
"""

import json
import sys
from pathlib import Path
from typing import Any

from ledger.domain.keccak import keccak256

FOLDER = Path(__file__).parent
ARTEFACT = FOLDER / "artefact.json"
CONTRACTS = ("BatchRoots", "Certificates")
FORMATS = ["abi", "bytecode", "bytecode_runtime", "layout"]


def compile_contract(name: str) -> dict[str, Any]:
    """ABI, init code, runtime code without immutables, its hash and the storage layout."""
    from vyper import __version__, compile_code

    source = (FOLDER / f"{name}.vy").read_text(encoding="utf-8")
    output = compile_code(source, output_formats=FORMATS)
    runtime = bytes.fromhex(output["bytecode_runtime"][2:])
    return {
        "compiler": f"vyper {__version__}",
        "source_hash": "0x" + keccak256(source.encode()).hex(),
        "abi": output["abi"],
        "bytecode": output["bytecode"],
        "runtime_size": len(runtime),
        "runtime_hash": "0x" + keccak256(runtime).hex(),
        "layout": output["layout"],
    }


def artefact_text() -> str:
    """The artefact as it stands in its file."""
    contracts = {name: compile_contract(name) for name in CONTRACTS}
    return json.dumps(contracts, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    ARTEFACT.write_text(artefact_text(), encoding="utf-8")
    sys.stdout.write(f"{ARTEFACT.name}: {ARTEFACT.stat().st_size} bytes\n")
