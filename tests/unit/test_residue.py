"""What a Live Update leaves, as the facts show it."""

from liveupdate.lpar.residue import CARE, SEEN_BY_LOOKS, LeftoverKind, residue_of
from liveupdate.lpar.state import lpar_state
from liveupdate.procedures.catalogue import PROCEDURES
from tests.unit.nim_subject import CLIENT, nim_subject
from tests.unit.plan_subject import subject
from tests.unit.test_lpar_state import (
    AT_WORK,
    BOTH,
    COMPLETED,
    DATA,
    LEFT,
    LOG_HEAD,
    MIRRORED,
    PARTITIONS,
    QUIET,
    STARTED,
)

DONE: dict[str, str | None] = {"errpt": LOG_HEAD + COMPLETED + STARTED, "stale_libraries": ""}
K = LeftoverKind


def left(changes: dict[str, str | None]) -> set[tuple[LeftoverKind, str]] | None:
    seen = subject(QUIET | DONE | changes)
    residue = residue_of(seen, lpar_state(seen))
    return None if residue is None else {(each.kind, each.about) for each in residue}


def test_nothing_is_left() -> None:
    assert left({}) == set()


def test_disks_processes_and_partition() -> None:
    stale = "Proc_pid: 4456730   Proc_name: syslogd\nProc_pid: 5505278   Proc_name: inetd\n"
    assert left({"lspv": LEFT, "stale_libraries": stale}) == {
        (K.LVUP_ROOTVG, "hdisk2"),
        (K.STALE_LIBRARIES, ""),
    }
    assert left({"lspv": MIRRORED, "lvupdate_data": DATA}) == {(K.MIRROR, "hdisk10")}
    both = {PARTITIONS: BOTH.format("Not Activated", "Running"), "uname_l": "31 pay01\n"}
    assert left(both) == {(K.ORIGINAL, "pay01_lku0")}


def test_a_resource_that_nim_still_holds_is_told_in_every_state() -> None:
    held = CLIENT.format(id=26, system="9080-M9S_78A1234") + "   live_update_data = liveupdate_data_pay01\n"
    for log in (DONE, {"errpt": ""}):
        seen = nim_subject(QUIET | log, client=held)
        residue = residue_of(seen, lpar_state(seen))
        assert [(each.kind, each.about) for each in residue or ()] == [
            (K.NIM_RESOURCE, "liveupdate_data_pay01")
        ]


def test_nothing_is_told_while_it_cannot_be() -> None:
    assert left({"processes": AT_WORK}) is None
    assert left({PARTITIONS: None}) is None


def test_without_a_live_update_nothing_is_its_residue() -> None:
    assert left({"errpt": "", "lspv": LEFT}) == set()


def test_every_kind_has_words_and_a_day() -> None:
    assert set(CARE) == set(LeftoverKind)
    assert set(LeftoverKind) > SEEN_BY_LOOKS
    assert all(care.days > 0 for care in CARE.values())
    assert {care.procedure for care in CARE.values() if care.procedure} <= set(PROCEDURES)
