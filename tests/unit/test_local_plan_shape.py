"""The local Live Update's plan: its steps in order, what is undone, what is begun once, what it says."""

import re

import pytest

from liveupdate.procedures.catalogue import summary
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import (
    OnFailure,
    Phase,
    Run,
    StepKind,
)
from portal.lib.canonical import canonical_json
from tests.golden_plans import assert_golden
from tests.unit.local_plan import PLANS, SEEN_BY_USERS, every, lines, plan, reasons
from tests.unit.plan_subject import (
    READY,
    subject,
)


@pytest.mark.parametrize("name", PLANS)
def test_golden(name: str) -> None:
    assert_golden(plan(name), name)


@pytest.mark.parametrize("name", PLANS)
def test_the_same_facts_give_the_same_bytes_and_are_read_back(name: str) -> None:
    document = canonical_json(plan(name).document())
    assert document == canonical_json(plan(name).document())
    assert read_plan(document.decode()) == plan(name)


@pytest.mark.parametrize("name", PLANS)
def test_steps_follow_the_phases(name: str) -> None:
    order = list(Phase)
    phases = [order.index(step.phase) for step in every(plan(name))]
    assert phases == sorted(phases)


@pytest.mark.parametrize("name", PLANS)
def test_every_step_says_what_it_is(name: str) -> None:
    for step in every(plan(name)):
        assert step.title and step.why and step.deadline_s > 0
        assert len(step.title) <= 200 and len(step.id) <= 80
        assert step.expect.statuses
        for pattern in (*step.expect.has, *step.expect.lacks):
            re.compile(pattern, re.MULTILINE)
        if step.kind is StepKind.READ:
            assert isinstance(step.action, Run)


@pytest.mark.parametrize("name", PLANS)
def test_whatever_changes_is_undone_or_said_to_be_for_good(name: str) -> None:
    rendered = plan(name)
    undone = {step.undoes for step in rendered.restoration}
    lasting = {"boot_list_set", "workload_manager_off", "pfc_daemon_started", "preview"}
    helping = {"lvupdate_data_kept", "ipsec_v4_directory", "ipsec_v4_filters_saved"}
    for step in rendered.steps:
        if step.kind is not StepKind.READ and step.reversible:
            assert step.id in undone | lasting | helping, step.id
    for step in rendered.restoration:
        assert step.on_failure is OnFailure.CONTINUE and step.undoes


@pytest.mark.parametrize("name", PLANS)
def test_restoration_goes_backwards(name: str) -> None:
    rendered = plan(name)
    done = [step.id for step in rendered.steps]
    order = [done.index(step.undoes) for step in rendered.restoration if step.kind is not StepKind.READ]
    assert order == sorted(order, reverse=True)


@pytest.mark.parametrize("name", PLANS)
def test_the_update_runs_once_and_only_after_the_preview(name: str) -> None:
    steps = plan(name).steps
    (update,) = [step for step in steps if step.live_update]
    (preview,) = [step for step in steps if step.phase is Phase.PREVIEW]
    assert update.kind is StepKind.ONCE and not update.reversible and update.deadline_s >= 4 * 3600
    assert steps.index(preview) + 1 == steps.index(update)
    assert isinstance(preview.action, Run) and isinstance(update.action, Run)
    assert "-p" in preview.action.command.argv and "-p" not in update.action.command.argv
    assert preview.on_failure is OnFailure.RESTORE


@pytest.mark.parametrize(
    ("output", "met"),
    [
        ("............The live update operation succeeded.\n", True),
        ("01/29/2025-09:20:17 Live AIX update completed in 0h 10m 58s.\n", True),
        ("1430-045 The Live Update operation failed. Initiating log capture.\n", False),
        ("The live update operation succeeded.\n1430-045 The Live Update operation failed.\n", False),
        ("The live update preview succeeded.\n", False),
        ("", False),
    ],
)
def test_only_the_positive_sentence_is_success(output: str, met: bool) -> None:
    (update,) = [step for step in plan("ready").steps if step.live_update]
    has = all(re.search(pattern, output, re.MULTILINE) for pattern in update.expect.has)
    lacks = not any(re.search(pattern, output, re.MULTILINE) for pattern in update.expect.lacks)
    assert (has and lacks) is met


def test_a_ready_lpar_needs_no_preparation() -> None:
    assert lines(plan("ready").steps) == [
        "oslevel -s",
        "cat /proc/version",
        *SEEN_BY_USERS,
        "lspv",
        "df -m",
        "mount nim01:/export/aix72/7200-05-04-2220_full /mnt",
        "ls /mnt/.toc /mnt/installp/ppc/.toc",
        "hmcauth -u liveupdate -a 10.254.0.5",
        "hmcauth -l",
        "bootlist -m normal -o",
        "lspv",
        "/var/adm/ras/liveupdate/lvupdate.data",
        "geninstall -k -p -d /mnt update_all",
        "geninstall -Y -k -d /mnt update_all",
        "oslevel -s",
        "instfix -ciqk 72-05-042220_SP",
        "cat /proc/version",
        "errpt -N LVUPDATE",
        "uname -L",
        "lssyscfg -r lpar -m 9080-M9S-78A1234 -F name,lpar_id,state,rmc_state",
        "lspv",
        "lsvg -p rootvg",
        "bootlist -m normal -o",
        "emgr -P",
        "lppchk -v",
        "genld -u",
        "lssrc -a",
        "ps -ef",
    ]
    assert lines(plan("ready").restoration) == [
        "rm -f /var/adm/ras/liveupdate/lvupdate.data",
        "hmcauth -r -a 10.254.0.5 -u liveupdate",
        "hmcauth -l",
        "umount /mnt",
        "mount",
        "oslevel -s",
        "cat /proc/version",
        *SEEN_BY_USERS,
    ]


def test_what_cannot_be_repeated_is_begun_once() -> None:
    repeatable = {step.id for step in every(plan("everything")) if step.kind is StepKind.IDEMPOTENT}
    assert repeatable == {
        "boot_list_set",
        "trusted_execution_off",
        "trusted_execution_on",
        "security_lookup_local",
        "security_lookup_back",
        "ipsec_v4_directory",
        "ipsec_v4_filters_saved",
        "ipsec_v4_filters_off",
        "ipsec_v4_filters_active",
        "inittab_off",
        "inittab_back",
        "workload_manager_on",
        "lvupdate_data_kept",
        "lvupdate_data",
        "lvupdate_data_back",
        "pfc_daemon_started",
        "hmc_logon",
    }


def test_nothing_is_undoable_before_media_and_console_were_tried() -> None:
    steps = plan("everything").steps
    tried = max(n for n, step in enumerate(steps) if step.phase in (Phase.MEDIA, Phase.AUTHENTICATE))
    assert tried < min(n for n, step in enumerate(steps) if not step.reversible)


def test_the_hmc_is_watched_by_a_reading_command() -> None:
    watch = plan("ready").watch
    assert watch is not None and not watch.locale
    assert watch.argv == (
        "lssyscfg", "-r", "lpar", "-m", "9080-M9S-78A1234", "-F", "name,lpar_id,state,rmc_state",
    )  # fmt: skip


def test_the_summary_is_one_line() -> None:
    assert summary(plan("ready")) == (
        "Update pay01 from 7200-05-03-2148 to 7200-05-04-2220: 43 commands and 1 file on 2 hosts, "
        "clone to hdisk2, mirror on hdisk10"
    )


def test_the_way_back_is_told_first() -> None:
    first = plan("ready").warnings[0]
    assert "nothing can be rejected" in first and "clone on hdisk11" in first and "7200-05-03-2148" in first


def test_the_facts_of_these_tests_are_those_that_plans_use() -> None:
    for entry in READY:
        if entry not in ("secorder", "emgr_list"):
            assert f"Not known: {entry}" in reasons(subject({entry: None}))
