"""People get a log-in, act for an organisation, and are let go."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from certificates.errors import InvalidOrganisation, InvalidPerson
from certificates.models import Membership, User
from certificates.services.organisations import register_organisation
from certificates.services.people import end_membership, register_person
from ledger.models import AuditEvent

pytestmark = pytest.mark.django_db
EMAIL = "ada@example.org"


@pytest.fixture
def acme(now):
    roles = ["producer", "auditor"]
    return register_organisation(name="Acme", slug="acme", roles=roles, now=now)


def log_in(password):
    return Client().login(username=EMAIL, password=password)


def test_the_first_password_opens_the_desk_and_is_kept_nowhere(acme, now):
    person, password = register_person(email=EMAIL, organisation=acme, role="producer", now=now)
    assert log_in(password)
    assert not person.is_staff
    assert password not in str(list(AuditEvent.objects.values()))


def test_whoever_logs_in_already_keeps_their_password(acme, now):
    _, first = register_person(email=EMAIL, organisation=acme, role="producer", now=now)
    person, none = register_person(email=EMAIL.upper(), organisation=acme, role="auditor", now=now)
    assert none == ""
    assert person.is_staff
    assert log_in(first)
    assert person.memberships.count() == 2


def test_asked_twice_is_done_once(acme, now):
    for _ in range(2):
        register_person(email=EMAIL, organisation=acme, role="producer", now=now)
    assert Membership.objects.count() == User.objects.count() == 1
    assert AuditEvent.objects.filter(action__in=("member.added", "person.registered")).count() == 2


def test_who_is_let_go_leaves_the_admin_and_keeps_the_log_in(acme, now):
    _, password = register_person(email=EMAIL, organisation=acme, role="auditor", now=now)
    person = end_membership(email=EMAIL, organisation=acme, role="auditor", now=now)
    assert not person.is_staff
    assert not person.memberships.exists()
    assert log_in(password)
    assert AuditEvent.objects.filter(action="member.removed").count() == 1


def test_what_cannot_be_is_refused_and_leaves_nothing(acme, now):
    with pytest.raises(InvalidPerson, match="no e-mail address"):
        register_person(email="ada", organisation=acme, role="producer", now=now)
    with pytest.raises(InvalidOrganisation, match="no role trader"):
        register_person(email=EMAIL, organisation=acme, role="trader", now=now)
    with pytest.raises(InvalidPerson, match="Nobody acts for Acme"):
        end_membership(email=EMAIL, organisation=acme, role="producer", now=now)
    assert not User.objects.exists()


def test_the_command_shows_the_password_once(acme, capsys):
    asked = ("register_person", EMAIL, "--organisation", "acme", "--role", "producer")
    call_command(*asked)
    said = capsys.readouterr().out
    assert log_in(said.split("password is ")[1].split(";")[0])
    call_command(*asked)
    assert "with the password that they have" in capsys.readouterr().out
    call_command(*asked, "--end")
    assert "no longer" in capsys.readouterr().out
    with pytest.raises(CommandError, match="No organisation is called 'other'"):
        call_command("register_person", EMAIL, "--organisation", "other", "--role", "producer")
