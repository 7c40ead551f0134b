"""Drivers open accounts for themselves: with a link that only their mailbox gets.

A claimant names a driver by e-mail address (`driver.confirm_driver`), so that an account must
not be had with an address that is somebody else's. The link holds the address, sealed, and
nothing is kept until it is used.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from certificates.models import User
from charging.errors import AccountRefused
from charging.models.sealing import seal, unseal
from ledger.services.audit import record

VALID_FOR = timedelta(hours=24)
PURPOSE = "driver-account"  # so that nothing else that was sealed passes for an invitation
NO_ADDRESS = "This is no e-mail address. Compare it letter by letter."
NO_LINK = "This link is not whole, or older than 24 hours. Ask for a new one."
TAKEN = "There is an account with this address already. Log in with its password."
SENTENCES = (NO_ADDRESS, NO_LINK, TAKEN)


def invitation(*, email: str, now: datetime) -> str:
    """What the link to a new account holds; whoever reads it elsewhere learns no address.

    Raises: AccountRefused when this is no address.
    """
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise AccountRefused(NO_ADDRESS) from error
    said = json.dumps([PURPOSE, email, int(now.timestamp())])
    return urlsafe_b64encode(seal(said.encode())).decode().rstrip("=")


def address_of(invited: str, now: datetime) -> str:
    """The address that an invitation was made for. Raises: AccountRefused."""
    try:
        said = json.loads(unseal(urlsafe_b64decode(invited + "=" * (-len(invited) % 4))))
        purpose, email, made_at = said
    except (ValueError, TypeError, InvalidTag) as error:
        raise AccountRefused(NO_LINK) from error
    if purpose != PURPOSE or not 0 <= now.timestamp() - made_at <= VALID_FOR.total_seconds():
        raise AccountRefused(NO_LINK)
    return str(email)


def account_of(email: str) -> User | None:
    """Who logs in with this address, in any case of its letters."""
    return User.objects.filter(email__iexact=email.strip(), is_active=True).first()


def open_account(*, invited: str, password: str, now: datetime) -> User:
    """A driver's account under the address that was invited.

    Raises: AccountRefused for a link that does not hold, or an address that has an account;
    ValidationError, in the reader's language, for a password that is too weak.
    """
    email = address_of(invited, now)
    if account_of(email):
        raise AccountRefused(TAKEN)
    validate_password(password, User(email=email))
    try:
        with transaction.atomic():
            driver = User.objects.create_user(email, password)
            name = f"driver {driver.pk}"
            record(actor=name, action="driver.joined", subject=name, now=now)
    except IntegrityError as error:  # the same link at once
        raise AccountRefused(TAKEN) from error
    return driver
