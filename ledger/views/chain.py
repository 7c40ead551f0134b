"""The chain as it was sealed, for witnesses; and their signatures.

Answers are for programs: JSON, or blocks in RLP one after the other.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.response import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from ledger.chain.framing import MEDIA_TYPE
from ledger.errors import LedgerError
from ledger.services import witnesses

MOST_BLOCKS = 512
MOST_BYTES = 8 * 1024 * 1024  # an answer ends with the block that passes this
MOST_POSTED = 4_096
PROBLEM = "application/problem+json"
STATUS = {
    "chain_missing": HTTPStatus.NOT_FOUND,
    "block_unknown": HTTPStatus.NOT_FOUND,
    "block_differs": HTTPStatus.CONFLICT,
    "witness_unknown": HTTPStatus.FORBIDDEN,
    "witness_signature_invalid": HTTPStatus.BAD_REQUEST,
}
HASH, SIGNATURE = re.compile(r"0x[0-9a-f]{64}"), re.compile(r"0x[0-9a-f]{130}")

View = Callable[..., HttpResponseBase]


def answering_refusals(view: View) -> View:
    """A view whose typed errors become problem details (RFC 9457)."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
        try:
            return view(request, *args, **named)
        except LedgerError as error:
            return _problem(STATUS.get(error.code, HTTPStatus.CONFLICT), error.code, str(error))

    return answer


@require_safe
@answering_refusals
def head(request: HttpRequest) -> HttpResponse:
    """Which chain this is, and its newest block."""
    from ledger.chain.stored import reading

    with reading() as engine:
        header = engine.head()
        return JsonResponse(
            {
                "chain_id": settings.CHAIN_ID,
                "registry_id": settings.REGISTRY_ID,
                "genesis_hash": f"0x{engine.genesis_hash.hex()}",
                "number": header.block_number,
                "hash": f"0x{header.hash.hex()}",
                "state_root": f"0x{header.state_root.hex()}",
            }
        )


@require_safe
def genesis(request: HttpRequest) -> HttpResponse:
    """The first block, as geth and others take it."""
    from ledger.chain.transcript import genesis_document

    return JsonResponse(genesis_document(settings.CHAIN_ID))


@require_safe
@answering_refusals
def blocks(request: HttpRequest, first: int, last: int) -> HttpResponseBase:
    """Blocks `first` to `last`, each with its seal; fewer when they are many or large.

    The last block of the answer may be an earlier one: whoever wants more asks again.
    """
    from ledger.chain.stored import reading

    if not 1 <= first <= last:
        detail = "Blocks are asked for as /chain/blocks/<first>/<last>, from 1 on."
        return _problem(HTTPStatus.BAD_REQUEST, "bad_request", detail)
    with reading() as engine:
        last = min(last, first + MOST_BLOCKS - 1, engine.head().block_number)
        engine.header(first)
    return StreamingHttpResponse(_stream(first, last), content_type=MEDIA_TYPE)


def _stream(first: int, last: int) -> Iterator[bytes]:
    """Opened where it is consumed: a store belongs to one thread."""
    from ledger.chain.stored import reading
    from ledger.chain.transcript import sealed_block

    sent = 0
    with reading() as engine:
        for number in range(first, last + 1):
            item = sealed_block(engine, number).encode()
            yield item
            sent += len(item)
            if sent > MOST_BYTES:
                break


@csrf_exempt
@require_POST
@answering_refusals
def witness_signatures(request: HttpRequest) -> HttpResponse:
    """Take a witness' signature: `{"height": 7, "block_hash": "0x...", "signature": "0x..."}`."""
    raw = request.read(MOST_POSTED + 1)
    if len(raw) > MOST_POSTED:
        detail = f"A signature takes less than {MOST_POSTED} bytes."
        return _problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", detail)
    posted = _parse(raw)
    if posted is None:
        detail = "Send height (a number), block_hash and signature (0x and lower-case hex)."
        return _problem(HTTPStatus.BAD_REQUEST, "bad_request", detail)
    height, block_hash, signature = posted
    _, is_new = witnesses.accept_signature(
        height=height, block_hash=block_hash, signature=signature, now=timezone.now()
    )
    status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
    return JsonResponse({"height": height, "accepted": True}, status=status)


def _parse(raw: bytes) -> tuple[int, bytes, bytes] | None:
    try:
        body = json.loads(raw)
        height, block_hash, signature = body["height"], body["block_hash"], body["signature"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not (type(height) is int and 0 <= height < 1 << 63):
        return None
    if not (isinstance(block_hash, str) and HASH.fullmatch(block_hash)):
        return None
    if not (isinstance(signature, str) and SIGNATURE.fullmatch(signature)):
        return None
    return height, bytes.fromhex(block_hash[2:]), bytes.fromhex(signature[2:])


def _problem(status: HTTPStatus, code: str, detail: str) -> HttpResponse:
    body = {
        "type": f"urn:registry:problem:{code}",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
    }
    return JsonResponse(body, status=status, content_type=PROBLEM)
