"""Where Live Update left an LPAR, told from what hosts print; and what may come next then."""

from typing import Any

import pytest

from inventory.update_states import UPDATE_STATES, update_state_words
from liveupdate.lpar.state import StateSeen, lpar_state
from liveupdate.lpar.subject import Subject
from liveupdate.offers import WHY_NOT, offers
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.states import LparState
from tests.unit.plan_subject import LSPV, subject

SYSTEM = "9080-M9S-78A1234"
PARTITIONS = f"lpars {SYSTEM}"
LOG_HEAD = "IDENTIFIER TIMESTAMP  T C RESOURCE_NAME  DESCRIPTION\n"
STARTED = "9A74C7AB   1124152326 I S LVUPDATE       Live AIX update started\n"
COMPLETED = "12295E0B   1124154623 I S LVUPDATE       Live AIX update completed successfully\n"
FAILED = "DEADBEEF   1124153023 P S LVUPDATE       Live AIX update failed\n"
PS = (
    "     UID     PID    PPID   C    STIME    TTY  TIME CMD\n"
    "    root       1       0   0   Nov 07      -  0:12 /etc/init \n"
)
ONE = "pay01,26,Running,active,normal,1\nweb01,27,Running,active,normal,1\n"
BOTH = "pay01_lku0,26,{},active,normal,1\npay01,31,{},inactive,normal,1\nweb01,27,Running,active,normal,1\n"
KERNEL_2220 = "May 12 2022\n16:04:11\n2218B_72X\n@(#) _kdb_buildinfo unix_64 May 12 2022 16:04:11 2218B_72X\n"
BEFORE, SINCE = "   .        system boot Oct 02 07:11\n", "   .        system boot Nov 24 16:01\n"
QUIET: dict[str, str | None] = {
    "errpt": "",
    "processes": PS,
    "boot_time": BEFORE,
    "date": "Wed Nov 25 10:00:00 UTC 2026\n",
    PARTITIONS: ONE,
}
UNFINISHED = {"errpt": LOG_HEAD + STARTED}
LEFT = LSPV.replace(
    "hdisk2          00fa343b8f01b1e2                    None",
    "hdisk2          00fa343b8f01b1e2                    lvup_rootvg",
)
MIRRORED = LSPV.replace(
    "hdisk10         00c2fcc8dfe7288e                    None",
    "hdisk10         00c2fcc8dfe7288e                    rootvg          active",
)
DATA = "disks:\n\tnhdisk = hdisk2\n\tmhdisk = hdisk10\n"
AT_WORK = PS + "    root 7012861 3342601   0 15:20:01      -  0:01 geninstall -Y -k -d /mnt update_all \n"
PREVIEWS = PS + "    root 7012861 3342601   0 15:20:01      -  0:01 /usr/sbin/clvupdate \n"


def told(changes: dict[str, str | None]) -> StateSeen:
    """The state of pay01, quiet but for these changes."""
    return lpar_state(seen(changes))


def seen(changes: dict[str, str | None]) -> Subject:
    return subject(QUIET | changes)


S = LparState
CASES: dict[str, tuple[dict[str, Any], LparState, str]] = {
    "nothing ever ran": ({}, S.IDLE, "holds no Live Update"),
    "completed": ({"errpt": LOG_HEAD + COMPLETED + STARTED}, S.DONE, "completed"),
    "geninstall at work": (UNFINISHED | {"processes": AT_WORK}, S.UPDATING, "process 7012861"),
    "installing, no entry yet": ({"processes": AT_WORK}, S.UPDATING, "geninstall is at work"),
    "clvupdate at work": (UNFINISHED | {"processes": PREVIEWS}, S.UPDATING, "clvupdate is at work"),
    "failed, nothing left": (
        UNFINISHED,
        S.FAILED_CLEAN,
        "on disks and HMC; 7200-05-03-2148 is active",
    ),
    "failed by an unknown entry": (
        {"errpt": LOG_HEAD + FAILED + STARTED},
        S.FAILED_CLEAN,
        "did not complete",
    ),
    "both partitions, the original runs": (
        UNFINISHED | {PARTITIONS: BOTH.format("Running", "Not Activated")},
        S.FAILED_DIRTY,
        "left pay01_lku0, which runs the workload",
    ),
    "the same with an error log that somebody cleared": (
        {PARTITIONS: BOTH.format("Running", "Running")},
        S.FAILED_DIRTY,
        "pay01_lku0",
    ),
    "the original alone, under its interim name": (
        UNFINISHED | {PARTITIONS: "pay01_lku0,26,Running,active,normal,1\n"},
        S.FAILED_DIRTY,
        "pay01_lku0",
    ),
    "both partitions, restarted since": (
        UNFINISHED | {PARTITIONS: BOTH.format("Running", "Running"), "boot_time": SINCE},
        S.FAILED_DIRTY_REBOOTED,
        "restarted since",
    ),
    "the clone for the surrogate is left": (UNFINISHED | {"lspv": LEFT}, S.FAILED_DIRTY, "on hdisk2"),
    "the mirror is left": (
        UNFINISHED | {"lspv": MIRRORED, "lvupdate_data": DATA},
        S.FAILED_DIRTY,
        "rootvg on hdisk10",
    ),
    "the clone is left, restarted since": (
        UNFINISHED | {"lspv": LEFT, "boot_time": SINCE},
        S.FAILED_DIRTY_REBOOTED,
        "lvup_rootvg on hdisk2",
    ),
    "restarted in the minute of the start": (
        UNFINISHED | {"lspv": LEFT, "boot_time": "   .        system boot Nov 24 15:23\n"},
        S.FAILED_DIRTY_REBOOTED,
        "",
    ),
    "restarted last December": (
        UNFINISHED | {"lspv": LEFT, "boot_time": "   .        system boot Dec 30 15:23\n"},
        S.FAILED_DIRTY,
        "",
    ),
    "the workload runs on the surrogate": (
        UNFINISHED | {PARTITIONS: BOTH.format("Running", "Running"), "uname_l": "31 pay01\n"},
        S.MOVED_DIRTY,
        "runs on the surrogate, and pay01_lku0 is still there (Running)",
    ),
    "completed, and the original still runs": (
        {
            "errpt": LOG_HEAD + COMPLETED + STARTED,
            PARTITIONS: BOTH.format("Running", "Running"),
            "uname_l": "31 pay01\n",
        },
        S.MOVED_DIRTY,
        "still there",
    ),
    "completed, and the definition is left": (
        {
            "errpt": LOG_HEAD + COMPLETED + STARTED,
            PARTITIONS: BOTH.format("Not Activated", "Running"),
            "uname_l": "31 pay01\n",
        },
        S.DONE,
        "definition of pay01_lku0 is left",
    ),
    "the new level on the disk, the old kernel": (
        UNFINISHED | {"oslevel": "7200-05-04-2220\n"},
        S.UPDATED_NOT_ACTIVE,
        "2148A_72H",
    ),
    "installed without a Live Update": ({"oslevel": "7200-05-04-2220\n"}, S.UPDATED_NOT_ACTIVE, ""),
    "kernel and level of one service pack, weeks apart": (
        {"oslevel": "7200-05-04-2220\n", "proc_version": KERNEL_2220},
        S.IDLE,
        "",
    ),
    "a level without service pack has no week": ({"oslevel": "7200-05-00-0000\n"}, S.IDLE, ""),
    "a kernel newer than the level": ({"proc_version": KERNEL_2220}, S.IDLE, ""),
    "dirty goes before not active": (
        UNFINISHED | {"oslevel": "7200-05-04-2220\n", "lspv": LEFT},
        S.FAILED_DIRTY,
        "",
    ),
    "neither partition has its id": (
        UNFINISHED | {PARTITIONS: BOTH.format("Running", "Running"), "uname_l": "40 pay01\n"},
        S.UNKNOWN,
        "calls itself partition 40",
    ),
    "completed, yet the original runs it": (
        {"errpt": LOG_HEAD + COMPLETED, PARTITIONS: BOTH.format("Running", "Running")},
        S.UNKNOWN,
        "yet pay01_lku0 runs",
    ),
    "on no partition of the HMC": ({PARTITIONS: "web01,27,Running,active,,1\n"}, S.UNKNOWN, "shows no"),
    "the error log cannot be read": ({"errpt": "HORODATAGE\n"}, S.UNKNOWN, "cannot be told"),
    "the HMC was not read": ({PARTITIONS: None}, S.UNKNOWN, "cannot be told"),
    "unfinished, and the boot is not known": (UNFINISHED | {"boot_time": None}, S.UNKNOWN, "cannot be told"),
    "finished, and the boot is not known": ({"boot_time": None, "date": None}, S.IDLE, ""),
}


@pytest.mark.parametrize("name", CASES)
def test_the_state_is_told(name: str) -> None:
    changes, state, words = CASES[name]
    seen = told(changes)
    assert seen.state is state, seen.why
    assert words in seen.why
    assert bool(seen.missing) is (state is LparState.UNKNOWN)


def test_it_rests_on_lines_of_the_lpar_and_the_hmc() -> None:
    seen = told(UNFINISHED | {PARTITIONS: BOTH.format("Running", "Not Activated")})
    lines = [line for evidence in seen.evidence for line in evidence.lines]
    assert STARTED.strip() in [line.strip() for line in lines]
    assert "pay01_lku0,26,Running,active,normal,1" in lines
    assert "26 pay01" in lines
    assert not any("web01" in line for line in lines)


def test_an_unknown_state_says_what_is_missing() -> None:
    seen = told({PARTITIONS: None, "oslevel": None})
    assert len(seen.missing) == 2
    assert any("lpars" in text for text in seen.missing) and any("oslevel" in text for text in seen.missing)


def test_the_designated_clone_is_no_leftover() -> None:
    assert "altinst_rootvg" in LSPV
    assert told(UNFINISHED).state is LparState.FAILED_CLEAN
    assert lpar_state(subject(QUIET | UNFINISHED, rollback_clone_disk="")).state is LparState.FAILED_DIRTY


@pytest.mark.parametrize("state", LparState)
@pytest.mark.parametrize("name", PROCEDURES)
def test_every_state_admits_or_refuses_every_procedure(state: LparState, name: str) -> None:
    refused = offers(state)[name]
    assert (refused == "") is (state in PROCEDURES[name].states)
    if refused:
        assert refused == WHY_NOT[state]


@pytest.mark.parametrize(
    "state",
    [S.UPDATING, S.FAILED_DIRTY, S.FAILED_DIRTY_REBOOTED, S.MOVED_DIRTY, S.UNKNOWN, S.UPDATED_NOT_ACTIVE],
)
def test_no_second_attempt_where_one_would_do_harm(state: LparState) -> None:
    assert offers(state)["local_live_update"]


def test_every_state_has_words() -> None:
    assert set(UPDATE_STATES) == {state.value for state in LparState}
    assert set(WHY_NOT) == set(LparState)


def test_a_stored_state_of_another_version_is_unknown() -> None:
    assert LparState("half_moved") is LparState.UNKNOWN
    assert update_state_words("half_moved") == UPDATE_STATES["unknown"]
