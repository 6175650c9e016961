"""Who writes the tables of change control by hand is seen: each column that a decision rests on."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import models, transaction

from liveupdate.actions.delegations import Mandate, delegate, end_delegation
from liveupdate.actions.emergencies import Urgency, close_emergency
from liveupdate.actions.periods import PeriodWish, remove_period, write_period
from liveupdate.actions.policy_versions import write_policy
from liveupdate.actions.requests import submit_request
from liveupdate.actions.standard_changes import (
    approve_standard_change,
    end_standard_change,
    write_standard_change,
)
from liveupdate.control.calendar import Kind
from liveupdate.evidence import COMPARED
from liveupdate.models import (
    Delegation,
    Emergency,
    PolicyVersion,
    Request,
    StandardChange,
    StoredPeriod,
)
from portal.access.actions import grant, revoke, set_active
from portal.access.evidence import COMPARED as COMPARED_OF_ACCESS
from portal.access.factors import Factor
from portal.access.models import Membership, RecoveryCode, SecondFactor, User
from portal.access.roles import Role
from portal.access.second_factor.actions import remove_second_factor, take_code
from portal.audit.actor import Actor
from portal.audit.models import Intake
from portal.lib.clock import now
from tests.control import policy
from tests.fleet import CONSENTS, Fleet, make_fleet
from tests.second_factor import app_of

pytestmark = [pytest.mark.django_db, pytest.mark.threat("T31")]
DAY = timedelta(days=1)
BY_TEST = Actor.command("tests")


def emergency_of(fleet: Fleet, lpar: str, person: User) -> Emergency:
    request = fleet.planned(lpar, person.username, consents=CONSENTS if lpar == "pay02" else ())
    assert request.plan is not None
    urgency = Urgency(f"INC-{lpar}", "it burns", Factor.SECOND_FACTOR)
    submit_request(person, request.pk, request.plan.digest, urgency)
    return Emergency.objects.get(request=request)


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    """One of everything that an altered row could widen: one that holds, and one that is over."""
    fleet = make_fleet()
    write_policy(fleet.adm, policy("1 approver of the team"), "as it was", now())
    write_policy(fleet.adm, policy("2 approver of the team"), "stricter", now() + DAY)
    for taker in (fleet.sam, fleet.kim):
        given = delegate(fleet.ivy, taker, Mandate(now(), now() + 9 * DAY, "low", "away", ("test",)))
    end_delegation(fleet.ivy, given.pk)
    for title, consents in {"usual": CONSENTS, "over": CONSENTS[:1], "new": ()}.items():
        template = write_standard_change(fleet.ana, fleet.asked("pay02", consents=consents).pk, title)
        if title != "new":
            approve_standard_change(fleet.ivy, template.pk, template.digest)
        if title == "over":
            end_standard_change(fleet.ivy, template.pk)
    closed = emergency_of(fleet, "pay01", fleet.bo)
    close_emergency(fleet.ivy, closed.pk, "it was one")
    emergency_of(fleet, "pay02", fleet.bo)
    first = now().replace(tzinfo=None, second=0, microsecond=0)
    for kind in Kind:
        wish = PeriodWish(kind, f"a {kind}", "UTC", first, first + DAY)
        write_period(fleet.adm, wish, "year end")
        row = write_period(fleet.adm, PeriodWish(kind, f"old {kind}", "UTC", first, first + DAY), "year end")
        remove_period(fleet.adm, row.uid, row.version, "over")
    app = app_of(fleet.ivy)
    take_code(fleet.ivy, app.recovery_codes[0])
    app_of(fleet.kim)
    remove_second_factor(fleet.kim, by=fleet.kim)
    grant(fleet.sam, Role.APPROVER, fleet.teams["Payroll"], by=fleet.adm)
    revoke(fleet.sam, Role.APPROVER, fleet.teams["Payroll"], by=fleet.adm)
    grant(fleet.sam, Role.REQUESTER, fleet.teams["Payroll"], by=fleet.adm)
    set_active(fleet.wes, False, by=BY_TEST)
    assert problems() == []
    yield fleet


def problems() -> list[str]:
    """What the comparisons say of the tables as they are."""
    told: list[str] = []
    entries = [json.loads(bytes(row.content)) for row in Intake.objects.order_by("pk")]
    for kind in (*COMPARED, *COMPARED_OF_ACCESS):
        comparison: Any = kind()
        for entry in entries:
            if entry["t"] in {event.value for event in comparison.events}:
                comparison.see(None, entry)
        told += [str(problem.message) for problem in comparison.problems()]
    return told


def row_of(model: type[models.Model], which: dict[str, Any]) -> Callable[[], models.QuerySet[Any]]:
    return lambda: model._default_manager.filter(**which)


def user(name: str) -> User:
    return User.objects.get(username=name)


HELD, ENDED = {"ended_at": None}, {"ended_at__isnull": False}
ALTERED: list[tuple[type[models.Model], dict[str, Any], dict[str, Any]]] = [
    (PolicyVersion, {"reason": "stricter"}, {"document": "{}"}),
    (PolicyVersion, {"reason": "stricter"}, {"digest": "sha256:" + "0" * 64}),
    (PolicyVersion, {"reason": "stricter"}, {"active_from": now() + 99 * DAY}),
    (PolicyVersion, {"reason": "stricter"}, {"author": lambda: user("sam")}),
    (PolicyVersion, {"reason": "as it was"}, {"reason": "another"}),
    (Delegation, HELD, {"giver": lambda: user("bo")}),
    (Delegation, HELD, {"taker": lambda: user("ana")}),
    (Delegation, HELD, {"ends_at": now() + 99 * DAY}),
    (Delegation, HELD, {"starts_at": now() - 99 * DAY}),
    (Delegation, HELD, {"risk": "high"}),
    (Delegation, HELD, {"environments": []}),
    (Delegation, HELD, {"ended_at": now()}),
    (Delegation, ENDED, {"ended_at": None, "ended_by": None}),
    (Delegation, ENDED, {"ended_at": None}),
    (Delegation, ENDED, {"ended_at": now() + DAY}),
    (Delegation, ENDED, {"ended_by": lambda: user("sam")}),
    (StandardChange, {"title": "usual"}, {"document": "{}"}),
    (StandardChange, {"title": "usual"}, {"digest": "sha256:" + "0" * 64}),
    (StandardChange, {"title": "usual"}, {"approved_by": lambda: user("bo")}),
    (StandardChange, {"title": "usual"}, {"written_by": lambda: user("sam")}),
    (StandardChange, {"title": "usual"}, {"approved_by": None, "approved_at": None}),
    (StandardChange, {"title": "new"}, {"approved_by": lambda: user("ivy"), "approved_at": now()}),
    (StandardChange, {"title": "over"}, {"ended_by": None, "ended_at": None}),
    (StandardChange, {"title": "over"}, {"ended_at": None}),
    (Emergency, {"closed_at": None}, {"due_on": (now() + 99 * DAY).date()}),
    (Emergency, {"closed_at": None}, {"opened_by": lambda: user("sam")}),
    (Emergency, {"closed_at": None}, {"opened_at": now() - 99 * DAY}),
    (Emergency, {"closed_at": None}, {"incident": "INC-0"}),
    (Emergency, {"closed_at": None}, {"reason": "another"}),
    (Emergency, {"closed_at": None}, {"closed_at": now()}),
    (
        Emergency,
        {"closed_at": None},
        {"closed_at": now(), "closed_by": lambda: user("ivy"), "findings": "fine"},
    ),
    (Emergency, {"closed_at__isnull": False}, {"closed_at": None, "closed_by": None, "findings": ""}),
    (Emergency, {"closed_at__isnull": False}, {"findings": "nothing"}),
    (Emergency, {"closed_at__isnull": False}, {"closed_at": now() - 5 * DAY}),
    (Emergency, {"closed_at__isnull": False}, {"closed_by": lambda: user("sam")}),
    (Emergency, {"closed_at": None}, {"request": lambda: Request.objects.earliest("pk")}),
    (StoredPeriod, {"name": "a freeze"}, {"removed": True}),
    (StoredPeriod, {"name": "a freeze"}, {"minutes": 1}),
    (StoredPeriod, {"name": "a freeze"}, {"first": "2020-01-01T00:00"}),
    (StoredPeriod, {"name": "a freeze"}, {"zone": "Asia/Tokyo"}),
    (StoredPeriod, {"name": "a freeze"}, {"environment": "test"}),
    (StoredPeriod, {"name": "a freeze"}, {"kind": "window"}),
    (StoredPeriod, {"name": "a window"}, {"rule": "FREQ=DAILY"}),
    (StoredPeriod, {"name": "a window"}, {"written_by": lambda: user("sam")}),
    (StoredPeriod, {"name": "old freeze", "removed": True}, {"removed": False}),
    (SecondFactor, {"removed_at": None}, {"sealed_secret": "x"}),
    (SecondFactor, {"removed_at": None}, {"user": lambda: user("bo")}),
    (SecondFactor, {"removed_at": None}, {"removed_at": now()}),
    (SecondFactor, {"removed_at": None}, {"confirmed_at": None}),
    (SecondFactor, {"removed_at__isnull": False}, {"removed_at": None}),
    (RecoveryCode, {"used_at__isnull": False}, {"used_at": None}),
    (Membership, {"user__username": "sam"}, {"role": Role.APPROVER}),
    (Membership, {"user__username": "sam"}, {"team": None}),
    (Membership, {"user__username": "ivy", "team__name": "Webshop"}, {"user": lambda: user("ana")}),
    (Membership, {"user__username": "sam"}, {"granted_at": now() - 99 * DAY}),
    (Membership, {"user__username": "sam"}, {"granted_by": None}),
    (User, {"username": "wes"}, {"is_active": True}),
]


def test_every_altered_column_is_seen(fleet: Fleet) -> None:
    unseen = []
    for model, which, change in ALTERED:
        with transaction.atomic():
            rows = row_of(model, which)()
            pk = rows.values_list("pk", flat=True).first()
            assert pk is not None, (model, which)
            values = {name: value() if callable(value) else value for name, value in change.items()}
            model._default_manager.filter(pk=pk).update(**values)
            if not problems():
                unseen.append((model.__name__, which, sorted(change)))
            transaction.set_rollback(True)
    assert unseen == []
    assert problems() == []


def test_every_row_written_or_deleted_by_hand_is_seen(fleet: Fleet) -> None:
    deleted: list[type[models.Model]] = [
        PolicyVersion, Delegation, StandardChange, Emergency, StoredPeriod, Membership,
    ]  # fmt: skip
    for model in deleted:
        with transaction.atomic():
            row = model._default_manager.order_by("pk").last()
            assert row is not None
            row.delete()
            assert any("not there any more" in text for text in problems()), model
            transaction.set_rollback(True)
        with transaction.atomic():
            row = model._default_manager.order_by("pk").last()
            assert row is not None
            row.pk = None
            if isinstance(row, StoredPeriod):
                row.version += 1
            if isinstance(row, Membership):
                row.role = Role.AUDITOR
            row.save(force_insert=True)
            assert any("never entered" in text for text in problems()), model
            transaction.set_rollback(True)
    theirs = SecondFactor.objects.get(removed_at=None)
    SecondFactor.objects.create(user=fleet.bo, sealed_secret=theirs.sealed_secret, confirmed_at=now())
    assert [text for text in problems() if "Second factor" in text and "never entered" in text]
