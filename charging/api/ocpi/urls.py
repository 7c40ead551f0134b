"""Addresses of OCPI. A slash at the end is allowed: clients join addresses in many ways."""

from django.urls import URLPattern, re_path

from charging.api.ocpi import cdrs, credentials, receiver, sender

TEXT = r"[^/\x00-\x1f]+"
OWNER = rf"(?P<country>{TEXT})/(?P<party>{TEXT})"
NAMED = rf"{OWNER}/(?P<uid>{TEXT})"
# An id may hold a slash, which comes as %2F and is one again here. Where parts of a location
# follow it cannot.
LAST = rf"{OWNER}/(?P<uid>[^\x00-\x1f]*[^/\x00-\x1f])"
UID = rf"(?P<uid>{TEXT})"
EVSE = rf"/(?P<evse>{TEXT})"
CONNECTOR = rf"/(?P<connector>{TEXT})"

app_name = "ocpi"


def _path(route: str, view: type, name: str) -> URLPattern:
    return re_path(rf"^(?P<version>[0-9.]+){route}/?$", view.as_view(), name=name)  # type: ignore[attr-defined]


urlpatterns = [
    re_path(r"^versions/?$", credentials.Versions.as_view(), name="versions"),
    _path("", credentials.VersionDetails, "version"),
    _path("/credentials", credentials.Credentials, "credentials"),
    _path("/cdrs", cdrs.Cdrs, "cdrs"),
    _path(f"/cdrs/{LAST}", cdrs.Cdr, "cdr"),
    _path(f"/sessions/{LAST}", receiver.Session, "session"),
    _path(f"/tariffs/{LAST}", receiver.Tariff, "tariff"),
    _path(f"/tokens/{LAST}", receiver.Token, "token"),
    _path(f"/locations/{NAMED}", receiver.Location, "location"),
    _path(f"/locations/{NAMED}{EVSE}", receiver.LocationPart, "evse"),
    _path(f"/locations/{NAMED}{EVSE}{CONNECTOR}", receiver.LocationPart, "connector"),
    _path("/sender/locations", sender.Locations, "sent_locations"),
    _path(f"/sender/locations/{UID}", sender.Location, "sent_location"),
    _path(f"/sender/locations/{UID}{EVSE}", sender.Location, "sent_evse"),
    _path(f"/sender/locations/{UID}{EVSE}{CONNECTOR}", sender.Location, "sent_connector"),
    _path("/sender/tariffs", sender.Tariffs, "sent_tariffs"),
    _path("/sender/tokens", sender.Tokens, "sent_tokens"),
    _path(f"/sender/tokens/{UID}/authorize", sender.Authorize, "authorize"),
]
