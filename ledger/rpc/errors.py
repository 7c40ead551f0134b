"""The numbers of JSON-RPC's errors, and the refusals that several modules share."""

from ledger.errors import RpcRefused

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
SERVER_ERROR = -32000
REVERTED = 3


def invalid_request(message: str) -> RpcRefused:
    return RpcRefused(INVALID_REQUEST, message)


def invalid_params(message: str) -> RpcRefused:
    return RpcRefused(INVALID_PARAMS, message)


def refused(message: str) -> RpcRefused:
    """What is well asked but cannot be answered: a limit, a block that is not there."""
    return RpcRefused(SERVER_ERROR, message)
