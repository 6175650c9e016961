"""The main job against machines that are not the lab: OpenSSH's sshd and other outputs."""

from collections.abc import Callable

import pytest

from inventory.actions.facts import stored_facts
from inventory.facts.base import ReadingState
from inventory.transport import Stream
from liveupdate.engine.stored_output import stored_output
from liveupdate.models import Run, RunCommand, RunEvent
from liveupdate.states import RequestState, RunState
from portal.audit.models import Intake
from portal.audit.sealer import seal_now
from portal.audit.verification.whole import verify_ledger
from tests.foreign.world import World

pytestmark = [pytest.mark.openssh, pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

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
NOT_THERE = {
    "aix72_bare": {
        "lsmcode -c",
        "lssec -f /etc/nscontrol.conf -s tsddat -a secorder",
        "/usr/bin/openssl s_client -connect 127.0.0.1:12443",
    }
}
NOT_SAID = {"aix73": {"RQ-029", "RQ-170", "RQ-171"}, "aix72": {"RQ-075", "RQ-170", "RQ-171"}}
NOT_SAID["aix72_bare"] = NOT_SAID["aix72"] | {"RQ-045", "RQ-048", "RQ-142"}
STREAMS: tuple[Stream, ...] = ("stdout", "stderr")
Make = Callable[..., World]


def not_understood(made: World) -> dict[str, str]:
    """The commands whose answers gave no value, and why."""
    read = stored_facts(made.lpar).readings.values()
    return {one.command: one.problem for one in read if one.state is not ReadingState.OK}


@pytest.mark.parametrize("name", WISHES)
def test_from_request_to_the_new_level(make: Make, name: str) -> None:
    made = make(name)
    media, level, *consents = WISHES[name]
    request = made.planned(media, level, *consents)
    assert request.state == RequestState.PLANNED, request.state_reason
    assert set(not_understood(made)) == NOT_THERE.get(name, set())
    unknown = {finding["id"] for finding in request.findings if finding["state"] == "unknown"}
    assert unknown == NOT_SAID[name]

    run = made.run(request)
    assert run.state == RunState.SUCCEEDED, (run.outcome, run.reason, made.steps(run))
    assert run.level_after == level
    assert made.aix.state("updates").count("\n") == 1
    for command in run.commands.exclude(launch_key=""):
        _check_bytes(made, command)
    assert 1800 <= (run.blackout_ms or 0) <= 20_000  # the machine stands still for two seconds
    milestones = list(run.events.filter(kind=RunEvent.Kind.MILESTONE).values_list("data__id", flat=True))
    assert {"M03", "M20", "M21", "M27"} <= set(milestones), milestones
    seen = [str(event.data["lines"]) for event in run.events.filter(kind=RunEvent.Kind.HMC)]
    assert any("_lku0" in lines for lines in seen)
    _nothing_is_left(made)
    seal_now()
    report = verify_ledger()
    assert report.ok, report.problems
    assert _everything_recorded(run).find(made.aix.state("hmc_password").encode()) == -1


def _nothing_is_left(made: World) -> None:
    """What the run switched off or brought is as it was before."""
    assert made.aix.state("te") == made.aix.state("te.on")
    assert not made.aix.state("session") and not made.aix.state("mounted")


def _everything_recorded(run: Run) -> bytes:
    outputs = [b"".join(stored_output(each, stream)) for each in run.commands.all() for stream in STREAMS]
    return b"".join(outputs) + b"".join(Intake.objects.values_list("content", flat=True))


def _check_bytes(made: World, command: RunCommand) -> None:
    place = made.aix.root / "var/adm/ras/lu-portal" / command.launch_key
    for stream in STREAMS:
        recorded = b"".join(stored_output(command, stream))
        assert recorded == (place / stream).read_bytes(), (command.line, stream)
    assert command.status == int((place / "status").read_text())
