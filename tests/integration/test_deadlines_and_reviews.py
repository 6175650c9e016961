"""Deadlines for faults and reviews of access: who may, what is refused, and what the ledger says of it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from inventory.compliance.severity import DAYS, Severity
from liveupdate.actions.access_reviews import review_access, roles_digest, roles_held
from liveupdate.actions.deadlines import MOST_DAYS, deadlines_at, write_deadlines
from liveupdate.models import AccessReview, DeadlineVersion
from portal.access.actions import grant, set_active
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.models import Intake
from portal.lib.canonical import digest_of
from portal.lib.clock import now, rfc3339
from portal.lib.errors import Conflict, Invalid, NotAllowed
from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db
STRICT = {severity.value: 7 for severity in Severity}


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def entered(event: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(bytes(Intake.objects.get(event=event).content))
    return document


def client_of(fleet: Fleet, person: str) -> Client:
    client = Client()
    client.force_login(fleet.people[person])
    return client


def test_other_deadlines_hold_from_now_on_and_not_before(fleet: Fleet) -> None:
    before = now()
    version = write_deadlines(fleet.adm, STRICT, "  The regulator asks for a week ")
    assert deadlines_at(before) == (dict(DAYS), 0)
    assert deadlines_at(now()) == (dict.fromkeys(Severity, 7), version.pk)
    document = entered("deadline.write")
    assert document["actor"]["id"] == fleet.adm.public_id
    assert document["d"] == {
        "version": version.pk, "days": STRICT, "reason": "The regulator asks for a week",
        "active_from": rfc3339(version.active_from),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("days", "reason", "code"),
    [
        (STRICT, " ", "reason_missing"),
        ({"critical": 7}, "why", "deadline_not_possible"),
        (STRICT | {"trivial": 7}, "why", "deadline_not_possible"),
        (STRICT | {"low": 0}, "why", "deadline_not_possible"),
        (STRICT | {"low": MOST_DAYS + 1}, "why", "deadline_not_possible"),
    ],
)
def test_deadlines_that_are_none_are_refused(
    fleet: Fleet, days: dict[str, int], reason: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        write_deadlines(fleet.adm, days, reason)
    assert refused.value.code == code
    assert not DeadlineVersion.objects.exists()
    assert not Intake.objects.filter(event="deadline.write").exists()


def test_the_longest_and_the_shortest_deadline_are_taken(fleet: Fleet) -> None:
    days = STRICT | {"critical": 1, "low": MOST_DAYS}
    assert write_deadlines(fleet.adm, days, "why").days == days


def test_nobody_but_an_administrator_sets_deadlines(fleet: Fleet) -> None:
    for person in ("ana", "ivy", "kim", "aud", "sam"):
        with pytest.raises(NotAllowed):
            write_deadlines(fleet.people[person], STRICT, "why")
        answer = client_of(fleet, person).post("/deadlines/", {**STRICT, "reason": "why"})
        assert answer.status_code == 403, person
    assert not DeadlineVersion.objects.exists()
    assert client_of(fleet, "adm").post("/deadlines/", {**STRICT, "reason": "why"}).status_code == 302
    assert DeadlineVersion.objects.get().author == fleet.adm


@pytest.mark.parametrize("reviewer", ["aud", "adm"])
def test_a_review_is_entered_with_the_digest_of_what_was_shown(fleet: Fleet, reviewer: str) -> None:
    page = client_of(fleet, reviewer).get("/access-reviews/")
    shown = page.context["digest"]
    rows = [
        [person.public_id, held.role, held.team.slug if held.team else ""]
        for person in fleet.people.values()
        for held in person.memberships.select_related("team")
    ]
    assert shown == digest_of(sorted(rows)), "over who holds which role where, and nothing else"
    sent = {"shown": shown, "conclusion": " All keep their roles "}
    assert client_of(fleet, reviewer).post("/access-reviews/", sent).status_code == 302
    review = AccessReview.objects.get()
    people = {person for person, _, _ in rows}
    assert (review.by, review.people) == (fleet.people[reviewer], len(people))
    document = entered("access.review")
    assert document["actor"]["id"] == fleet.people[reviewer].public_id
    assert document["d"] == {
        "review": review.pk, "roles_digest": shown, "people": len(people),
        "conclusion": "All keep their roles",
    }  # fmt: skip


def test_a_review_of_roles_that_changed_meanwhile_is_refused(fleet: Fleet) -> None:
    shown = roles_digest(roles_held())
    grant(fleet.sam, Role.REQUESTER, fleet.teams["Payroll"], by=fleet.adm)
    with pytest.raises(Conflict) as refused:
        review_access(fleet.aud, shown, "All keep their roles")
    assert refused.value.code == "changed_meanwhile"
    set_active(fleet.sam, False, by=Actor.command("test"))
    assert review_access(fleet.aud, shown, "Sam is out").roles_digest == shown, "who is out holds nothing"


def test_a_review_without_conclusion_or_role_is_refused(fleet: Fleet) -> None:
    shown = roles_digest(roles_held())
    with pytest.raises(Invalid) as refused:
        review_access(fleet.aud, shown, " \n")
    assert refused.value.code == "reason_missing"
    for person in ("ana", "ivy", "kim", "sam"):
        with pytest.raises(NotAllowed):
            review_access(fleet.people[person], shown, "All keep their roles")
        client = client_of(fleet, person)
        assert client.get("/access-reviews/").status_code == 403
        sent = {"shown": shown, "conclusion": "All keep their roles"}
        assert client.post("/access-reviews/", sent).status_code == 403
    assert not AccessReview.objects.exists()
    assert not Intake.objects.filter(event="access.review").exists()


def test_reviews_name_how_many_people_and_when(fleet: Fleet) -> None:
    begun = now()
    review = review_access(fleet.adm, roles_digest(roles_held()), "Fine")
    assert begun <= review.reviewed_at <= begun + timedelta(minutes=1)
    assert review.people == sum(bool(person.memberships.count()) for person in fleet.people.values())
