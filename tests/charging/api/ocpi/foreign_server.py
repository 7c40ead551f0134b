"""Somebody else's OCPI 2.2.1 server, for the handshake: run by an interpreter that has it.

    PYTHON foreign_server.py PORT TOKEN

`extrawest-ocpi` (MIT) brings addresses, types, checks and the calls of the handshake; what it
leaves to its user is the store, which is a list here. TOKEN is its token A. What it knows is
read at `/known`: who registered, under which token, and with which endpoints.
"""

import os
import secrets
import sys
from typing import Any

PORT, TOKEN_A = int(sys.argv[1]), sys.argv[2]
os.environ |= {
    "OCPI_HOST": f"127.0.0.1:{PORT}",
    "PROTOCOL": "http",
    "ENVIRONMENT": "testing",
}

import uvicorn  # noqa: E402
from py_ocpi.core.authentication.authenticator import Authenticator  # noqa: E402
from py_ocpi.core.enums import ModuleID, RoleEnum  # noqa: E402
from py_ocpi.main import get_application  # noqa: E402
from py_ocpi.modules.versions.enums import VersionNumber  # noqa: E402

ROLE = {
    "role": "EMSP",
    "party_id": "TNM",
    "country_code": "DE",
    "business_details": {"name": "Drive on"},
}
KNOWN: dict[str, dict[str, Any]] = {}  # by the token C that was given out
WRITTEN: list[dict[str, Any]] = []  # objects that were put there


class Tokens(Authenticator):
    """Who may come in."""

    @classmethod
    async def get_valid_token_c(cls) -> list[str]:
        return list(KNOWN)

    @classmethod
    async def get_valid_token_a(cls) -> list[str]:
        return [TOKEN_A]


class Store:
    """What it keeps."""

    @classmethod
    async def create(cls, module: Any, role: Any, data: dict[str, Any], *_: Any, **__: Any) -> Any:
        if module != ModuleID.credentials_and_registration:
            WRITTEN.append({"module": module.value, "data": data})
            return data
        token = secrets.token_urlsafe(24)
        KNOWN[token] = data
        return cls._own(token)

    @classmethod
    async def update(
        cls, module: Any, role: Any, data: dict[str, Any], *, auth_token: str, **_: Any
    ) -> Any:
        KNOWN.pop(auth_token)  # `get` finds no object, so that only credentials are updated
        return await cls.create(module, role, data)

    @classmethod
    async def get(cls, module: Any, role: Any, uid: str, **_: Any) -> dict[str, Any] | None:
        return cls._own(uid) if module == ModuleID.credentials_and_registration else None

    @classmethod
    async def delete(cls, module: Any, role: Any, uid: str, **_: Any) -> None:
        KNOWN.pop(uid)

    @classmethod
    def _own(cls, token: str) -> dict[str, Any]:
        url = f"http://127.0.0.1:{PORT}/ocpi/versions"
        return {"token": token, "url": url, "roles": [ROLE]}


APPLICATION = get_application(
    version_numbers=[VersionNumber.v_2_2_1],
    roles=[RoleEnum.emsp],
    crud=Store,
    modules=[
        ModuleID.credentials_and_registration,
        ModuleID.locations,
        ModuleID.tariffs,
        ModuleID.sessions,
        ModuleID.cdrs,
        ModuleID.tokens,
    ],
    authenticator=Tokens,
)


@APPLICATION.get("/known")
async def known() -> dict[str, Any]:
    """What it learnt."""
    return {"parties": KNOWN, "written": WRITTEN}


if __name__ == "__main__":
    uvicorn.run(APPLICATION, host="127.0.0.1", port=PORT, log_level="warning")
