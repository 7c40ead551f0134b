"""Every address of the registry, opened by someone who is not logged in."""

import re

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

# What anyone may open. An address that is not here must send a stranger to log in or refuse.
PUBLIC = {
    "front",
    "icon",
    "lookup",
    "login",
    "logout",
    "certificate",
    "plant",
    "block",
    "totals",
    "asset",
    "receipt",
    "receipt-proof",
    "score",
    "score-file",
    "statement",
    "statement_json",
    "statement_pdf",
    "verify",
    "verify-kept",
    "verify-meter-value",
    "trust-file",
    "driver-ask",
    "driver-join",
    "new-password",
    "chain_head",
    "chain_genesis",
    "chain_blocks",
    "chain_witness_signatures",
    "api:schema",
    "api:docs",
    "api:blocks",
    "api:block",
    "api:certificate",
    "api:receipt",
    "rpc",
    "admin:login",
    "admin:jsi18n",
    "admin:logout",
}
SAMPLE = {"int": "1", "gsrn": "735999000000000000", "number": "1", "str": "x", "slug": "x"}


def addresses(patterns, prefix="", space=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern.url_patterns, route, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", route


def sample(route):
    route = re.sub(r"\(\?P<\w+>.*", "x", route).replace("^", "").replace("\\Z", "")
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda m: SAMPLE.get(m[1] or "str", "x"), route)


ALL = sorted(addresses(get_resolver().url_patterns))


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_gets_in_only_where_anyone_may(client, db, method):
    open_to_all = []
    for name, route in ALL:
        answer = getattr(client, method)(sample(route))
        assert answer.status_code < 500, route
        if name not in PUBLIC and not is_shut(answer):
            open_to_all.append((name, answer.status_code))
    assert open_to_all == []


def is_shut(answer):
    if answer.status_code == 302:
        return answer.url.startswith(("/log-in/", "/admin/login/"))
    return answer.status_code in {401, 403, 404, 405}


def test_the_list_of_public_addresses_names_only_what_exists():
    assert {name for name, _ in ALL} >= PUBLIC
