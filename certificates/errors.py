"""What can go wrong in certificates, with a stable code and a sentence for each."""

from collections.abc import Sequence
from dataclasses import dataclass


class CertificatesError(Exception):
    """Base of all errors of this app; `code` is stable, the message is for people."""

    code = "certificates_error"


class ApiKeyRefused(CertificatesError):
    """An API key is unknown or revoked."""

    code = "api_key_refused"


class UnknownScope(CertificatesError):
    """An API key was asked for something that no scope allows."""

    code = "unknown_scope"


class InvalidOrganisation(CertificatesError):
    """An organisation cannot be registered as asked."""

    code = "invalid_organisation"


class InvalidPerson(CertificatesError):
    """Nobody can be registered, or let go, as asked."""

    code = "invalid_person"


class InvalidDevice(CertificatesError):
    """A fact about a device is missing or wrong; `field` names it."""

    code = "invalid_device"

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class InvalidGsrn(InvalidDevice):
    """A GSRN is 18 digits of which the last checks the others."""

    code = "invalid_gsrn"


class DeviceUnknown(CertificatesError):
    """No device carries this number."""

    code = "device_unknown"


class DeviceNotApproved(CertificatesError):
    """Only an approved device gets certificates."""

    code = "device_not_approved"


class CertifiedElsewhere(CertificatesError):
    """A plant's certificates come from another registry: meter files make none of it here."""

    code = "certified_elsewhere"


class ApplicationRefused(CertificatesError):
    """A plant's papers cannot be handed in or sent back as they are."""

    code = "application_refused"


class TransitionRefused(CertificatesError):
    """A device cannot go from its state to the one asked for."""

    code = "transition_refused"


class AgreementRefused(CertificatesError):
    """An agreement gives more than the whole, or its period is none."""

    code = "agreement_refused"


class FactorMissing(CertificatesError):
    """A source that is not renewable has no emission factor: its lots would prove nothing."""

    code = "factor_missing"


class MeterFileRefused(CertificatesError):
    """A meter file as a whole cannot be read; nothing of it was kept."""

    code = "meter_file_refused"


class UploadTooLarge(MeterFileRefused):
    """A file is larger than the registry accepts, packed or unpacked."""

    code = "upload_too_large"


class WrongFormat(MeterFileRefused):
    """A file is of a kind that is not read here."""

    code = "wrong_format"


class WrongEncoding(MeterFileRefused):
    """A file is not UTF-8 text."""

    code = "wrong_encoding"


class FileOvertaken(MeterFileRefused):
    """A file was imported before, and others have corrected its values since."""

    code = "file_overtaken"


class ColumnsMissing(MeterFileRefused):
    """A file's header names no column for something needed; `names` is that header."""

    code = "columns_missing"

    def __init__(self, message: str, *, names: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.names = [name[:100] for name in names[:200]]


class IntervalUnknown(MeterFileRefused):
    """The step between the lines is not 15, 30 or 60 minutes."""

    code = "interval_unknown"


class ChoiceNeeded(MeterFileRefused):
    """A file leaves open what only a person can say; `choice` names it."""

    code = "choice_needed"

    def __init__(self, message: str, *, choice: str) -> None:
        super().__init__(message)
        self.choice = choice


class ChoiceRefused(MeterFileRefused):
    """Somebody chose for a file what cannot be, or what the file says otherwise."""

    code = "choice_refused"

    def __init__(self, message: str, *, choice: str = "") -> None:
        super().__init__(message)
        self.choice = choice


class ValueRefused(CertificatesError):
    """A typed value is no amount of energy; `place` is its interval's place on the page."""

    code = "value_refused"

    def __init__(self, message: str, *, place: int) -> None:
        super().__init__(message)
        self.place = place


class RetirementRefused(CertificatesError):
    """A retirement names a lot, an amount or a period that cannot be."""

    code = "retirement_refused"


class TransferRefused(CertificatesError):
    """A transfer names parties or assets that cannot be."""

    code = "transfer_refused"


class HoldingRefused(CertificatesError):
    """What lies locked, reserved or used cannot do what was asked."""

    code = "holding_refused"


class ReviewRefused(CertificatesError):
    """A reading that does not wait for review, or was overtaken by a newer one."""

    code = "review_refused"


class PolicyRefused(CertificatesError):
    """The registry's terms do not allow it, such as a transfer after the trading period."""

    code = "policy_refused"


class WholeCertificatesOnly(CertificatesError):
    """A part of a MWh of a plant whose market knows only whole certificates."""

    code = "whole_certificates_only"


class HolderUnknown(CertificatesError):
    """No organisation has the short name given; `field` is where it stood."""

    code = "holder_unknown"

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class RoleMissing(CertificatesError):
    """An act is for organisations of another role."""

    code = "role_missing"


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """What is wrong with one line of an act over many; lines count from 1, 0 is the whole."""

    line: int
    field: str
    message: str


class LinesRefused(CertificatesError):
    """Lines of an act over many certificates cannot be; `lines` says which and why."""

    code = "lines_refused"

    def __init__(self, lines: Sequence[RefusedLine]) -> None:
        first = lines[0]
        where = f"Line {first.line}, {first.field}" if first.line else first.field
        more = f" ({len(lines)} lines are refused.)" if len(lines) > 1 else ""
        super().__init__(f"{where}: {first.message}{more} Nothing was done.")
        self.lines = list(lines)


class HandoverRefused(CertificatesError):
    """A plant cannot change hands so, or it is not for this side to say."""

    code = "handover_refused"


class OrderRefused(CertificatesError):
    """A standing order names no certificates, no measure or no period that can be."""

    code = "order_refused"


class OfferRefused(CertificatesError):
    """An offer has ended, or is another's to end."""

    code = "offer_refused"


class SelectionRefused(CertificatesError):
    """What was picked is not there, or not all of it."""

    code = "selection_refused"


class SelectionChanged(CertificatesError):
    """What would move is no longer what was shown."""

    code = "selection_changed"


class CounterpartyRefused(CertificatesError):
    """One side's list keeps the other out."""

    code = "counterparty_refused"


class CancellationRefused(CertificatesError):
    """A cancellation names nobody or nothing, or can no longer be undone."""

    code = "cancellation_refused"


class StatementUnknown(CertificatesError):
    """No statement has this address."""

    code = "statement_unknown"


class ImportRefused(CertificatesError):
    """A file of another registry's certificates cannot be read, handed in or decided."""

    code = "import_refused"


class RegistryUnknown(CertificatesError):
    """No external registry has the short name given."""

    code = "registry_unknown"


class DocumentRefused(CertificatesError):
    """A paper is of a kind that is not kept here, too large, or not there."""

    code = "document_refused"


class StorageRefused(CertificatesError):
    """An act of storage names a device, a record or a loss interval that cannot be."""

    code = "storage_refused"


class StorageUnbalanced(CertificatesError):
    """More came out of storage than can have been in it."""

    code = "storage_unbalanced"


class LossIntervalClosed(CertificatesError):
    """A loss interval is settled: its records and what they were charged with stand."""

    code = "loss_interval_closed"
