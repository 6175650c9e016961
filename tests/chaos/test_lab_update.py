"""The real plan on the lab, its worker killed where it hurts; the lab's truth log is the judge."""

from typing import Any

import pytest

from inventory.lab.estate import RunningLab
from liveupdate.engine.stored_output import stored_output
from liveupdate.models import Run, RunCommand, RunEvent
from liveupdate.states import RUN_TERMINAL, RunState
from tests.chaos.workers import Workers, wait_for


def milestone(run: Run, name: str) -> Any:
    return RunEvent.objects.filter(run=run, kind=RunEvent.Kind.MILESTONE, data__id=name).exists


def is_over(run: Run) -> bool:
    return Run.objects.get(pk=run.pk).state in RUN_TERMINAL | {RunState.NEEDS_PERSON}


@pytest.mark.deep
@pytest.mark.timeout(180)
@pytest.mark.parametrize("moment", ["M01", "M20"])
def test_the_update_survives_its_worker(moment: str, lab: RunningLab, run: Run, workers: Workers) -> None:
    first = workers.start()
    if moment == "M20":
        wait_for(milestone(run, "M19"))
        lab.speed(2)
    wait_for(milestone(run, moment))
    first.kill()
    workers.start()
    wait_for(lambda: Run.objects.get(pk=run.pk).epoch == 2)
    lab.speed(120)
    wait_for(lambda: is_over(run), 100)
    run.refresh_from_db()
    failed = [(s.key, s.state, s.message) for s in run.steps.exclude(state__in=["succeeded", "skipped"])]
    assert run.state in (RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE), (
        f"{run.reason} {run.outcome} {failed}"
    )
    assert (run.level_before, run.level_after) == ("7200-05-03-2148", lab.description["target_level"])
    assert run.blackout_ms
    updates = [one for one in lab.ran("pay01", "geninstall") if "-Y" in one["argv"]]
    assert len(updates) == 1
    for command in RunCommand.objects.filter(run=run).exclude(launch_key=""):
        files = lab.directory.glob(f"**/lu-portal/{command.launch_key}/stdout")
        assert b"".join(stored_output(command, "stdout")) == next(files).read_bytes()
