"""What looks see apart from runs: a change that no run explains is found, explained, closed by another."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Lpar
from liveupdate.actions.looks import look_at, named_lpar
from liveupdate.actions.outside_changes import close, explain, visible_outside_changes
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.models import OutsideChange, Run, SeenDay, Snapshot
from liveupdate.states import RunState
from portal.audit.actor import Actor
from portal.audit.models import Intake
from portal.audit.queries import document
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed
from tests.fleet import Fleet, make_fleet
from tests.lab_estate import import_lab
from tests.lab_ssh import session
from tests.outside import changed_outside, look

KERNEL = "IJ43869m3a.221014.AIX72TL05SP03.epkg.Z"


@pytest.fixture
def fleet(db: None) -> Fleet:
    return make_fleet()


def entered(prefix: str) -> list[dict[str, Any]]:
    return [document(row) for row in Intake.objects.filter(event__startswith=prefix).order_by("pk")]


def test_the_first_look_and_the_same_again_are_no_change(fleet: Fleet) -> None:
    look(fleet, "pay01")
    look(fleet, "pay01")
    assert (Snapshot.objects.count(), SeenDay.objects.count(), OutsideChange.objects.count()) == (1, 1, 0)
    assert [each["d"]["level_before"] for each in entered("target.")] == [""]


def test_a_look_that_could_not_read_has_seen_nothing(fleet: Fleet) -> None:
    look(fleet, "pay01", oslevel="ksh: oslevel: not found\n")
    assert not Snapshot.objects.exists() and not SeenDay.objects.exists()


def test_a_change_without_a_run_is_found_explained_and_closed_by_another(fleet: Fleet) -> None:
    change = changed_outside(fleet, "pay01")
    assert "Other level (7200-05-03-2148 → 7300-01-01-2246)" in change.why
    assert change.state == "open"
    with pytest.raises(NotAllowed, match="Nobody has explained it"):
        close(fleet.ivy, change.pk, "fine")
    with pytest.raises(Invalid, match="ticket"):
        explain(fleet.bo, change.pk, "by hand", " ")
    with pytest.raises(NotAllowed):
        explain(fleet.aud, change.pk, "by hand", "INC-9")
    with pytest.raises(Invalid, match="no such change"):
        explain(fleet.wes, change.pk, "by hand", "INC-9")
    explain(fleet.bo, change.pk, "by hand", "INC-9")
    with pytest.raises(NotAllowed, match="somebody else"):
        close(fleet.bo, change.pk, "fine")
    with pytest.raises(Invalid, match="what follows"):
        close(fleet.ivy, change.pk, "")
    close(fleet.ivy, change.pk, "The account of the vendor is taken away.")
    with pytest.raises(Conflict, match="closed already"):
        explain(fleet.bo, change.pk, "again", "INC-9")
    with pytest.raises(Conflict, match="closed already"):
        close(fleet.ivy, change.pk, "again")
    change.refresh_from_db()
    assert change.state == "closed"
    assert [(each["t"], each["actor"]["id"]) for each in entered("outside.")] == [
        ("outside.found", "w1"),
        ("outside.explain", fleet.bo.public_id),
        ("outside.close", fleet.ivy.public_id),
    ]


def test_a_run_that_was_under_way_explains_it_unless_it_left_another_level(fleet: Fleet) -> None:
    look(fleet, "pay01")
    run = fleet.queued()
    Run.objects.filter(pk=run.pk).update(
        started_at=now(), ended_at=now(), state=RunState.SUCCEEDED, level_after="7200-05-04-2220"
    )
    look(fleet, "pay01", oslevel="7200-05-04-2220\n")
    assert not OutsideChange.objects.exists()
    assert Snapshot.objects.last().run_id == run.pk
    look(fleet, "pay01", oslevel="7200-05-05-2246\n")
    assert OutsideChange.objects.get().before.level == "7200-05-04-2220"


def test_people_see_those_of_their_teams_and_act_on_the_page(fleet: Fleet, client: Client) -> None:
    change = changed_outside(fleet, "pay01")
    assert not visible_outside_changes(fleet.wes).exists()
    client.force_login(fleet.kim)
    page = client.get(change.get_absolute_url()).content.decode()
    assert "7300-01-01-2246" in page and 'id="explain"' in page and 'id="close"' not in page
    client.post(f"{change.get_absolute_url()}explain/", {"ticket": "INC-9", "explanation": "By hand."})
    assert "you explained it; somebody else" in client.get(change.get_absolute_url()).content.decode().lower()
    client.force_login(fleet.aud)
    client.post(f"{change.get_absolute_url()}close/", {"conclusion": "The vendor was told."})
    page = client.get(change.get_absolute_url()).content.decode()
    assert "INC-9" in page and "The vendor was told." in page
    assert "pay01" in client.get("/outside-changes/?state=closed").content.decode()
    assert "pay01" not in client.get("/outside-changes/?state=open").content.decode()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("outside") / "lab", speed=1500) as running:
        yield running


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
def test_what_is_installed_behind_the_portals_back_is_found_and_what_a_run_does_is_not(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
    estate = import_lab(lab)
    actor = Actor.worker("w1")
    for name in ("pay01", "web01"):
        look_at(named_lpar(name), actor)
    with session(lab, "web01") as lpar:
        assert lpar.run("mount nim01:/export/nim/lku-ifixes /mnt").status == 0
        assert lpar.run(f"emgr -e /mnt/{KERNEL}").status == 0
    look_at(named_lpar("web01"), actor)
    found = OutsideChange.objects.get()
    assert found.snapshot.lpar == Lpar.objects.get(host__name="web01")
    assert "interim fixes" in found.why

    run = start_run(estate.approved("pay01").pk)
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert run.level_after == lab.description["target_level"], run.outcome
    look_at(named_lpar("pay01"), actor)
    after = Snapshot.objects.filter(lpar__host__name="pay01").last()
    assert (after.level, after.run_id) == (run.level_after, run.pk)
    assert OutsideChange.objects.count() == 1
