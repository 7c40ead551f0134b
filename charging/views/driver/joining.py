"""A driver's way to an account: an address, a link by mail, a password."""

import logging
from hashlib import sha256

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from certificates.views.language import in_readers_language
from charging.errors import AccountRefused
from charging.services import driver_accounts

PAUSE_S = 300  # between two mails to one address
MOST_MAILS = 120  # within PAUSE_S by one process: nobody floods strangers through the registry
LONGEST_ADDRESS = 254
LONGEST_PASSWORD = 1_000
UNSENT = _("The mail could not be sent just now. Try again in a few minutes.")
logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@in_readers_language
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the link to a new account; the answer never tells who has one already."""
    can_open = bool(settings.EMAIL_HOST) or settings.IS_DEMO
    facts: dict[str, object] = {"can_open": can_open, "email": ""}
    if request.method != "POST" or not can_open:
        return render(request, "driver/join.html", facts)
    email = facts["email"] = request.POST.get("email", "").strip()[:LONGEST_ADDRESS]
    try:
        invited = driver_accounts.invitation(email=email, now=timezone.now())
    except AccountRefused as error:
        facts["refusal"] = gettext(str(error))
        return render(request, "driver/join.html", facts, status=422)
    path = reverse("driver-join", args=[invited])
    if settings.EMAIL_HOST:
        if not _sent(email, path):
            facts["refusal"] = UNSENT
            return render(request, "driver/join.html", facts, status=503)
    else:
        facts["link"] = path  # a demo has no mailboxes
    return render(request, "driver/join_sent.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@in_readers_language
def join(request: HttpRequest, invited: str) -> HttpResponse:
    """Choose the password of a new account; it is open from then on."""
    now = timezone.now()
    try:
        email = driver_accounts.address_of(invited, now)
        if request.method == "POST":
            password = request.POST.get("password", "")[:LONGEST_PASSWORD]
            driver = driver_accounts.open_account(invited=invited, password=password, now=now)
            login(request, driver, backend=settings.AUTHENTICATION_BACKENDS[0])
            return redirect("driver")
    except AccountRefused as error:
        if request.user.is_authenticated:  # the form was sent twice
            return redirect("driver")
        return render(request, "driver/join_refused.html", {"refusal": str(error)}, status=422)
    except ValidationError as error:
        facts = {"email": email, "refusal": " ".join(error.messages)}
        return render(request, "driver/join_password.html", facts, status=422)
    return render(request, "driver/join_password.html", {"email": email})


def _sent(email: str, path: str) -> bool:
    """Send the mail, unless one went to this address just now; False when it cannot be sent.

    Who has an account gets the way to a new password instead: it works once.
    """
    key = "join:" + sha256(email.lower().encode()).hexdigest()
    cache.add("join:all", 0, PAUSE_S)
    if cache.incr("join:all") > MOST_MAILS or not cache.add(key, True, PAUSE_S):
        return True
    person = driver_accounts.account_of(email)
    if person:
        uid = urlsafe_base64_encode(str(person.pk).encode())
        path = reverse("new-password", args=[uid, default_token_generator.make_token(person)])
    facts = {
        "link": settings.PUBLIC_URL + path,
        "log_in": settings.PUBLIC_URL + reverse("login"),
        "known": person is not None,
    }
    words = render_to_string("driver/join_mail.txt", facts)
    try:
        address = person.email if person else email
        send_mail(gettext("Your account for charges"), words, None, [address])
    except OSError as error:  # of smtplib, too; its words may name the address
        cache.delete(key)
        logger.error("A mail about an account could not be sent: %s", type(error).__name__)
        return False
    return True
