"""Where a certificate came from that another registry issued, as pages and statements say it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExternalOrigin:
    """The bundle that a lot stands for. Serials as digits; texts are empty where not stated."""

    registry: str
    registry_country: str
    issuance_id: str
    first_serial: str
    last_serial: str
    issuing_body: str
    expires_at: str
