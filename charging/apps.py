from django.apps import AppConfig


class ChargingConfig(AppConfig):
    name = "charging"

    def ready(self) -> None:
        from charging import receivers  # noqa: F401
