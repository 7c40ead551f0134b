from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "certificates"

    def ready(self) -> None:
        from certificates import receivers  # noqa: F401
        from certificates.services import stretch_check
        from certificates.services.holding import own_retirements
        from ledger.services.consistency import CHECKS

        CHECKS[own_retirements.CHECK] = own_retirements.check
        CHECKS[stretch_check.CHECK] = stretch_check.check
