"""Browser tests stand on what the charging tests do."""

from tests.charging.conftest import company, great_britain, now, producer

__all__ = ["company", "great_britain", "now", "producer"]
