"""Who gets the pages of this room: signing in, one's own account, and people."""

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

import portal.access.account.urls
import portal.access.people.urls
import portal.access.urls
from portal.access.actions import grant
from portal.access.models import ApiToken, Membership, PersonSession, SecondFactor, User
from portal.access.roles import Role
from portal.access.tokens import Scope
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.models import Intake
from tests.api import token_of
from tests.second_factor import app_of

pytestmark = pytest.mark.django_db
COMMAND = Actor.command("test")
EVERYBODY = ("ana", "aud", "adm")

OPEN = {"sign-in", "sign-in-code"}
"""What needs nobody to be signed in."""
READS = {
    "account": EVERYBODY,
    "confirm": EVERYBODY,
    "people": ("aud", "adm"),
    "person": ("aud", "adm"),
}
NEED_PROOF = {"make-token", "begin-enrolment", "remove-second-factor", "recovery-codes"}
"""Of one's own account what asks for a proof before anything else."""
OF_A_PERSON = {
    "ask-erasure",
    "withdraw-erasure",
    "confirm-erasure",
    "set-hold",
    "ask-end-of-hold",
    "end-hold",
}
POSTS = {
    "sign-out", "save-filter", "remove-filter", "begin-enrolment", "remove-second-factor", "recovery-codes",
    "end-session", "end-other-sessions", "revoke-token", "grant-role", "revoke-role", "reset-second-factor",
    *OF_A_PERSON,
}  # fmt: skip
OF_ADMINISTRATORS = {"grant-role", "revoke-role", "reset-second-factor", *OF_A_PERSON}
NAMES = {*OPEN, *READS, *NEED_PROOF, *POSTS, "enrol"}


@pytest.fixture
def people() -> dict[str, User]:
    people = {name: User.objects.create_user(name) for name in ("ana", "aud", "adm", "bo")}
    grant(people["aud"], Role.AUDITOR, None, by=COMMAND)
    grant(people["adm"], Role.ADMINISTRATOR, None, by=COMMAND)
    grant(people["bo"], Role.AUDITOR, None, by=COMMAND)
    app_of(people["bo"])
    token_of(people["bo"], Scope.READ)
    return people


def address(name: str) -> str:
    """Where there is something: Bo's, whom nobody else's account knows."""
    bo = User.objects.get(username="bo")
    arguments: dict[str, list[Any]] = {
        **{name: [bo.pk] for name in OF_A_PERSON},
        "person": [bo.pk], "grant-role": [bo.pk], "reset-second-factor": [bo.pk],
        "revoke-role": [bo.pk, bo.memberships.get().pk], "revoke-token": [ApiToken.objects.get().pk],
        "end-session": ["0" * 16], "remove-filter": [1],
    }  # fmt: skip
    return reverse(name, args=arguments.get(name, []))


def browser(person: User, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(person)
    return client


def standing() -> list[int]:
    counts = (Membership, PersonSession)
    return [
        SecondFactor.objects.filter(removed_at=None).count(),
        ApiToken.objects.filter(revoked_at=None).count(),
        *(model.objects.count() for model in counts),
        Intake.objects.exclude(event=Event.ACCESS_DENIED).count(),
    ]


@pytest.mark.threat("T15")
def test_every_address_has_its_row() -> None:
    rooms = (portal.access.urls, portal.access.account.urls, portal.access.people.urls)
    patterns = [pattern for room in rooms for pattern in room.urlpatterns]
    assert {pattern.name for pattern in patterns if isinstance(pattern, URLPattern)} == NAMES


def test_nothing_without_signing_in(people: dict[str, User], client: Client) -> None:
    for name in NAMES - OPEN:
        for answer in (client.get(address(name)), client.post(address(name))):
            assert answer.status_code in (302, 405), name
            if answer.status_code == 302:
                assert answer["Location"].split("?")[0] == "/sign-in/", name


@pytest.mark.threat("T15")
@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("person", EVERYBODY)
def test_who_reads(people: dict[str, User], person: str) -> None:
    client = browser(people[person])
    for name, readers in READS.items():
        assert client.get(address(name)).status_code == (200 if person in readers else 403), name
    assert client.get(address("enrol"))["Location"] == "/account/"


@pytest.mark.threat("T17")
@pytest.mark.asvs("3.5.3")
def test_what_is_done_is_done_by_post_alone(people: dict[str, User]) -> None:
    client = browser(people["adm"])
    before = standing()
    for name in POSTS:
        assert client.get(address(name)).status_code == 405, name
    assert standing() == before


@pytest.mark.threat("T17")
@pytest.mark.asvs("3.5.1")
def test_a_form_of_another_site_does_nothing(people: dict[str, User]) -> None:
    client = browser(people["adm"], enforce_csrf_checks=True)
    before = standing()
    for name in NAMES - set(READS) - {"enrol"} | {"confirm"}:
        assert client.post(address(name)).status_code in (302, 403), name
    assert standing() == before


@pytest.mark.parametrize("person", ["ana", "aud"])
def test_who_is_no_administrator_changes_nobody(people: dict[str, User], person: str) -> None:
    client = browser(people[person])
    before = standing()
    for name in OF_ADMINISTRATORS:
        assert client.post(address(name), {"role": "approver"}).status_code == 403, name
    assert standing() == before


@pytest.mark.asvs("8.2.3")
@pytest.mark.threat("T15")
@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("person", EVERYBODY)
def test_nobody_reaches_into_the_account_of_somebody_else(people: dict[str, User], person: str) -> None:
    client = browser(people[person])
    before = standing()
    for name in ("revoke-token", "end-session"):
        assert client.post(address(name)).status_code == 409, name
    for name in NEED_PROOF:
        assert client.post(address(name))["Location"].startswith("/confirm/"), name
    assert standing() == before


def test_the_account_costs_few_queries(people: dict[str, User], django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        token_of(people["ana"])
        browser(people["ana"])
    client = browser(people["ana"])
    with django_assert_max_num_queries(8):
        client.get("/account/")
