"""Random schedules of everything that can happen to a request: nothing starts that nobody approved."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.db import transaction

from liveupdate.actions.approvals import approve, reject, withdraw_approval
from liveupdate.actions.quorum import recount
from liveupdate.actions.requests import create_request, edit_request, submit_request, withdraw_request
from liveupdate.actions.runs import start_run
from liveupdate.models import Plan, Request
from liveupdate.procedures import step as words
from liveupdate.states import RequestState
from portal.access.actions import grant, revoke, set_active
from portal.access.models import User
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.lib.canonical import canonical_json, digest
from portal.lib.errors import PortalError
from tests.integration.engine_world import NOWHERE, host_ref, sh
from tests.integration.test_requests_and_decisions import Cast, planned, wish

pytestmark = pytest.mark.django_db
COMMAND = Actor.command("schedule")
STEPS = 14


@dataclass
class World:
    """A request, and by our own book who has approved the plan as it stands."""

    cast: Cast
    request: Request
    dice: random.Random
    approved_by: set[str] = field(default_factory=set)
    edited_by: set[str] = field(default_factory=set)
    approvers: set[str] = field(default_factory=lambda: {"ana", "bo", "ivy"})
    active: set[str] = field(default_factory=lambda: {"ana", "bo", "ivy", "wes"})

    def person(self) -> tuple[str, User]:
        name = self.dice.choice(["ana", "bo", "ivy", "wes"])
        user = User.objects.get(username=name)
        return name, user

    def digest(self) -> str:
        self.request.refresh_from_db()
        return self.request.plan.digest if self.request.plan else ""

    def carried(self) -> bool:
        """Whether somebody's approval counts, by our book."""
        able = self.approved_by & self.approvers & self.active
        return bool(able - self.edited_by - {"ana"})


def edits(world: World) -> None:
    name, user = world.person()
    edit_request(user, world.request.pk, world.request.version, wish(reason=f"again {world.dice.random()}"))
    world.approved_by, world.edited_by = set(), world.edited_by | {name}
    world.request.refresh_from_db()
    plan(world.request, f"plan {world.dice.random()}")


def submits(world: World) -> None:
    submit_request(world.cast.ana, world.request.pk, world.digest())


def approves(world: World) -> None:
    name, user = world.person()
    approve(user, world.request.pk, world.digest())
    world.approved_by.add(name)


def rejects(world: World) -> None:
    reject(world.person()[1], world.request.pk, world.digest(), "no")
    world.approved_by = set()


def takes_back(world: World) -> None:
    name, user = world.person()
    withdraw_approval(user, world.request.pk, "no")
    world.approved_by.discard(name)


def withdraws(world: World) -> None:
    if world.dice.random() < 0.2:
        withdraw_request(world.cast.ana, world.request.pk, "no")
        world.approved_by = set()


def changes_role(world: World) -> None:
    name, user = world.person()
    if name in world.approvers:
        revoke(user, Role.APPROVER, world.cast.payroll, by=COMMAND)
        world.approvers.discard(name)
    else:
        grant(user, Role.APPROVER, world.cast.payroll, by=COMMAND)
        world.approvers.add(name)


def changes_account(world: World) -> None:
    name, user = world.person()
    set_active(user, name not in world.active, by=COMMAND)
    world.active ^= {name}


def counts_again(_: World) -> None:
    recount()


HAPPENINGS: tuple[Callable[[World], None], ...] = (
    *(edits, submits, submits, approves, approves, approves, rejects, takes_back, withdraws),
    *(changes_role, changes_account, counts_again),
)


def plan(request: Request, text: str) -> Request:
    """Give the request a plan of one command."""
    host = host_ref(NOWHERE)
    rendered = words.Plan(
        procedure=request.procedure,
        version=1,
        lpar={"name": "pay01", "partition": "pay01", "uuid": "U"},
        hosts={words.StepHost.LPAR: host, words.StepHost.HMC: host},
        parameters={},
        steps=(sh("look", f"echo {text}"),),
        restoration=(),
    )
    document = canonical_json(rendered.document())
    request = planned(request)
    row = request.plan
    assert row is not None
    Plan.objects.filter(pk=row.pk).update(document=document.decode(), digest=digest(document))
    return request


def starts(world: World) -> bool:
    """Whether a run starts now; it is taken back, so that the schedule goes on."""
    try:
        with transaction.atomic():
            start_run(world.request.pk)
            transaction.set_rollback(True)
    except PortalError:
        return False
    return True


def schedule(seed: int) -> tuple[int, int, int]:
    """Starts that were right, starts that nobody had approved, and refusals although it was approved."""
    dice = random.Random(seed)
    cast = Cast()
    request = plan(create_request(cast.ana, cast.lpar.pk, wish()), "the first")
    world = World(cast, request, dice)
    submits(world)
    right = wrong = kept = 0
    for _ in range(STEPS):
        try:
            with transaction.atomic():
                dice.choice(HAPPENINGS)(world)
        except PortalError:
            pass
        began = starts(world)
        world.request.refresh_from_db()
        right += began and world.carried()
        wrong += began and not world.carried()
        kept += not began and world.carried() and world.request.state == RequestState.APPROVED
    return right, wrong, kept


def run_schedules(count: int) -> tuple[int, int, int]:
    total = [0, 0, 0]
    for seed in range(count):
        with transaction.atomic():
            total = [sum(pair) for pair in zip(total, schedule(seed), strict=True)]
            transaction.set_rollback(True)
    right, wrong, kept = total
    print(f"{count} schedules: {right} approved starts, {wrong} unapproved, {kept} approved and refused")
    return right, wrong, kept


@pytest.mark.threat("T21")
@pytest.mark.asvs("15.4.2")
def test_a_sample_of_schedules() -> None:
    right, wrong, kept = run_schedules(8)
    assert right > 0
    assert (wrong, kept) == (0, 0)


@pytest.mark.threat("T21")
@pytest.mark.asvs("15.4.2")
@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_many_schedules(request: pytest.FixtureRequest) -> None:
    """`make schedules` plays the thousand that is promised."""
    count = int(request.config.getoption("--schedules"))
    right, wrong, kept = run_schedules(count)
    assert right > count // 2
    assert (wrong, kept) == (0, 0)
