from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "certificates"

    def ready(self) -> None:
        from certificates import receivers  # noqa: F401
        from certificates.services import own_retirements, stretch_check
        from ledger.services.consistency import CHECKS

        CHECKS[own_retirements.CHECK] = own_retirements.check
        CHECKS[stretch_check.CHECK] = stretch_check.check
