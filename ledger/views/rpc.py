"""The chain's JSON-RPC over HTTP, open to anyone who reads, and to holders who send."""

import json
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from ledger.rpc.envelope import BODY_BYTES
from ledger.rpc.errors import INVALID_REQUEST

METHODS = "POST, OPTIONS"
# Any page may read what anyone may read; no cookie is looked at.
OPEN_TO_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "content-type",
    "Access-Control-Max-Age": "86400",
}
CONTENT = "application/json"


@csrf_exempt
def rpc(request: HttpRequest) -> HttpResponse:
    """Answer a JSON-RPC body; the answer is 200 whatever the calls came to."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=OPEN_TO_ALL)
    if request.method != "POST":
        headers = OPEN_TO_ALL | {"Allow": METHODS}
        return _refuse(405, "POST a JSON-RPC body to this address; see docs/rpc.md", headers)
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_BYTES:
        return _refuse(413, f"the body is larger than {BODY_BYTES} bytes", OPEN_TO_ALL)
    # Here and not above: the machine takes a second to import.
    from ledger.rpc.dispatch import answer
    from ledger.services.waiting import Room

    body = answer(
        request.body,
        directory=Path(settings.CHAIN_DIR),
        chain_id=settings.CHAIN_ID,
        waiting=Room(timezone.now()),
    )
    return HttpResponse(
        body, status=200 if body else 204, content_type=CONTENT, headers=OPEN_TO_ALL
    )


def _refuse(status: int, message: str, headers: dict[str, str]) -> HttpResponse:
    error = {"code": INVALID_REQUEST, "message": message}
    body = json.dumps({"jsonrpc": "2.0", "id": None, "error": error})
    return HttpResponse(body, status=status, content_type=CONTENT, headers=headers)
