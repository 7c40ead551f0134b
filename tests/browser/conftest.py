"""Browser tests stand on what the charging tests do."""

from tests.charging.conftest import company, great_britain, now, producer, unhurried

__all__ = ["company", "great_britain", "now", "producer", "unhurried"]
