"""What a process remembers of who sends CDRs, so that each takes one statement.

None of it is relied on: a CDR is only kept by a statement that finds what was remembered true at
that moment (`ocpi_cdrs`), and every other answer has the credentials looked up first
(`ocpi_connections.confirm`). So a token that is revoked is refused from then on, everywhere.
"""

from datetime import timedelta

from charging.domain.memory import Memory
from charging.models import Connection
from charging.queries.ocpi.cdr_lookup import Known

LASTS = timedelta(seconds=10)
# Connections that stand, by the SHA-256 of how their token was written.
CONNECTIONS: Memory[Connection] = Memory(LASTS)
# Operators as they are registered, by name.
OPERATORS: Memory[Known] = Memory(LASTS)


def forget() -> None:
    """Start over."""
    CONNECTIONS.forget()
    OPERATORS.forget()
