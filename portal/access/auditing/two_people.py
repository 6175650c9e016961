"""Two people confirm an act on the ledger together, each with a password of their own, at a terminal."""

import sys
from getpass import getpass

from django.db import transaction

from portal.access.factors import Factor
from portal.access.lookup import person_named
from portal.access.models import User
from portal.access.policies import require
from portal.access.roles import Role
from portal.access.second_factor.actions import second_factor_of, take_code
from portal.audit.actor import Actor
from portal.audit.ceremony import Ceremony, Confirmation
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.errors import Invalid, NotAllowed

WHO = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})


def ceremony_of(
    first: str, second: str, reason: str, act: str = "change how the ledger is signed"
) -> Ceremony:
    """Ask both for what they prove themselves with.

    Raises Invalid for one person twice, an unknown one, no reason or no terminal; NotAllowed for a wrong
    password and for whoever is neither auditor nor administrator of all teams.
    """
    if not reason.strip():
        raise Invalid("Say why: --reason.", code="reason_missing")
    people = [person_named(first), person_named(second)]
    if people[0] == people[1]:
        raise Invalid(f"{first} cannot confirm for two.", remedy="Name two people.", code="same_person")
    for person in people:
        require(person, WHO, None, act)
    one, other = (_confirmed(person) for person in people)
    return Ceremony((one, other), reason.strip())


def confirmation_of(username: str, act: str) -> Confirmation:
    """Ask one of them, for what needs no second. Raises as `ceremony_of`."""
    person = person_named(username)
    require(person, WHO, None, act)
    return _confirmed(person)


def _confirmed(person: User) -> Confirmation:
    if not person.check_password(asked(f"Password of {person.username}: ")):
        with transaction.atomic():
            record(Event.AUTH_FAIL, Actor.portal(), {"user": person.public_id}, {})
        raise NotAllowed(f"This is not the password of {person.username}.", code="wrong_password")
    if second_factor_of(person) is None:
        return Confirmation(person.public_id, Factor.PASSWORD.value)
    take_code(person, asked(f"Code of {person.username}: "))
    return Confirmation(person.public_id, Factor.SECOND_FACTOR.value)


def asked(prompt: str) -> str:
    """What somebody types, unseen. Raises Invalid where there is no terminal."""
    if not sys.stdin.isatty():
        raise Invalid("There is no terminal at which two people could confirm.", code="unknown_name")
    return getpass(prompt)
