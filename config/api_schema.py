"""What the schema says of every operation: who may, how it refuses, its key, streams, examples."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_doc

from ledger.api.rows import RowsView
from ledger.domain.workbook import MEDIA_TYPE as XLSX

ROWS = "In pages of JSON, or every row as a stream of NDJSON or CSV."

PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "line": {"type": "integer", "description": "Counts from 1; 0 is the whole."},
                    "field": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
        "refused_lines": {
            "type": "integer",
            "description": "How many lines are wrong; `errors` names the first 1,000.",
        },
    },
}
KEYLESS = {"401", "403"}
REFUSALS = {
    "400": "The request cannot be read: a field, a parameter or the key of the write is missing, "
    "unknown or of the wrong kind; `errors` names it.",
    "401": "No API key came, or none that is known.",
    "403": "The key lacks the scope, or its organisation the role.",
    "404": "There is no such thing, or it is another organisation's: the answer is the same.",
    "409": "What there is stands against it: another state, another answer before, or a first "
    "request with this key that is still at work (`request_in_flight`).",
    "422": "What is asked for cannot be; `errors` names the fields, or the lines, and why. Nothing "
    "was done. The key of the write may be used again, corrected; one that came with other "
    "content before may not (`idempotency_key_reused`).",
    "4XX": "Refused otherwise: 405 for a method, 413 for what is too large, 415 for a media type, "
    "429 for too much at once.",
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "New for each act; its repetition gets the first answer.",
    "example": "5f1c6f5e-5b1d-4a53-9a35-5a3c6a1f7d10",
}
WRITES = ("post", "patch")
STREAMS = {
    "application/x-ndjson": "Every row that matches, a JSON object a line; no pages.",
    "text/csv": "Every row that matches after a line of names; no pages.",
    XLSX: "Every row that matches under a line of names, 1,048,575 at most; no pages.",
}
BINARY = {"format": "binary"}


class Schema(AutoSchema):
    """Describes an operation by its own words, with the scope that its key needs."""

    def get_summary(self) -> str | None:
        return getattr(self.view, "summary", None)

    def get_description(self) -> str:  # type: ignore[override]
        handler = getattr(self.view, self.method.lower(), None)
        words = "" if handler is None else str(get_doc(handler))
        if self.method == "GET" and isinstance(self.view, RowsView):
            words = f"{words} {ROWS}".strip()
        scope = getattr(self.view, "scopes", {}).get(self.method)
        needs = f"Scope: `{scope}`." if scope else "For anyone, without a key."
        return f"{words}\n\n{needs}".strip()


def describe_operations(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Add to every operation how it refuses, to writes their key, and what was said and answered
    once.
    """
    result["components"]["schemas"]["Problem"] = PROBLEM
    result["components"]["responses"] = {
        f"Refused{status}": _refusal(words) for status, words in REFUSALS.items()
    }
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status in _refusing(path, method, operation):
                answer = {"$ref": f"#/components/responses/Refused{status}"}
                operation["responses"].setdefault(status, answer)
            content = operation["responses"].get("200", {}).get("content", {})
            for form in STREAMS.keys() & content.keys():
                shape = {"type": "string", "description": STREAMS[form]}
                content[form] = {"schema": shape | BINARY if form == XLSX else shape}
            if method in WRITES:
                operation.setdefault("parameters", []).append(KEY)
            _show(operation, _examples().get(f"{method.upper()} {path}", {}))
    return result


def _refusal(words: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": words, "content": {"application/problem+json": {"schema": schema}}}


def _refusing(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    """The statuses by which an operation can refuse."""
    left_out = set()
    if {} in operation.get("security", [{}]):
        left_out |= KEYLESS
    if "{" not in path:
        left_out.add("404")
    if method == "get":
        left_out |= {"409", "422"}
    return [status for status in REFUSALS if status not in left_out]


def _show(operation: dict[str, Any], example: dict[str, Any]) -> None:
    """Put a request and its answer into an operation, as they went over the wire."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None and "request" in example:
        body["example"] = example["request"]
    answer = operation["responses"].get(str(example.get("status")), {}).get("content", {})
    if "application/json" in answer and "response" in example:
        answer["application/json"]["example"] = example["response"]


@cache
def _examples() -> dict[str, Any]:
    """By method and path; from a run of a client against a registry of its own."""
    text = (files("config") / "data" / "api_examples.json").read_text("utf-8")
    return dict(json.loads(text))
