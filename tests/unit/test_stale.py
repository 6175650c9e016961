"""Whose the processes on replaced libraries are, and the plan that starts them again."""

from typing import Any

import pytest

from liveupdate.engine.judge import Outcome, judge
from liveupdate.lpar.before import Before, lines_there
from liveupdate.lpar.stale import StaleOwner, stale_of
from liveupdate.lpar.subject import ListedAgent, Subject
from liveupdate.procedures.catalogue import CannotPlan, render, summary
from liveupdate.procedures.step import Expect, OnFailure, Phase, Plan, Run, Step, StepKind
from tests.golden_plans import assert_golden
from tests.unit.plan_subject import SRC_HEAD, hosts, subject

GENLD = "".join(
    f"Proc_pid: {pid}   Proc_name: {name}\n"
    for pid, name in [
        (3473882, "srcmstr"),
        (4260142, "portmap"),
        (4456730, "syslogd"),
        (5964132, "sshd"),
        (7274980, "sshd"),
        (7274981, "ksh"),
        (6100000, "secldapclntd"),
        (8257970, "cron"),
        (7995818, "errdemon"),
        (9110122, "paysrv"),
        (6100001, "helper"),
        (4242, "ghost"),
    ]
)
PS = "     UID      PID     PPID   C    STIME    TTY  TIME CMD\n" + "".join(
    f"{user:>8} {pid:>8} {ppid:>8}   0   Oct 02      -  0:00 {command}\n"
    for user, pid, ppid, command in [
        ("root", 3473882, 1, "/usr/sbin/srcmstr"),
        ("root", 4260142, 3473882, "/usr/sbin/portmap"),
        ("root", 4456730, 3473882, "/usr/sbin/syslogd"),
        ("root", 5964132, 3473882, "/usr/sbin/sshd"),
        ("root", 7274980, 5964132, "sshd: root@pts/0"),
        ("root", 7274981, 7274980, "-ksh"),
        ("root", 6100000, 3473882, "/usr/sbin/secldapclntd"),
        ("root", 6100001, 6100000, "/usr/sbin/helper"),
        ("root", 8257970, 1, "/usr/sbin/cron"),
        ("root", 7995818, 1, "/usr/lib/errdemon"),
        ("payroll", 9110122, 1, "/opt/payroll/bin/paysrv -p 7001"),
    ]
)
LSSRC = SRC_HEAD + "".join(
    f" {name:<17}{group:<17}{pid:<13}active\n"
    for name, group, pid in [
        ("portmap", "portmap", 4260142),
        ("syslogd", "ras", 4456730),
        ("sshd", "ssh", 5964132),
        ("secldapclntd", "ldap", 6100000),
    ]
)
STALE: dict[str, str | None] = {"stale_libraries": GENLD, "processes": PS, "lssrc": LSSRC}


def plan(**more: Any) -> Plan:
    return render("restart_stale", subject(STALE, **more), hosts(), "", frozenset())


def steps_with(rendered: Plan, ending: str) -> list[Step]:
    return [step for step in rendered.steps if step.id.endswith(ending)]


def commands(rendered: Plan) -> list[str]:
    return [step.action.command.display() for step in rendered.steps if isinstance(step.action, Run)]


def test_every_process_has_an_owner() -> None:
    found = {one.pid: (one.owner, one.of) for one in stale_of(subject(STALE))}
    assert found == {
        3473882: (StaleOwner.INIT, "root"),
        4260142: (StaleOwner.SUBSYSTEM, "portmap"),
        4456730: (StaleOwner.SUBSYSTEM, "syslogd"),
        5964132: (StaleOwner.SUBSYSTEM, "sshd"),
        7274980: (StaleOwner.SESSION, "root"),
        7274981: (StaleOwner.SESSION, "root"),
        6100000: (StaleOwner.SUBSYSTEM, "secldapclntd"),
        6100001: (StaleOwner.SUBSYSTEM, "secldapclntd"),
        8257970: (StaleOwner.INIT, "root"),
        7995818: (StaleOwner.SYSTEM, "root"),
        9110122: (StaleOwner.APPLICATION, "payroll"),
        4242: (StaleOwner.UNKNOWN, ""),
    }


def test_subsystems_first_then_srcmstr_and_sshd_last() -> None:
    rendered = plan()
    assert_golden(rendered, "every_owner")
    assert summary(rendered).endswith("cron, errdemon, ghost, helper, ksh and 6 more")
    order = [step.id for step in rendered.steps]
    changes = [step.id for step in rendered.steps if step.kind is not StepKind.READ]
    assert changes[-2:] == ["srcmstr_3473882_ended", "sshd_restarted"]
    assert order.index("portmap_stopped") < order.index("portmap_is_stopped") < order.index("portmap_started")
    assert order.index("logins_before") < order.index("secldapclntd_stopped") < order.index("logins_after")
    assert "kill -9 3473882" in commands(rendered) and "kill 8257970" in commands(rendered)
    assert not any("9110122" in command or "paysrv" in command for command in commands(rendered))
    assert "paysrv (application payroll)" in " ".join(rendered.warnings)


def test_what_is_stopped_is_started_again_whatever_happens() -> None:
    rendered = plan()
    undone = {step.undoes for step in rendered.restoration}
    assert {step.id for step in steps_with(rendered, "_stopped") if step.kind is not StepKind.READ} == undone
    for step in rendered.restoration:
        assert isinstance(step.action, Run) and step.action.command.argv[0] == "startsrc"
    (sshd,) = steps_with(rendered, "sshd_restarted")
    assert sshd.kind is StepKind.ONCE


@pytest.mark.parametrize(
    ("left", "met"),
    [
        ("", True),
        ("Proc_pid: 1   Proc_name: sshd\n", True),
        ("Proc_pid: 1   Proc_name: paysrv\n", True),
        ("Proc_pid: 1   Proc_name: paysrv2\n", False),
        ("Proc_pid: 1   Proc_name: sshd\nProc_pid: 2   Proc_name: cron\n", False),
    ],
)
def test_only_what_was_accepted_by_name_may_be_left(left: str, met: bool) -> None:
    from liveupdate.engine.judge import Outcome, judge

    (last,) = steps_with(plan(accepted_stale=frozenset({"paysrv"})), "stale_libraries")
    assert last.on_failure is OnFailure.CONTINUE and isinstance(last.expect, Expect)
    assert judge(last.expect, Outcome(0, [left.encode()])).met is met


def test_what_the_requester_leaves_and_cluster_services_are_not_touched() -> None:
    cluster = LSSRC.replace("syslogd ", "cthags  ")
    rendered = render(
        "restart_stale",
        subject({**STALE, "lssrc": cluster}, choices={"leave": "portmap\ncron"}),
        hosts(),
        "",
        frozenset(),
    )
    for name in ("portmap", "cthags", "8257970"):
        assert not any(name in command for command in commands(rendered))


def test_nothing_stale_needs_no_plan() -> None:
    clean: Subject = subject({**STALE, "stale_libraries": ""})
    with pytest.raises(CannotPlan, match="nothing to start again"):
        render("restart_stale", clean, hosts(), "", frozenset())


def test_the_post_check_looks_from_every_side() -> None:
    rendered = render("post_check", subject(choices={"hmc_session": "end"}), hosts(), "", frozenset())
    assert_golden(rendered, "hmc_session_ended")
    said = commands(rendered)
    for expected in (
        "oslevel -s", "instfix -ciqk 72-05-042220_SP", "cat /proc/version", "uname -L", "lparstat -i",
        "errpt -N LVUPDATE", "emgr -P", "lppchk -v", "lspv", "lsvg rootvg", "lsvg -l rootvg",
        "bootlist -m normal -o", "genld -u", "errpt -T PERM", "hmcauth -l",
        "hmcauth -r -a 10.254.0.5 -u liveupdate",
    ):  # fmt: skip
        assert expected in said, expected
    assert all(step.on_failure is OnFailure.CONTINUE for step in rendered.steps)
    kept = render("post_check", subject(target_level=""), hosts(), "", frozenset())
    assert not any(command.startswith("hmcauth -r") for command in commands(kept))
    assert kept.parameters["target_level"] == "7200-05-03-2148"


def test_the_post_check_says_what_it_compares_with() -> None:
    alone = render("post_check", subject(), hosts(), "", frozenset())
    assert alone.parameters["compared_with"] == "" and "nothing to compare with" in alone.warnings[-1]
    printed = "portmap active\nsyslogd active\naso inoperative\n"
    before = Before("what run 7 recorded", {"subsystems": lines_there("subsystems", printed)})
    rendered = render("post_check", subject(before=before), hosts(), "", frozenset())
    step = next(each for each in rendered.steps if each.id == "subsystems_as_before")
    assert "By what run 7 recorded." in step.why
    assert judge(step.expect, Outcome(0, [b"portmap active\nsyslogd active\naso active\n"])).met
    lost = judge(step.expect, Outcome(0, [b"portmap active\nsyslogd inoperative\n"]))
    assert not lost.met and "syslogd" in lost.message
    assert "mounts_seen" in {each.id for each in rendered.steps}
    assert "does not hold the mounted file systems" in rendered.warnings[-1]


def test_an_update_compares_what_users_have_before_and_after() -> None:
    rendered = render("local_live_update", subject(), hosts(), "c", frozenset())
    last = [step.id for step in rendered.restoration][-5:]
    assert last == [f"{name}_as_before" for name in ("mounts", "subsystems", "routes", "ports", "errors")]
    compared = {step.expect.equals_saved for step in rendered.restoration if step.id.endswith("_as_before")}
    assert compared == {f"{name}_before" for name in ("mounts", "subsystems", "routes", "ports", "errors")}


def test_listed_agents_are_stopped_by_their_own_commands_and_always_started_again() -> None:
    agent = ListedAgent("paysrv", "commands", ("/opt/payroll/bin/stop",), ("/opt/payroll/bin/start",))
    rendered = plan(agents=(agent,))
    assert_golden(rendered, "listed_agent")
    stopped = next(step for step in rendered.steps if step.id == "agent_paysrv_stopped")
    assert stopped.phase is Phase.PREPARE and "/opt/payroll/bin/stop" in commands(rendered)
    (started,) = [step for step in rendered.restoration if step.id == "agent_paysrv_started"]
    assert started.undoes == stopped.id
    assert "paysrv" not in " ".join(rendered.warnings)
    owners = {one.name: one.owner for one in stale_of(subject(STALE, agents=(agent,)))}
    assert owners["paysrv"] is StaleOwner.AGENT
    left = plan(agents=(agent,), accepted_stale=frozenset({"paysrv"}))
    assert "/opt/payroll/bin/stop" not in commands(left)
