"""The main job against machines that are not the lab: OpenSSH's sshd and other outputs."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from inventory.actions.facts import refresh_facts
from inventory.facts.base import ReadingState
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.engine.tape import stored_output
from liveupdate.models import Request, Run, RunCommand, RunEvent
from liveupdate.readiness.catalogue import assess
from liveupdate.states import RequestState, RunState
from liveupdate.subjects import subject_of_lpar
from portal.audit.actor import Actor
from portal.audit.sealer import seal_now
from portal.audit.verification.whole import verify_ledger
from tests.foreign.machine import description
from tests.foreign.world import World, world

pytestmark = [pytest.mark.openssh, pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

LPARS = {
    "aix73": {"name": "pay-app73.corp", "serial": "78B9876", "rollback_clone_disk": "hdisk30 hdisk31"},
    "aix72": {"name": "web.two", "serial": "21ABCDE", "rollback_clone_disk": "hdisk10"},
    "aix72_bare": {"name": "web-bare", "serial": "21ABCDE", "rollback_clone_disk": "hdisk10"},
}
CONSOLES = {"aix73": "hmc73", "aix72": "hmc72", "aix72_bare": "hmc72"}
WISHES: dict[str, tuple[str, ...]] = {
    "aix73": (
        "nim-3.corp:/export/aix73/7300-03-01",
        "7300-03-01-2520",
        "trusted_execution_off",
        "remove_ifixes",
    ),
    "aix72": ("10.20.30.40:/export/7200-05-04_full", "7200-05-04-2220"),
    "aix72_bare": ("/updates/7200-05-04", "7200-05-04-2220"),
}
Make = Callable[..., World]


@pytest.fixture
def make(tmp_path: Path, settings: Any) -> Iterator[Make]:
    """Starts the world of a machine's file, with changes to what the LPAR says."""
    settings.PORTAL_POLL_S, settings.PORTAL_WATCH_S = 0.1, 0.3
    with ExitStack() as stack:

        def started(name: str, **changes: Any) -> World:
            made = world(tmp_path, description(name, **changes), description(CONSOLES[name]), **LPARS[name])
            return stack.enter_context(made)

        yield started


def run_of(request: Request) -> Run:
    run = start_run(request.pk)
    execute(run.pk, "w1")
    return Run.objects.get(pk=run.pk)


def steps(run: Run) -> dict[str, str]:
    return {step.key: f"{step.state}: {step.message}" for step in run.steps.all()}


@pytest.mark.parametrize("name", LPARS)
def test_every_answer_is_understood(make: Make, name: str) -> None:
    made = make(name)
    facts = refresh_facts(made.lpar, Actor.command("test"))
    problems = {
        reading.command: reading.problem
        for reading in facts.readings.values()
        if reading.state is not ReadingState.OK
    }
    wanted = {"lssec -f /etc/nscontrol.conf -s tsddat -a secorder"} if name == "aix72_bare" else set()
    assert problems.keys() == wanted, problems
    findings = assess(subject_of_lpar(made.lpar, facts)).findings
    unknown = [f"{f.check.id}: {f.outcome.message}" for f in findings if f.state == "unknown"]
    assert len(unknown) == len(wanted), unknown


@pytest.mark.parametrize("name", LPARS)
def test_from_request_to_the_new_level(make: Make, name: str) -> None:
    made = make(name)
    media, level, *consents = WISHES[name]
    request = made.planned(media, level, *consents)
    assert request.state == RequestState.PLANNED, request.state_reason
    run = run_of(made.approved(request))
    assert run.state == RunState.SUCCEEDED, (run.outcome, run.reason, steps(run))
    assert run.level_after == level
    updates = [line for line in made.aix.commands() if "-Y" in line and "geninstall" in line]
    assert made.aix.state("updates").count("\n") == 1 and len(updates) == 1
    for command in run.commands.exclude(launch_key=""):
        _check_bytes(made, command)
    assert 1800 <= (run.blackout_ms or 0) <= 4000
    milestones = list(run.events.filter(kind=RunEvent.Kind.MILESTONE).values_list("data__id", flat=True))
    assert {"M03", "M20", "M21", "M27"} <= set(milestones), milestones
    seen = [str(event.data["lines"]) for event in run.events.filter(kind=RunEvent.Kind.HMC)]
    assert any("_lku0" in lines for lines in seen)
    seal_now()
    report = verify_ledger()
    assert report.ok, report.problems
    assert made.aix.state("hmc_password") not in str(list(run.commands.values()))


def _check_bytes(made: World, command: RunCommand) -> None:
    place = made.aix.root / "var/adm/ras/lu-portal" / command.launch_key
    for stream in ("stdout", "stderr"):
        recorded = b"".join(stored_output(command, stream))
        assert recorded == (place / stream).read_bytes(), (command.line, stream)
    assert command.status == int((place / "status").read_text())
