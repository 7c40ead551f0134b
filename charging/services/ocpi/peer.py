"""Looking the other side up, without being sent anywhere else.

Only HTTPS to public addresses, the address checked being the one that is connected to; no
redirects, bounded time and size. Never called inside a transaction.
"""

import base64
import http.client
import ipaddress
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from charging.domain.ocpi.document import read
from charging.domain.ocpi.status import SUCCESS
from charging.domain.ocpi.validation import check, errors_of, in_words
from charging.errors import OcpiRefused, PeerUnusable, UnsupportedVersion

TIMEOUT_S = 5  # for each byte
TOTAL_S = 10
LARGEST = 256 * 1024  # bytes of an answer
MOST_ENDPOINTS = 50


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the other side has a module."""

    identifier: str
    role: str
    url: str


@dataclass(frozen=True, slots=True)
class Peer:
    """The other side as its own answers describe it."""

    endpoints: tuple[Endpoint, ...]


def look_up(url: str, token: str, version: str) -> Peer:
    """The endpoints of the other side for a version, fetched with the token it gave.

    Raises: PeerUnusable, UnsupportedVersion.
    """
    versions = _fetch(url, token)
    if not isinstance(versions, list):
        raise PeerUnusable(f"{url} lists no versions.")
    known = [row for row in versions if not errors_of(check("Version", row, version))]
    details_url = next((row["url"] for row in known if row["version"] == version), None)
    if details_url is None:
        raise UnsupportedVersion(f"{url} does not offer version {version}.")
    details = _fetch(details_url, token)
    rows = details.get("endpoints") if isinstance(details, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST_ENDPOINTS:
        raise PeerUnusable(f"{details_url} lists no endpoints.")
    for row in rows:
        wrong = errors_of(check("Endpoint", row, version))
        if wrong:
            raise PeerUnusable(f"{details_url}: {in_words(wrong)}")
    return Peer(tuple(Endpoint(row["identifier"], row["role"], row["url"]) for row in rows))


def _fetch(url: str, token: str) -> Any:
    """The `data` of an answer. Raises: PeerUnusable."""
    word = base64.b64encode(token.encode()).decode()
    try:
        status, body = _get(url, {"Authorization": f"Token {word}", "Accept": "application/json"})
        if status != 200:
            raise PeerUnusable(f"{url} answered with HTTP status {status}.")
        answer = read(body)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise PeerUnusable(f"{url} cannot be reached: {type(error).__name__}.") from error
    except PeerUnusable:
        raise
    except OcpiRefused as error:
        raise PeerUnusable(f"{url} answered what cannot be read: {error}") from error
    if not isinstance(answer, dict) or answer.get("status_code") != SUCCESS:
        raise PeerUnusable(f"{url} did not answer with status code {SUCCESS}.")
    return answer.get("data")


def _get(url: str, headers: dict[str, str]) -> tuple[int, bytes]:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme not in _schemes() or not host or parts.username or parts.password:
        raise PeerUnusable(f"{url} is no address that is called; give an https:// one.")
    connection = _connection(parts.scheme, host, port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # Who sends a byte now and then keeps within the time of each, and would never end.
    end = Timer(TOTAL_S, _hang_up, [connection.sock])
    end.start()
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read(LARGEST + 1)
    finally:
        end.cancel()
        connection.close()
    if len(body) > LARGEST:
        raise PeerUnusable(f"{url} answered with more than {LARGEST} bytes.")
    return answer.status, body


def _hang_up(connected: socket.socket) -> None:
    with suppress(OSError):  # it ended by itself
        connected.shutdown(socket.SHUT_RDWR)


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    """A connection to the very address that was checked: a second look-up could differ."""
    port = port or (443 if scheme == "https" else 80)
    address = _public_address(host, port)
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    plain = socket.create_connection((address, port), timeout=TIMEOUT_S)
    if scheme == "https":
        try:
            plain = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise
    connection.sock = plain
    return connection


def _public_address(host: str, port: int) -> str:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in found]
    if not settings.OCPI_PRIVATE_PEERS and not all(map(_is_public, addresses)):
        raise PeerUnusable(f"{host} is no public address.")
    return str(addresses[0])


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return address.is_global and not address.is_multicast and (inner is None or inner.is_global)


def _schemes() -> tuple[str, ...]:
    return ("https", "http") if settings.OCPI_PRIVATE_PEERS else ("https",)
