"""Leftovers from look to look and from runs, what people do with them; and requests that a state refuses."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from inventory.models import Lpar
from liveupdate.actions.leftovers import close_leftover, take_leftover
from liveupdate.lpar.residue import LeftoverKind, Residue
from liveupdate.models import Leftover, RunStep
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.records.leftovers import GONE, note_look
from liveupdate.states import LparState, RunState, StepState
from liveupdate.transitions import enter_state
from portal.audit.models import Intake
from portal.lib.errors import Conflict, Invalid, NotAllowed
from tests.fleet import Fleet, make_fleet
from tests.run_story import Story

pytestmark = pytest.mark.django_db
DISK = Residue(LeftoverKind.LVUP_ROOTVG, "hdisk2 holds lvup_rootvg.", "hdisk2")


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def events() -> list[str]:
    found = Intake.objects.filter(event__startswith="leftover").order_by("id")
    return list(found.values_list("event", flat=True))


def test_a_look_opens_keeps_and_closes(fleet: Fleet) -> None:
    lpar = fleet.lpars["pay01"]
    note_look(lpar, [DISK])
    first = Leftover.objects.get()
    assert (first.closed_at, first.due_on) == (None, localdate() + timedelta(days=14))
    note_look(lpar, [DISK, Residue(LeftoverKind.STALE_LIBRARIES, "They have to be started again: cron.")])
    note_look(lpar, [Residue(LeftoverKind.STALE_LIBRARIES, "They have to be started again: inetd.")])
    first.refresh_from_db()
    assert (first.closed_reason, first.closed_by) == (GONE, None)
    assert Leftover.objects.get(closed_at=None).text.endswith("inetd.")
    assert events() == ["leftover.open", "leftover.open", "leftover.close"]


def test_a_run_names_what_it_did_not_take_back(fleet: Fleet) -> None:
    run = Story(fleet.queued("pay01")).begin().up_to_update().run
    restoration = RunStep.objects.filter(run=run, part="restoration")
    restoration.update(state=StepState.SUCCEEDED)
    undone = restoration[0]
    RunStep.objects.filter(pk=undone.pk).update(state=StepState.FAILED, message="no answer")
    run.refresh_from_db()
    enter_state(run, RunState.RESTORING)
    enter_state(run, RunState.FAILED, outcome="It failed.")
    left = Leftover.objects.get()
    assert (left.kind, left.run, left.owner) == (LeftoverKind.UNRESTORED, run, run.request.requester)
    assert left.text == f"{undone.title}: no answer"


def test_people_take_and_close(fleet: Fleet) -> None:
    note_look(fleet.lpars["pay01"], [DISK])
    pk = Leftover.objects.get().pk
    people = fleet.people
    with pytest.raises(NotAllowed):
        close_leftover(people["ivy"], pk, "gone")
    with pytest.raises(Invalid, match="no such leftover"):
        close_leftover(people["wes"], pk, "gone")
    with pytest.raises(Invalid, match="cannot be due"):
        take_leftover(people["kim"], pk, localdate() - timedelta(days=1), "tomorrow")
    take_leftover(people["kim"], pk, localdate() + timedelta(days=3), "storage team asked")
    left = Leftover.objects.get()
    assert (left.owner, left.due_on) == (people["kim"], localdate() + timedelta(days=3))
    with pytest.raises(Invalid, match="reason"):
        close_leftover(people["kim"], pk, " ")
    close_leftover(people["kim"], pk, "removed with clvupdate -v")
    with pytest.raises(Conflict):
        close_leftover(people["kim"], pk, "again")
    assert events() == ["leftover.open", "leftover.take", "leftover.close"]


@pytest.mark.parametrize("state", ["failed_dirty", "failed_dirty_rebooted", "moved_dirty", "updating"])
def test_a_request_that_the_state_forbids_is_refused(fleet: Fleet, state: str) -> None:
    lpar = fleet.lpars["pay01"]
    Lpar.objects.filter(pk=lpar.pk).update(update_state=state)
    with pytest.raises(Invalid) as refused:
        fleet.asked("pay01")
    assert refused.value.code == "wrong_state"
    assert "clean up first" in refused.value.message.lower() or "Nothing else" in refused.value.message
    assert LparState(state) in PROCEDURES["collect_logs"].states


def test_a_state_that_is_not_known_is_looked_at_when_planning(fleet: Fleet) -> None:
    lpar = fleet.lpars["pay01"]
    Lpar.objects.filter(pk=lpar.pk).update(update_state="unknown")
    assert fleet.asked("pay01").pk
