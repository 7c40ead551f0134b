"""What can go wrong in certificates, with a stable code and a sentence for each."""


class CertificatesError(Exception):
    """Base of all errors of this app; `code` is stable, the message is for people."""

    code = "certificates_error"
