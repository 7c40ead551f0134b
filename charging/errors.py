"""What can go wrong in charging, with a stable code and a sentence for each."""


class ChargingError(Exception):
    """Base of all errors of this app; `code` is stable, the message is for people."""

    code = "charging_error"


class UnreadableFile(ChargingError):
    """A file is not the text table that it should be."""

    code = "unreadable_file"


class FileTooLarge(ChargingError):
    """A file is larger, or unpacks to more, than the registry takes at once."""

    code = "file_too_large"


class MissingColumns(ChargingError):
    """A file lacks columns that its profile needs."""

    code = "missing_columns"


class UnknownProfile(ChargingError):
    """No such kind of session file."""

    code = "unknown_profile"


class UnknownArea(ChargingError):
    """No area has this code, or none had it at that time."""

    code = "unknown_area"


class NotAChargingCompany(ChargingError):
    """An organisation sends or matches sessions without the role for it."""

    code = "not_a_charging_company"


class InvalidPeriod(ChargingError):
    """A period does not end after it starts, or does not fit the matching intervals."""

    code = "invalid_period"


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
    """The checker found a matching that breaks a rule; nothing of it was booked."""

    code = "matching_not_proven"
