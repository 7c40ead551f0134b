"""What can go wrong in charging, with a stable code and a sentence for each."""

from collections.abc import Mapping
from typing import Any


class ChargingError(Exception):
    """Base of all errors of this app; `code` is stable, the message is for people."""

    code = "charging_error"


class UnreadableFile(ChargingError):
    """A file is not the text table that it should be."""

    code = "unreadable_file"


class FileTooLarge(ChargingError):
    """A file is larger, or unpacks to more, than the registry takes at once."""

    code = "file_too_large"


class TooManyFiles(ChargingError):
    """A company has many files on their way already."""

    code = "too_many_files"


class MissingColumns(ChargingError):
    """A file lacks columns that its profile needs."""

    code = "missing_columns"


class UnknownProfile(ChargingError):
    """No such kind of session file."""

    code = "unknown_profile"


class InvalidMapping(ChargingError):
    """A layout that a person chose for a file of sessions cannot be."""

    code = "invalid_mapping"


class UnknownArea(ChargingError):
    """No area has this code, or none had it at that time."""

    code = "unknown_area"


class UnknownStandingWish(ChargingError):
    """A company has no standing wish with this number."""

    code = "unknown_standing_wish"


class NotAChargingCompany(ChargingError):
    """An organisation sends or matches sessions without the role for it."""

    code = "not_a_charging_company"


class InvalidPeriod(ChargingError):
    """A period does not end after it starts, or does not fit the matching intervals."""

    code = "invalid_period"


class NoEvidence(ChargingError):
    """A company has no final charge in the year that it asks evidence for."""

    code = "no_evidence"


class EvidenceDisagrees(ChargingError):
    """The parts of an evidence pack do not add up, so none is given."""

    code = "evidence_disagrees"


class PackUnreadable(ChargingError):
    """A file is no evidence pack, or larger than one may be."""

    code = "pack_unreadable"


class UnusablePrice(ChargingError):
    """An assumed price is no amount of a known currency."""

    code = "unusable_price"


class DecisionRefused(ChargingError):
    """What was held cannot be decided like this, or was decided before."""

    code = "decision_refused"


class DecisionsRefused(DecisionRefused):
    """Rows that were to be decided together cannot be, since some of them cannot.

    `refusals` are (line, sentence) of each of those.
    """

    code = "decisions_refused"

    def __init__(self, message: str, refusals: tuple[tuple[int, str], ...] = ()) -> None:
        super().__init__(message)
        self.refusals = refusals


class UnknownSession(ChargingError):
    """No session or receipt has this name."""

    code = "unknown_session"


class NotInDemoMode(ChargingError):
    """Demo data are loaded into a demo registry alone."""

    code = "not_in_demo_mode"


class SampleDataMissing(ChargingError):
    """A file of the sample data is not where the demo looks for it."""

    code = "sample_data_missing"


class UnknownOrganisation(ChargingError):
    """No organisation has this slug."""

    code = "unknown_organisation"


class UnreadableKey(ChargingError):
    """A public key, or a file of keys, is not what it should be."""

    code = "unreadable_key"


class UnsupportedKey(ChargingError):
    """A public key is on a curve that nobody here verifies."""

    code = "unsupported_key"


class MeterKeyRefused(ChargingError):
    """A meter's key cannot be registered, rotated or revoked like this."""

    code = "meter_key_refused"


class MalformedRecord(ChargingError):
    """A signed record of a meter cannot be read as its format asks."""

    code = "malformed_record"


class UnsupportedRecord(ChargingError):
    """A signed record is of a format or algorithm that is not verified here."""

    code = "unsupported_record"


class UnreadableMessage(ChargingError):
    """A file holds no signed meter value in any form that is known here."""

    code = "unreadable_message"


class InvalidTariff(ChargingError):
    """A tariff is not what OCPI asks of one."""

    code = "invalid_tariff"


class InvalidCharge(ChargingError):
    """The periods of a charge contradict one another or cannot be priced."""

    code = "invalid_charge"


class MatchingNotProven(ChargingError):
    """The checker found a matching that breaks a rule; nothing of it was booked.

    `verdict` is what it found, as it is kept.
    """

    code = "matching_not_proven"

    def __init__(self, message: str, verdict: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.verdict: Mapping[str, Any] = verdict or {}


class OcpiRefused(ChargingError):
    """Base of what is answered to another system; an alarm is shown to the company too."""

    is_alarm = False


class UnreadableDocument(OcpiRefused):
    """A body is no JSON, too long or nests too deeply."""

    code = "unreadable_document"


class DocumentTooLarge(OcpiRefused):
    """A body is larger than any object of the standard."""

    code = "document_too_large"


class InvalidObject(OcpiRefused):
    """An object breaks the standard, or contradicts the address it was sent to."""

    code = "invalid_object"


class UnknownObject(OcpiRefused):
    """No object of this connection has this id."""

    code = "unknown_object"


class UnknownSite(OcpiRefused):
    """No location, charge point or connector of this connection has this id."""

    code = "unknown_site"


class UnknownChargingToken(OcpiRefused):
    """No charging token has this id."""

    code = "unknown_charging_token"


class TooLittleInformation(OcpiRefused):
    """The question cannot be answered without saying more."""

    code = "too_little_information"


class UnknownParty(OcpiRefused):
    """A party is not registered, or is not the one that these credentials speak for."""

    code = "unknown_party"


class PartyNotRegistered(OcpiRefused):
    """An object names a party that nobody registered, or not for this sender."""

    code = "party_not_registered"


class PartyTaken(ChargingError):
    """A party's name belongs to another organisation."""

    code = "party_taken"


class CredentialsRefused(OcpiRefused):
    """A connection's token is missing, unknown, used up or revoked."""

    code = "credentials_refused"


class NotNow(OcpiRefused):
    """The handshake is not at the point where this act has a meaning."""

    code = "not_now"


class PeerUnusable(OcpiRefused):
    """The other side's addresses cannot be reached or understood."""

    code = "peer_unusable"


class UnsupportedVersion(OcpiRefused):
    """The two sides have no version of the standard in common."""

    code = "unsupported_version"


class CdrAltered(OcpiRefused):
    """A CDR came again with other content; a CDR never changes."""

    code = "cdr_altered"
    is_alarm = True


class CreditRefused(OcpiRefused):
    """A Credit CDR credits nothing, or what is credited already."""

    code = "credit_refused"
    is_alarm = True


class SecondClaimant(OcpiRefused):
    """Somebody else may claim this charge: its operator, or whom it delegated the claim to."""

    code = "second_claimant"


class FactorsDiffer(ChargingError):
    """Emission factors of different scope, gas or kind were to be added."""

    code = "factors_differ"


class UnreadableFigure(ChargingError):
    """A reference figure's row does not say what it counts."""

    code = "unreadable_figure"


class UnknownDriver(ChargingError):
    """No driver's account has this e-mail address."""

    code = "unknown_driver"


class LinkRevoked(ChargingError):
    """The link to a receipt was revoked by whom the charge was for."""

    code = "link_revoked"


class AccountRefused(ChargingError):
    """A driver's account cannot be opened with this address, link or password."""

    code = "account_refused"


class ChallengeRefused(ChargingError):
    """A driver cannot announce a charge now, or a card is not proven for them."""

    code = "challenge_refused"


class WishRefused(ChargingError):
    """Charges cannot wish for this."""

    code = "wish_refused"
