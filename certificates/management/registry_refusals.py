"""The typed errors that a command of this app answers with exit code 2."""

from certificates.errors import CertificatesError
from ledger.errors import LedgerError

REFUSALS = (CertificatesError, LedgerError)
