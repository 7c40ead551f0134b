"""Where a certificate came from that another registry issued, as pages and statements say it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExternalOrigin:
    """The bundle that a lot stands for. Serials as digits; texts are empty where not stated.

    `from_storage` and `after_conversion` say what happened there between generation and issuance,
    `storage_efficiency` which share came back.
    """

    registry: str
    registry_country: str
    issuance_id: str
    first_serial: str
    last_serial: str
    issuing_body: str
    expires_at: str
    from_storage: bool = False
    storage_efficiency: str = ""
    after_conversion: bool = False

    @property
    def way(self) -> str:
        """In words, empty where the energy was certified as it was generated."""
        words = []
        if self.from_storage:
            words.append(f"given back by storage there, efficiency {self.storage_efficiency}")
        if self.after_conversion:
            words.append("after conversion from another carrier there")
        return "; ".join(words)
