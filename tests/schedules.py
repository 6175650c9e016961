"""Random schedules of all that can happen to a request between its making and the start of its run."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from django.db import transaction

from inventory.transport import Endpoint
from liveupdate.actions.approvals import approve, reject, withdraw_approval
from liveupdate.actions.delegations import Mandate as Given
from liveupdate.actions.delegations import delegate, end_delegation
from liveupdate.actions.emergencies import Urgency, close_emergency
from liveupdate.actions.periods import PeriodWish, remove_period, write_period
from liveupdate.actions.policy_versions import write_policy
from liveupdate.actions.quorum import recount
from liveupdate.actions.requests import Wish, create_request, edit_request, submit_request, withdraw_request
from liveupdate.actions.runs import start_run
from liveupdate.actions.standard_changes import (
    approve_standard_change,
    end_standard_change,
    write_standard_change,
)
from liveupdate.control.calendar import Kind
from liveupdate.engine import approval as gate
from liveupdate.models import Approval, Emergency, Plan, Request, Run, StandardChange
from liveupdate.states import RequestState, Verdict
from portal.access.actions import grant, revoke, set_active
from portal.access.factors import Factor
from portal.access.models import Team, User
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.lib.canonical import canonical_json, digest
from portal.lib.errors import PortalError
from tests.control import policy
from tests.integration.engine_world import NOWHERE, World, make_world, sh
from tests.schedule_book import OWNER, TEAM_APPROVERS, Book, Mandate, Terms

COMMAND = Actor.command("schedule")
PEOPLE = (*sorted(TEAM_APPROVERS), "wes", "sam")
VOICES = ("ivy", "joe", "ivy", "joe", "bo", "sam", "ann", "wes")
"""Who tries to approve, the likelier ones oftener."""
STEPS = 20
SLOWER = 100
"""How many seconds one of the portal's lasts."""
DAY = timedelta(days=1)


class Clock(datetime):
    """The clock of the portal, so many minutes ahead of the machine's when the schedule began.

    Otherwise it goes slowly: the book counts whole minutes, and a busy machine is no reason to be late.
    """

    begun = datetime.now().astimezone()
    minute = 0

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        """Later."""
        begun = cls.begun.astimezone(tz) if tz else cls.begun.astimezone().replace(tzinfo=None)
        return begun + timedelta(minutes=cls.minute) + (datetime.now().astimezone() - cls.begun) / SLOWER


@contextmanager
def own_clock() -> Iterator[None]:
    """The portal and its tables read `Clock`; the database's own clock stays."""
    Clock.begun, Clock.minute = datetime.now().astimezone(), 0
    with mock.patch("portal.lib.clock.datetime", Clock), mock.patch("django.utils.timezone.datetime", Clock):
        yield
    Clock.minute = 0


@dataclass
class Tally:
    """What many schedules came to."""

    schedules: int = 0
    happenings: int = 0
    decisions: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    starts: int = 0
    unapproved: int = 0
    kept: int = 0
    """Starts that were refused although our book lets them begin."""
    lasting: int = 0
    """Steps that cannot be undone, let through."""

    def __str__(self) -> str:
        refused = ", ".join(f"{code} {count}" for code, count in self.refusals.most_common())
        held = ", ".join(f"{code} {count}" for code, count in self.held.most_common())
        return (
            f"{self.schedules} schedules, {self.happenings} happenings, {self.decisions} decisions; "
            f"{self.starts} approved starts, {self.unapproved} unapproved, {self.kept} approved and refused, "
            f"{self.lasting} steps that cannot be undone let through\n"
            f"refused acts: {refused}\nrefused starts: {held}"
        )


@dataclass
class Scene:
    """A request, who is who, and our own book of it."""

    world: World
    people: dict[str, User]
    request: Request
    dice: random.Random
    tally: Tally
    book: Book = field(default_factory=Book)
    periods: dict[str, tuple[str, int]] = field(default_factory=dict)

    def person(self) -> tuple[str, User]:
        """Anybody, as the table has them now."""
        name = self.dice.choice(PEOPLE)
        return name, User.objects.get(pk=self.people[name].pk)

    def digest(self) -> str:
        """Of the plan that the request has now."""
        self.request.refresh_from_db()
        return self.request.plan.digest if self.request.plan else ""


def make_scene(seed: int, tally: Tally, lpar: Endpoint = NOWHERE, hmc: Endpoint = NOWHERE) -> Scene:
    """A company with a request that is handed in; its LPAR is one of production."""
    world = make_world(lpar, hmc)
    world.lpar.environment = "production"
    world.lpar.save()
    other = Team.objects.create(name="Webshop", slug="webshop")
    people = {"ann": world.requester, "ivy": world.approver}
    for name in ("bo", "joe", "wes", "sam", "adm"):
        people[name] = User.objects.create(username=name)
    ours = world.team
    for name, role, team in (
        *((name, Role.APPROVER, ours) for name in ("ann", "bo", "joe")),
        *((name, Role.REQUESTER, ours) for name in ("bo", "sam")),
        *(("wes", role, other) for role in (Role.APPROVER, Role.REQUESTER)),
        ("bo", Role.EMERGENCY, ours),
        ("adm", Role.ADMINISTRATOR, None),
    ):
        grant(people[name], role, team, by=COMMAND)
    request = create_request(people["ann"], world.lpar.pk, wish())
    scene = Scene(world, people, request, random.Random(seed), tally)
    give_plan(scene)
    for happening in scene.dice.choice(BEGINNINGS):
        attempt(scene, happening)
    attempt(scene, hands_in)
    return scene


def wish(reason: str = "security fixes") -> Wish:
    """A window that is open by the database's clock whatever `Clock` says."""
    moment = datetime.now().astimezone()
    times = {"starts_at": moment - timedelta(minutes=5), "ends_at": moment + 3 * DAY}
    return Wish("local_live_update", "nim01:/export/lpp", "7200-05-04-2220", (), reason, "", "", **times)


def give_plan(scene: Scene, word: str = "") -> None:
    """A plan of one harmless command that names it, as a worker would freeze it."""
    name = word or f"plan-{scene.dice.randrange(1 << 40):x}"
    document = canonical_json(scene.world.plan((sh("look", f"echo {name}"),)).document())
    request = Request.objects.get(pk=scene.request.pk)
    request.plan = Plan.objects.create(
        request=request, lpar=request.lpar, procedure=request.procedure, document=document.decode(),
        digest=digest(document), summary="", verdict=Verdict.READY, facts_read_at=request.created_at,
    )  # fmt: skip
    request.state = RequestState.PLANNED
    request.save()
    scene.request = request


def edits(scene: Scene) -> None:
    name, user = scene.person()
    scene.request.refresh_from_db()
    edit_request(user, scene.request.pk, scene.request.version, wish(f"again {scene.dice.random()}"))
    scene.book.void()
    scene.book.editors.add(name)
    give_plan(scene)


def hands_in(scene: Scene) -> None:
    submit_request(scene.people[OWNER], scene.request.pk, scene.digest())
    scene.book.hand_in(emergency=False)


def hands_in_as_an_emergency(scene: Scene) -> None:
    urgency = Urgency("INC-1", "it burns", scene.dice.choice(list(Factor)))
    submit_request(scene.people["bo"], scene.request.pk, scene.digest(), urgency)
    scene.book.hand_in(emergency=True)


def approves(scene: Scene) -> None:
    name = scene.dice.choice(VOICES)
    user, factor = User.objects.get(pk=scene.people[name].pk), scene.dice.choice(list(Factor))
    said = approve(user, scene.request.pk, scene.digest(), factor=factor)
    giver = next((who for who, one in scene.people.items() if one.pk == said.on_behalf_of_id), "")
    scene.book.approve(name, giver, factor.value)
    scene.tally.decisions += 1


def rejects(scene: Scene) -> None:
    reject(scene.person()[1], scene.request.pk, scene.digest(), "no")
    scene.book.rejected = True
    scene.tally.decisions += 1


def takes_back(scene: Scene) -> None:
    name, user = scene.person()
    withdraw_approval(user, scene.request.pk, "no")
    scene.book.approvals.pop(name, None)
    scene.tally.decisions += 1


def takes_the_request_back(scene: Scene) -> None:
    if scene.dice.random() < 0.05:
        withdraw_request(scene.people[OWNER], scene.request.pk, "no")
        scene.book.void()


def changes_role(scene: Scene) -> None:
    name, user = scene.person()
    book = scene.book
    if name in book.approvers:
        revoke(user, Role.APPROVER, scene.world.team, by=COMMAND)
    else:
        grant(user, Role.APPROVER, scene.world.team, by=COMMAND)
    book.approvers ^= {name}


def changes_account(scene: Scene) -> None:
    name, user = scene.person()
    set_active(user, name not in scene.book.active, by=COMMAND)
    scene.book.active ^= {name}


def delegates(scene: Scene) -> None:
    """Somebody lets another decide, in a while or at once, for 40 minutes, maybe for small risks only."""
    (giver, owner), (taker, other) = scene.person(), scene.person()
    later, low = scene.dice.choice([0, 0, 15]), scene.dice.random() < 0.3
    start = Clock.now().astimezone() + timedelta(minutes=later)
    length = timedelta(minutes=40)
    given = delegate(owner, other, Given(start, start + length, "low" if low else "high", "away"))
    starts = scene.book.minute + later
    scene.book.mandates[given.pk] = Mandate(giver, taker, starts, starts + 40, low)


def ends_a_delegation(scene: Scene) -> None:
    if scene.book.mandates:
        pk = scene.dice.choice(sorted(scene.book.mandates))
        mandate = scene.book.mandates[pk]
        end_delegation(scene.people[mandate.giver], pk)
        mandate.ends = min(mandate.ends, scene.book.minute)


def freezes(scene: Scene) -> None:
    """Writes a freeze that covers now, or takes it away."""
    _turn(scene, Kind.FREEZE, timedelta(hours=-1))


def sets_a_window(scene: Scene) -> None:
    """Lets work begin tomorrow only, or takes that away."""
    _turn(scene, Kind.WINDOW, DAY)


def _turn(scene: Scene, kind: Kind, begin: timedelta) -> None:
    admin = scene.people["adm"]
    if kind in scene.book.closed:
        remove_period(admin, *scene.periods.pop(kind), "over")
        scene.book.closed.discard(kind)
        return
    first = datetime.now().astimezone().replace(tzinfo=None, second=0, microsecond=0) + begin
    wanted = PeriodWish(kind, f"the {kind}", "UTC", first, first + timedelta(hours=10))
    row = write_period(admin, wanted, "year end")
    scene.periods[kind] = (row.uid, row.version)
    scene.book.closed.add(kind)


def writes_a_policy(scene: Scene) -> None:
    needed, expires = scene.dice.choice([1, 1, 2]), scene.dice.choice([0, 20])
    step_up = scene.dice.choice(["none", "none", "password"])
    text = policy(f"{needed} approver of the team", expires_s=expires * 60, step_up=step_up)
    write_policy(scene.people["adm"], text, "as it suits", Clock.now().astimezone())
    scene.book.policy = Terms(needed, step_up, expires)


def makes_a_standard_change(scene: Scene) -> None:
    """Writes a template, approves the one that waits, or ends the one that counts."""
    template = StandardChange.objects.filter(ended_at=None).first()
    if template is None:
        write_standard_change(scene.people[OWNER], scene.request.pk, "the usual")
    elif template.approved_by_id is None:
        approve_standard_change(scene.people["joe"], template.pk, template.digest)
        scene.book.template_counts = True
    else:
        end_standard_change(scene.people["ivy"], template.pk)
        scene.book.template_counts = False


def looks_back(scene: Scene) -> None:
    for emergency in Emergency.objects.filter(closed_at=None):
        close_emergency(scene.person()[1], emergency.pk, "it was one")


def time_passes(scene: Scene) -> None:
    scene.book.minute += scene.dice.randrange(5, 30)
    Clock.minute = scene.book.minute


def forges(scene: Scene) -> None:
    """Writes an approval into the database, as if ivy had given it."""
    scene.request.refresh_from_db()
    plan, ivy = scene.request.plan, scene.people["ivy"]
    if plan is not None and scene.request.state == RequestState.SUBMITTED:
        Approval.objects.create(
            plan=plan, person=ivy, decision="approve", digest=plan.digest, factor="password"
        )
        Request.objects.filter(pk=scene.request.pk).update(state=RequestState.APPROVED)


def falsifies(scene: Scene) -> None:
    """Writes another command into the approved plan."""
    if scene.dice.random() < 0.2 and scene.book.handed_in:
        plan = Plan.objects.get(pk=scene.request.plan_id)
        Plan.objects.filter(pk=plan.pk).update(document=plan.document.replace("echo ", "echo forged-"))
        scene.book.falsified = True


def counts_again(_: Scene) -> None:
    recount()


Happening = Callable[[Scene], None]
MEANWHILE: tuple[Happening, ...] = (
    *(changes_role, changes_account, ends_a_delegation, freezes, sets_a_window, time_passes, rejects),
    *(takes_back, makes_a_standard_change, falsifies, writes_a_policy),
)
"""What may come between the claim of a run and its first command."""
HAPPENINGS: tuple[Happening, ...] = (
    *(
        edits,
        edits,
        hands_in,
        hands_in,
        hands_in,
        hands_in_as_an_emergency,
        *[approves] * 9,
        rejects,
        takes_back,
    ),
    *(takes_the_request_back, changes_role, changes_account, delegates, delegates, ends_a_delegation),
    *(freezes, sets_a_window, writes_a_policy, *[makes_a_standard_change] * 2, looks_back),
    *(time_passes, time_passes, forges),
    *(falsifies, counts_again),
)


BEGINNINGS: tuple[tuple[Happening, ...], ...] = (
    (),
    (writes_a_policy,),
    (makes_a_standard_change, makes_a_standard_change),
)
"""What may have been before the request is handed in."""


def attempt(scene: Scene, happening: Happening) -> None:
    """Let something happen; what the portal refuses leaves portal and book as they were."""
    before = deepcopy(scene.book), dict(scene.periods)
    scene.tally.happenings += 1
    try:
        with transaction.atomic():
            happening(scene)
    except PortalError as refused:
        scene.book, scene.periods = before
        Clock.minute = scene.book.minute
        scene.tally.refusals[refused.code] += 1


def try_start(scene: Scene) -> None:
    """Start a run and let something happen before its first command; then all of it is taken back."""
    state = Request.objects.values_list("state", flat=True).get(pk=scene.request.pk)
    tally, before, periods = scene.tally, deepcopy(scene.book), dict(scene.periods)
    with transaction.atomic():
        try:
            run = start_run(scene.request.pk)
        except PortalError as refused:
            tally.held[refused.code] += 1
            tally.kept += scene.book.may_start and state == RequestState.APPROVED
        else:
            tally.unapproved += not scene.book.may_start
            _between_claim_and_start(scene, run)
        transaction.set_rollback(True)
    scene.book, scene.periods = before, periods
    Clock.minute = scene.book.minute


def _between_claim_and_start(scene: Scene, run: Run) -> None:
    tally = scene.tally
    for happening in scene.dice.sample(MEANWHILE, scene.dice.choice([0, 1, 2])):
        attempt(scene, happening)
    begins = not gate.refusal(run)
    lasting = begins and not gate.unconfirmed(run)[0]
    tally.starts += begins and scene.book.may_start
    tally.unapproved += begins and not scene.book.may_start
    tally.unapproved += lasting and not scene.book.carried
    tally.kept += not begins and scene.book.may_start
    tally.lasting += lasting


def play(count: int, first: int = 0, *, to_the_first: bool = False) -> Tally:
    """So many schedules, each taken back when it is over; or until something unapproved starts."""
    tally = Tally()
    for seed in range(first, first + count):
        with own_clock(), transaction.atomic():
            scene = make_scene(seed, tally)
            for _ in range(STEPS):
                attempt(scene, scene.dice.choice(HAPPENINGS))
                try_start(scene)
            tally.schedules += 1
            transaction.set_rollback(True)
        if to_the_first and tally.unapproved:
            break
    return tally
