"""What the schema says of every operation: how it refuses, the key of a write, its streams."""

from typing import Any

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
ANSWER = {
    "description": "Refused",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "New for each act; its repetition gets the first answer.",
}
WRITES = ("post", "patch")
STREAMS = {
    "application/x-ndjson": "Every row that matches, a JSON object a line; no pages.",
    "text/csv": "Every row that matches after a line of names; no pages.",
}


def describe_refusals(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Add the problem answer to every operation, the key to every write, and what streams are."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for method, operation in operations.items():
            operation["responses"]["4XX"] = ANSWER
            content = operation["responses"].get("200", {}).get("content", {})
            for form in STREAMS.keys() & content.keys():
                content[form] = {"schema": {"type": "string", "description": STREAMS[form]}}
            if method in WRITES:
                operation.setdefault("parameters", []).append(KEY)
    return result
