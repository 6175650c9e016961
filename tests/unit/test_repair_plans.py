"""Plans that collect, clean up and repair, kept as they were read, and what keeps them from being made."""

import dataclasses
import re

import pytest

from inventory.command import aix
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import cleanup
from liveupdate.procedures.catalogue import CannotPlan, render, summary
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import Fetch, Plan, Run, StepKind
from tests.golden_plans import assert_golden
from tests.unit.plan_subject import SRC_HEAD, hosts, subject
from tests.unit.test_lpar_state import BOTH, LEFT, PARTITIONS, QUIET, SINCE, UNFINISHED

ON_SURROGATE = {"uname_l": "31 pay01\n", PARTITIONS: BOTH.format("Running", "Running")}
RMC_DOWN = (
    "\nManagement Domain Status: Management Control Points\n  I O  0x7edb4439af21a36f  0001  10.254.0.5\n"
)
RMC_UP = RMC_DOWN.replace("I O", "I A")
PEER = "\nPeer Domain Status\n  S S  0x1a2b3c4d5e6f7a8b  0001  pay01\n" + RMC_DOWN
INACTIVE = {PARTITIONS: "pay01,26,Running,inactive,normal,1\n", "rmc_status": RMC_DOWN}


def plan(procedure: str, changes: dict[str, str | None], *consents: Consent, **choices: str) -> Plan:
    return render(
        procedure, asked(procedure, changes, choices), hosts(), "liveupdate-key", frozenset(consents)
    )


def asked(procedure: str, changes: dict[str, str | None], choices: dict[str, str]) -> Subject:
    given = subject(QUIET | changes, procedure=procedure, media="", target_level="")
    return dataclasses.replace(given, choices=choices)


CASES = {
    "collect_logs/live_update": plan("collect_logs", {}),
    "collect_logs/whole": plan("collect_logs", UNFINISHED, snap="whole"),
    "cleanup/failed": plan(
        "cleanup",
        UNFINISHED | {PARTITIONS: BOTH.format("Running", "Not Activated"), "lspv": LEFT},
        Consent.REMOVE_LEFT_PARTITION,
    ),
    "cleanup/restarted": plan("cleanup", UNFINISHED | {"lspv": LEFT, "boot_time": SINCE}),
    "cleanup/moved": plan("cleanup", UNFINISHED | ON_SURROGATE, Consent.REMOVE_LEFT_PARTITION),
    "cleanup/older_attempt_other_hmc": plan(
        "cleanup",
        UNFINISHED | {"lspv": LEFT},
        configuration="/var/adm/ras/liveupdate/liveupdate.cf.20261124160000",
        other_hmc="10.254.0.6",
        other_user="liveupdate",
    ),
    "clear_traces/lock": plan("clear_traces", UNFINISHED, trace="lock", support_case="TS012345678"),
    "clear_traces/kernel_state": plan(
        "clear_traces", UNFINISHED, trace="kernel_state", support_case="TS012345678"
    ),
    "clear_traces/surrogate_disks": plan(
        "clear_traces", UNFINISHED, trace="surrogate_disks", support_case="TS012345678"
    ),
    "clear_traces/error_scripts": plan(
        "clear_traces", UNFINISHED | {"boot_time": SINCE}, trace="error_scripts", support_case="TS012345678"
    ),
    "rmc_repair/inactive": plan("rmc_repair", INACTIVE),
    "rmc_check/any": plan("rmc_check", {}),
}


@pytest.mark.parametrize("case", CASES)
def test_the_plan_is_the_one_that_was_read(case: str) -> None:
    made = CASES[case]
    assert_golden(made, case.partition("/")[2])
    assert read_plan(made.document()) == made
    assert made.lpar["name"] in summary(made)


@pytest.mark.parametrize(
    ("case", "flags"),
    [
        ("failed", []),
        ("restarted", ["-e"]),
        ("moved", ["-o"]),
        (
            "older_attempt_other_hmc",
            [
                "-a",
                "10.254.0.6",
                "-U",
                "liveupdate",
                "-f",
                "/var/adm/ras/liveupdate/liveupdate.cf.20261124160000",
            ],
        ),
    ],
)
def test_clvupdate_gets_the_flags_of_the_state(case: str, flags: list[str]) -> None:
    made = CASES[f"cleanup/{case}"]
    step = next(step for step in made.steps if step.id == "cleaned_up")
    assert step.action == Run(aix("clvupdate", *flags))
    assert step.kind is StepKind.ONCE and step.launched
    assert made.steps.index(step) > max(
        made.steps.index(each) for each in made.steps if each.id.startswith(("evidence_", "fetched_"))
    )


def test_the_dead_partition_is_the_other_one() -> None:
    def removed(case: str) -> list[str]:
        steps = {step.id: step for branch in CASES[case].branches for step in branch.steps}
        action = steps["dead_removed"].action
        assert isinstance(action, Run)
        return [action.command.argv[-1], *sorted(set(steps) & {"original_renamed"})]

    assert removed("cleanup/failed") == ["pay01", "original_renamed"]
    assert removed("cleanup/moved") == ["pay01_lku0"]


def test_no_partition_is_removed_without_consent() -> None:
    made = plan("cleanup", UNFINISHED | ON_SURROGATE)
    assert not any("rmsyscfg" in str(step.action) for step in made.all_steps)


def test_an_update_that_fails_explains_itself() -> None:
    failure = render("local_live_update", subject(), hosts(), "liveupdate-key", frozenset()).failure
    names = {step.action.name for step in failure if isinstance(step.action, Fetch)}
    assert {
        "lvupdlog",
        "emgr.log",
        "install_all_updates.log",
        "liveupdate.cf",
        "liveupdate_logs.tar",
    } <= names
    ids = [step.id for step in failure]
    assert ids.index("evidence_configuration_kept") < ids.index("fetched_lvupdlog")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"rmc_status": PEER}, "an online peer domain"),
        (
            {"lssrc": SRC_HEAD + " clstrmgrES       cluster          7340436      active\n"},
            "clstrmgrES active",
        ),
        ({"lssrc": SRC_HEAD + " cthags           cthags           7340436      active\n"}, "cthags active"),
    ],
)
def test_rmc_is_not_repaired_on_a_node_of_a_cluster(changes: dict[str, str | None], why: str) -> None:
    with pytest.raises(CannotPlan, match="node of a cluster") as refused:
        plan("rmc_repair", INACTIVE | changes)
    assert why in refused.value.message


def test_rmc_that_works_is_not_repaired() -> None:
    with pytest.raises(CannotPlan, match="RMC works"):
        plan(
            "rmc_repair", INACTIVE | {"rmc_status": RMC_UP, PARTITIONS: "pay01,26,Running,active,normal,1\n"}
        )


def test_another_hmc_needs_its_user() -> None:
    with pytest.raises(CannotPlan, match="named together"):
        plan("cleanup", UNFINISHED, other_hmc="10.254.0.6")


def test_traces_are_taken_back_only_with_a_case() -> None:
    with pytest.raises(CannotPlan, match="case number"):
        plan("clear_traces", UNFINISHED, trace="lock", support_case="; rm -rf /")


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("    root 7012861 1   0 15:20:01      -  0:01 geninstall -Y -k -d /mnt update_all ", True),
        ("    root 7012861 1   0 15:20:01      -  0:01 /usr/sbin/geninstall -kp ", True),
        ("    root 7012861 1   0 15:20:01      -  0:01 /usr/sbin/clvupdate -o ", True),
        ("    root 7012861 1   0 15:20:01      -  0:01 geninstall -d /mnt bos.net ", False),
    ],
)
def test_what_is_at_work_is_seen_in_the_process_list(line: str, seen: bool) -> None:
    assert any(re.search(pattern, line) for pattern in cleanup.AT_WORK) is seen
