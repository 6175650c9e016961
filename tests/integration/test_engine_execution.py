"""Executing plans against a real shell behind SSH."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from inventory.command import aix
from liveupdate.actions.looks import waiting_looks
from liveupdate.actions.runs import start_run
from liveupdate.engine import commands
from liveupdate.engine.commands import intend
from liveupdate.engine.execution import execute
from liveupdate.engine.stored_output import stored_output
from liveupdate.models import Run, RunCommand, RunEvent, RunStep
from liveupdate.procedures import step as words
from liveupdate.states import RequestState, RunState, StepState
from portal.audit.chunks import load_chunk
from portal.audit.models import Intake
from portal.lib.canonical import digest
from tests.integration.engine_world import World, make_world, sh
from tests.ssh_server import Server, in_process_server

ONCE = words.StepKind.ONCE
IDEMPOTENT = words.StepKind.IDEMPOTENT
RESTORE = words.Phase.RESTORE


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with in_process_server(tmp_path / "host") as running:
        yield running


@pytest.fixture
def world(transactional_db: None, server: Server, settings: Any) -> World:
    settings.PORTAL_LAUNCHER_DIR = str(server.directory / "launcher")
    settings.PORTAL_POLL_S = 0.05
    settings.PORTAL_WATCH_S = 0.2
    endpoint = server.endpoint()
    return make_world(endpoint, server.endpoint(name="hmc01"))


def run_plan(world: World, *steps: words.Step, restoration: tuple[words.Step, ...] = (), **more: Any) -> Run:
    run = start_run(world.approved(world.plan(steps, restoration, **more)).pk)
    execute(run.pk, "w1")
    return Run.objects.get(pk=run.pk)


def states(run: Run) -> dict[str, str]:
    return dict(RunStep.objects.filter(run=run).values_list("key", "state"))


def output(command: RunCommand) -> bytes:
    return b"".join(stored_output(command, "stdout"))


def entries(run: Run) -> list[dict[str, Any]]:
    rows = Intake.objects.filter(run=run.pk).order_by("rs")
    return [json.loads(bytes(row.content)) for row in rows]


def test_a_plan_of_reads_succeeds_and_everything_is_recorded(world: World) -> None:
    level = words.Run(sh("x", "true").action.command)  # type: ignore[union-attr]
    run = run_plan(world, sh("a", "echo one; echo two >&2"), sh("b", "printf three"))
    assert (run.state, run.owner, run.request.state) == (RunState.SUCCEEDED, "", RequestState.FINISHED)
    assert states(run) == {"a": "succeeded", "b": "succeeded"}
    first, second = run.commands.all()
    assert (first.status, output(first), first.stdout_bytes, first.stderr_bytes) == (
        0,
        b"one\ntwo\n"[:4],
        4,
        4,
    )
    assert second.stdout_digest == digest(b"three")
    kinds = [entry["t"] for entry in entries(run)]
    assert kinds == [
        "run.queue", "run.claim", "run.start",
        "step.start", "cmd.intent", "cmd.out", "cmd.out", "cmd.end", "step.end",
        "step.start", "cmd.intent", "cmd.out", "cmd.end", "step.end",
        "run.start", "run.end",
    ]  # fmt: skip
    assert [entry["rs"] for entry in entries(run)] == list(range(1, len(kinds) + 1))
    out = next(entry for entry in entries(run) if entry["t"] == "cmd.out")
    assert b"".join(load_chunk(name) for name in out["d"]["chunks"]) == b"one\n"
    assert level
    told = RunEvent.objects.filter(run=run, kind=RunEvent.Kind.STATE).values_list("data__state", flat=True)
    assert list(told) == ["queued", "running", "restoring", "succeeded"]


@pytest.mark.threat("T21")
def test_the_intent_holds_exactly_what_is_sent_and_is_durable_before(world: World, server: Server) -> None:
    run = run_plan(world, sh("a", "echo 'a b' \"$HOME\" \\$x"))
    intent = next(entry for entry in entries(run) if entry["t"] == "cmd.intent")
    assert server.commands[0] == intent["d"]["wire"]
    assert intent["d"]["host"]["host_key"] == world.endpoint.host_key
    assert intent["sub"]["plan"] == run.plan.digest
    assert "credential" not in intent["d"]["host"]


def test_failure_restores_only_what_was_begun_and_ends_failed(world: World) -> None:
    run = run_plan(
        world,
        sh("off-1", "touch one", kind=IDEMPOTENT),
        sh("gate", "echo no; exit 3"),
        sh("off-2", "touch two", kind=IDEMPOTENT),
        restoration=(
            sh("on-2", "rm two", kind=IDEMPOTENT, phase=RESTORE, undoes="off-2"),
            sh("on-1", "rm one", kind=IDEMPOTENT, phase=RESTORE, undoes="off-1"),
        ),
    )
    assert run.state == RunState.FAILED
    assert states(run) == {
        "off-1": "succeeded", "gate": "failed", "off-2": "skipped", "on-2": "skipped", "on-1": "succeeded",
    }  # fmt: skip
    assert run.outcome == "gate: It ended with exit status 3, expected was 0. Its last line: no"


def test_a_step_that_may_fail_leaves_residue(world: World) -> None:
    run = run_plan(
        world,
        sh("stale", "echo libc.a; exit 1", on_failure=words.OnFailure.CONTINUE),
        sh("next", "true"),
    )
    assert run.state == RunState.SUCCEEDED_WITH_RESIDUE
    assert "stale" in run.outcome
    assert states(run)["next"] == "succeeded"


def test_restoration_that_fails_goes_on_and_is_said(world: World) -> None:
    run = run_plan(
        world,
        sh("off", "true", kind=IDEMPOTENT),
        restoration=(
            sh("on", "exit 1", phase=RESTORE, undoes="off", on_failure=words.OnFailure.CONTINUE),
            sh("last", "true", phase=RESTORE),
        ),
    )
    assert run.state == RunState.SUCCEEDED_WITH_RESIDUE
    assert states(run) == {"off": "succeeded", "on": "failed", "last": "succeeded"}


def test_nothing_is_taken_back_behind_a_restoration_that_must_succeed(world: World) -> None:
    run = run_plan(
        world,
        sh("off", "true", kind=IDEMPOTENT),
        restoration=(
            sh("at_rest", "exit 1", phase=RESTORE, undoes="off"),
            sh("on", "true", phase=RESTORE, undoes="off"),
        ),
    )
    assert run.state == RunState.NEEDS_PERSON
    assert run.reason.startswith("at_rest: ")
    assert states(run) == {"off": "succeeded", "at_rest": "failed", "on": "pending"}


def test_an_output_must_repeat_an_earlier_one(world: World, server: Server) -> None:
    (server.directory / "tunables").write_text("b 2\na 1\n")
    same = words.Expect(equals_saved="before")
    run = run_plan(
        world,
        sh("before", "cat tunables"),
        sh("change", "echo c 3 >> tunables", kind=IDEMPOTENT),
        sh("after", "cat tunables", expect=same),
    )
    assert run.state == RunState.FAILED
    assert run.outcome == "after: It differs from before: new 'c 3'."


def test_files_are_written_as_the_plan_says(world: World, server: Server) -> None:
    path = server.directory / "lvupdate.data"
    write = words.WriteFile(str(path), "general:\n\tkext_check = no\n", "0640")
    run = run_plan(world, sh("write", "", action=write, kind=IDEMPOTENT))
    assert run.state == RunState.SUCCEEDED
    assert path.read_text() == "general:\n\tkext_check = no\n"
    assert path.stat().st_mode & 0o777 == 0o640
    line = run.commands.get().line
    assert digest(write.content.encode()) in line


@pytest.mark.threat("T8", "T9")
def test_a_prompt_is_answered_and_the_secret_stands_nowhere(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inventory.models import Credential

    canary = "kanari-7vogel"
    monkeypatch.setenv("TEST_HMC_PASSWORD", canary)
    Credential.objects.create(name="hmc-client", reference="env:TEST_HMC_PASSWORD")
    script = 'printf "Enter HMC password: "; read -r p; echo; echo "got $p"'
    answer = words.Answer(sh("x", script).action.command, (words.Prompt("password: $", "hmc-client"),))  # type: ignore[union-attr]
    run = run_plan(world, sh("auth", "", action=answer, kind=IDEMPOTENT))
    assert run.state == RunState.SUCCEEDED, run.reason
    said = output(run.commands.get())
    assert b"got " in said
    for entry in entries(run):
        assert canary not in json.dumps(entry)
    assert canary.encode() not in said


def test_a_once_step_runs_through_the_launcher_with_all_of_its_output(world: World, server: Server) -> None:
    script = (
        "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; echo bad >&2; echo x >> ran; exit 4"
    )
    expect = words.Expect(statuses=(4,))
    run = run_plan(world, sh("update", script, kind=ONCE, expect=expect))
    assert run.state == RunState.SUCCEEDED, run.reason
    command = run.commands.get()
    assert (command.state, command.status) == (RunCommand.State.ENDED, 4)
    files = server.directory / "launcher" / command.launch_key
    assert output(command) == (files / "stdout").read_bytes()
    assert command.stdout_digest == digest((files / "stdout").read_bytes())
    assert b"".join(stored_output(command, "stderr")) == b"bad\n"
    assert (server.directory / "ran").read_text() == "x\n"
    assert "cmd.start" in [entry["t"] for entry in entries(run)]


LIVE_UPDATE = r"""
echo 'The live update preview succeeded.'
echo 'Non-interruptable live update operation begins in 10 seconds.'
sleep 0.3
printf '....\n\tBlackout Time started.\n'; sleep 0.5; printf '\tBlackout Time end.\n'
echo '....The live update operation succeeded.'
"""


def live_update(script: str, **more: Any) -> words.Step:
    expect = words.Expect(has=(r"live update operation succeeded\.",), lacks=("1430-045",))
    values = {"kind": ONCE, "live_update": True, "reversible": False, "expect": expect, **more}
    return sh("update", script, phase=words.Phase.UPDATE, **values)


def test_milestones_and_blackout_are_kept_and_the_hmc_is_watched(world: World) -> None:
    watch = sh("w", "echo pay01,26,Running,active").action.command  # type: ignore[union-attr]
    run = run_plan(world, live_update(LIVE_UPDATE), watch=watch)
    assert run.state == RunState.SUCCEEDED, run.outcome
    assert run.point_of_no_return_at and run.blackout_started_at and run.blackout_ended_at
    assert 400 <= (run.blackout_ms or 0) <= 900
    seen = RunEvent.objects.filter(run=run, kind=RunEvent.Kind.MILESTONE).values_list("data__id", flat=True)
    assert list(seen) == ["M02", "M03", "M20", "M21", "M27"]
    looks = RunEvent.objects.filter(run=run, kind=RunEvent.Kind.HMC)
    assert looks[0].data["lines"] == ["pay01,26,Running,active"]
    assert run.commands.filter(watch=True).count() >= 2


def test_original_and_surrogate_that_stay_together_are_alarmed_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveupdate.lpar.hmc_sight.LONGEST_TOGETHER", timedelta(0))
    both = "echo pay01_lku0,26,Running,active; echo pay01,27,Running,active"
    script = f"{LIVE_UPDATE}\nsleep 1\n"
    run = run_plan(world, live_update(script), watch=sh("w", both).action.command)  # type: ignore[union-attr]
    assert run.commands.filter(watch=True).count() >= 2
    assert [entry["d"]["why"][:19] for entry in entries(run) if entry["t"] == "run.alarm"] == [
        "The workload moved "
    ]


def test_the_blackout_is_as_long_as_aix_prints_it(world: World, server: Server) -> None:
    published = Path(__file__).parents[1] / "data" / "milestones" / "rehearsal_73.txt"
    expect = words.Expect(has=(r"Live AIX update completed in ",))
    run = run_plan(world, live_update(f"cat {published}", expect=expect))
    assert (run.state, run.blackout_ms) == (RunState.SUCCEEDED, 21_000)


def test_the_hmc_is_seen_once_more_after_the_update(world: World, settings: Any) -> None:
    settings.PORTAL_WATCH_S = 60
    watch = sh("w", "cat ended 2>/dev/null || echo under way").action.command  # type: ignore[union-attr]
    run = run_plan(world, live_update(LIVE_UPDATE + "echo all is over > ended\n"), watch=watch)
    looks = RunEvent.objects.filter(run=run, kind=RunEvent.Kind.HMC).order_by("id")
    assert [look.data["lines"] for look in looks] == [["under way"], ["all is over"]]


def test_an_lpar_is_looked_at_again_after_its_run(world: World) -> None:
    run_plan(world, sh("a", "true"))
    assert waiting_looks() == [world.lpar.pk]


def test_status_0_without_the_sentence_is_no_success(world: World) -> None:
    run = run_plan(world, live_update("echo 'Live AIX update is starting.'"))
    assert run.state == RunState.FAILED


def test_levels_are_kept(world: World, server: Server) -> None:
    oslevel = server.directory / "oslevel"
    oslevel.write_text("#!/bin/sh\ncat level\n")
    oslevel.chmod(0o755)
    (server.directory / "level").write_text("7200-05-03-2148\n")
    from inventory.command import Command

    ask = words.Run(Command((str(oslevel), "-s")))
    run = run_plan(
        world,
        sh("before", "", action=ask),
        sh("update", "echo 7200-05-04-2220 > level", kind=ONCE, phase=words.Phase.UPDATE),
        sh("after", "", action=ask, phase=words.Phase.VERIFY),
    )
    assert (run.level_before, run.level_after) == ("7200-05-03-2148", "7200-05-04-2220")


OLD, NEW = "7200-05-03-2148", "7200-05-04-2220"
KERNEL = "Jan 01 2022\n12:00:00\n{0}\n@(#) _kdb_buildinfo unix_64 Jan 01 2022 12:00:00 {0}\n"


@pytest.mark.parametrize(
    ("level", "kernel", "said"),
    [
        (NEW, "2148A_72T", "The updates are installed but not active: the disk holds 7200-05-04-2220"),
        (NEW, "2218B_72X", "The updates are installed and active: 7200-05-04-2220, kernel 2218B_72X."),
        (OLD, "2148A_72T", "The level is unchanged: 7200-05-03-2148."),
    ],
)
def test_what_a_failed_update_has_left_is_said(
    world: World, server: Server, level: str, kernel: str, said: str
) -> None:
    tools = server.directory / "tools"
    tools.mkdir()
    (tools / "oslevel").write_text("#!/bin/sh\nexec /bin/cat level\n")
    (tools / "cat").write_text(
        '#!/bin/sh\n[ "$1" = /proc/version ] && shift && set kernel\nexec /bin/cat "$@"\n'
    )
    for tool in tools.iterdir():
        tool.chmod(0o755)
    server.path = f"{tools}:{server.path}"
    (server.directory / "level").write_text(f"{OLD}\n")
    (server.directory / "kernel").write_text(KERNEL.format("2148A_72T"))
    (server.directory / "new").write_text(KERNEL.format(kernel))
    look, kernel_now = words.Run(aix("oslevel", "-s")), words.Run(aix("cat", "/proc/version"))
    left: dict[str, Any] = {"phase": RESTORE, "undoes": "update", "on_failure": words.OnFailure.CONTINUE}
    run = run_plan(
        world,
        sh("before", "", action=look),
        sh("kernel", "", action=kernel_now),
        live_update(
            f"echo {level} > level; mv new kernel; echo 1430-045 The Live Update operation failed.; exit 1"
        ),
        restoration=(
            sh("level_left", "", action=look, **left),
            sh("kernel_left", "", action=kernel_now, **left),
        ),
    )
    assert run.state == RunState.FAILED
    assert said in run.outcome
    assert (run.level_after, run.kernel_before, run.kernel_after) == (level, "2148A_72T", kernel)


@pytest.mark.threat("T21")
@pytest.mark.asvs("16.5.3")
def test_a_plan_whose_text_was_altered_is_refused(world: World, server: Server) -> None:
    run = start_run(world.approved(world.plan([sh("a", "true")])).pk)
    plan = run.plan
    plan.document = plan.document.replace('"true"', '"false"')
    plan.save()
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert run.state == RunState.REFUSED
    assert "not the text that was approved" in run.outcome
    assert server.commands == []


def test_a_withdrawn_approval_stops_the_run_before_what_cannot_be_undone(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = world.approved(
        world.plan([sh("a", "echo a >> ran", kind=IDEMPOTENT), live_update("echo b >> ran")])
    )
    run = start_run(request.pk)
    from portal.access.models import Membership

    def lose_role(*arguments: Any, **more: Any) -> RunCommand:
        Membership.objects.filter(user=world.approver).delete()
        return intend(*arguments, **more)

    monkeypatch.setattr(commands, "intend", lose_role)
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert run.state == RunState.ABORTED
    assert (server.directory / "ran").read_text() == "a\n"
    assert states(run) == {"a": StepState.SUCCEEDED, "update": StepState.SKIPPED}


def test_a_look_with_patience_is_repeated_until_it_is_met(world: World, server: Server) -> None:
    script = "echo look >> looks; sed -n '$=' looks"
    third = words.Expect(has=("^3$",))
    run = run_plan(world, sh("wait", script, patience_s=60, expect=third), sh("next", "echo done"))
    assert run.state == RunState.SUCCEEDED
    looks = list(RunCommand.objects.filter(run=run, step__key="wait").order_by("number"))
    assert [output(look) for look in looks] == [b"1\n", b"2\n", b"3\n"]
    assert {look.state for look in looks} == {RunCommand.State.ENDED}


def test_patience_is_longer_than_the_time_limit_of_each_look(world: World) -> None:
    script = "echo look >> looks; sed -n '$=' looks"
    step = sh("wait", script, deadline_s=1, patience_s=60, expect=words.Expect(has=("^3$",)))
    run = run_plan(world, step)
    assert run.state == RunState.SUCCEEDED, run.reason
    assert RunCommand.objects.filter(run=run, step__key="wait").count() == 3


def test_patience_ends_and_the_last_look_decides(world: World) -> None:
    step = sh("wait", "echo no", patience_s=1, expect=words.Expect(has=("yes",)))
    run = run_plan(world, step)
    assert run.state == RunState.FAILED and "does not say 'yes'" in run.outcome
    assert RunCommand.objects.filter(run=run, step__key="wait").count() > 1
