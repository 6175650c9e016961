"""Each known trace of a failure is recognised, its cause before its envelope; what went well gives none.

`tests/data/diagnosis` holds a file, or a directory of files, per case, and what is to be found in it:
`nothing_…` is no failure, `unknown_…` one that no signature knows.
"""

import json
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest

from inventory.facts.level import Level
from liveupdate.diagnosis import affected
from liveupdate.diagnosis.base import Mark, Next, Rank, Signature, Source
from liveupdate.diagnosis.catalogue import SIGNATURE_OF, SIGNATURES
from liveupdate.diagnosis.diagnosing import Outcome, Result, diagnose, diagnose_text, filled
from liveupdate.diagnosis.lines import clean
from liveupdate.diagnosis.records import record_in
from liveupdate.diagnosis.scan import BLOCK, ENOUGH, LONGEST
from tests.noises import NOISES

DATA = Path(__file__).parents[1] / "data" / "diagnosis"
CASES = sorted(path.stem for path in DATA.glob("*.json"))
ROOT = frozenset({Rank.CAUSE, Rank.GENERIC, Rank.CLUE, Rank.PRECONDITION, Rank.LOST})


@cache
def files_of(case: str) -> dict[str, bytes]:
    paths = sorted((DATA / case).iterdir()) if (DATA / case).is_dir() else [DATA / f"{case}.txt"]
    return {path.name: path.read_bytes() for path in paths}


def judged(files: dict[str, bytes]) -> Result:
    return diagnose((name, BytesIO(content)) for name, content in files.items())


def ids(result: Result) -> list[str]:
    return [diagnosis.signature.id for diagnosis in result.diagnoses]


@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    expected = json.loads((DATA / f"{case}.json").read_text())
    result = judged(files_of(case))
    assert ids(result) == expected["ids"]
    assert result.is_unknown == case.startswith("unknown_")
    for diagnosis in result.diagnoses:
        assert expected["values"].get(diagnosis.signature.id, {}).items() <= diagnosis.values.items()


def test_there_is_a_case_for_every_signature() -> None:
    found = {each for case in CASES for each in json.loads((DATA / f"{case}.json").read_text())["ids"]}
    silent = {signature.id for signature in SIGNATURES if signature.rank is Rank.INFORMATION}
    assert set(SIGNATURE_OF) - found <= silent


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.__name__)
def test_precision_and_recall_under_noise(noise: Callable[[str], str]) -> None:
    """The first diagnosis of every case stays what it is, and what is no failure stays none."""
    right = false_alarms = wanted = 0
    for case in CASES:
        expected = json.loads((DATA / f"{case}.json").read_text())["ids"]
        noisy = {name: noise(text.decode()).encode() for name, text in files_of(case).items()}
        found = ids(judged(noisy))
        wanted += bool(expected)
        right += bool(expected) and found[:1] == expected[:1]
        false_alarms += not expected and bool(found)
    assert false_alarms == 0
    assert right == wanted


def test_lines_of_all_sorts_give_no_false_alarm() -> None:
    """What went well stays well, whatever stands around it and in whichever order it came."""
    good = [case for case in CASES if case.startswith("nothing_") and (DATA / f"{case}.txt").exists()]
    rng = random.Random(7)
    for _ in range(40):
        chosen = rng.sample(good, 3)
        text = b"".join(files_of(case)[f"{case}.txt"] for case in chosen)
        assert ids(diagnose([("mixed", BytesIO(text))])) == [], chosen


def test_the_root_cause_comes_first_from_whatever_order_of_files() -> None:
    files = files_of("p1_terminal_and_log_apart")
    assert ids(judged(files)) == ids(judged(dict(reversed(files.items()))))


def test_lines_are_numbered_and_shown() -> None:
    (found,) = diagnose_text("first\n\n  1430-237 FAILED: No management console specified \r\n").diagnoses
    assert [(trace.file, trace.number, trace.text) for trace in found.traces] == [
        ("text", 3, "1430-237 FAILED: No management console specified")
    ]


def test_a_diagnosis_as_json_names_remedy_and_levels() -> None:
    (found, *_) = judged(files_of("p1_whole_update_72")).diagnoses
    shown = found.as_dict(Level.parse("7200-05-03-2148"))
    assert shown["id"] == "P1" and shown["file"] == "p1_whole_update_72.txt" and shown["rank"] == "cause"
    assert "DENY Blocking entry: procfs open" in shown["text"] and shown["line"] > 100
    assert "ps -p 6750576 -o pid,user,args" in shown["commands"]
    assert shown["affected_levels"] == ["all levels"] and shown["level_affected"] is True


@pytest.mark.parametrize(
    ("signature", "level", "concerned", "apar"),
    [
        ("P6", "7200-05-01-2038", True, "IJ30267"),
        ("P6", "7200-04-02-2028", True, "IJ29492"),
        ("P6", "7200-05-02-2114", False, ""),
        ("P6", "7200-05", None, ""),
        ("P5", "7200-02-02-1810", True, "IJ04531"),
        ("P5", "7200-02-02-1832", False, ""),
        ("P4", "7200-01-05-1845", False, ""),
        ("F05", "7200-05-03-2148", True, ""),
        ("F05", "7300-03-00-2446", False, ""),
        ("F43", "7300-03", False, ""),
    ],
)
def test_the_level_decides_whether_a_signature_concerns_it(
    signature: str, level: str, concerned: bool | None, apar: str
) -> None:
    assert affected.concerns(SIGNATURE_OF[signature], Level.parse(level)) is concerned
    assert affected.repaired_by(SIGNATURE_OF[signature], Level.parse(level)) == apar


def test_apars_and_levels_come_of_the_table() -> None:
    assert affected.apars(SIGNATURE_OF["P5"]) == ["IJ04531", "IJ04532", "IV89963"]
    assert "7200-02-02" in affected.levels_of(SIGNATURE_OF["P3"])
    assert affected.levels_of(SIGNATURE_OF["F05"]) == ["below 7300-03"]
    assert affected.apars(SIGNATURE_OF["P1"]) == []


def test_of_several_runs_in_a_log_the_window_decides() -> None:
    files = files_of("p1_older_run_had_another_cause")
    older = (datetime(2020, 12, 26, tzinfo=UTC), datetime(2020, 12, 27, tzinfo=UTC))
    logs = [(name, BytesIO(content)) for name, content in files.items()]
    assert ids(diagnose(logs, window=older)) == ["P3"]


def test_what_is_known_to_have_failed_is_judged_as_failed() -> None:
    asked = "A licence agreement is required.\n"
    assert ids(diagnose_text(asked)) == []
    assert ids(diagnose_text(asked, failed=True)) == ["F17"]
    assert diagnose_text("nothing of note\n", failed=True).is_unknown


def test_a_failed_log_whose_update_succeeded_says_nothing() -> None:
    log = files_of("p1_terminal_and_log_apart")["log"]
    result = judged({"out": files_of("nothing_update_72")["nothing_update_72.txt"], "log": log})
    assert result.outcome is Outcome.SUCCEEDED and not result.diagnoses


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("  bos.sysmgt.loginlic 7.2.5.100               # License Management", False),
        (" Licensed Materials - Property of IBM", False),
        ("nim -o cust -a accept_licenses=yes laboh", False),
        ("All license agreements have been accepted.", False),
        ("x ./usr/swlag/en_US/license.html", False),
        ("The licence agreements were not accepted.", True),
        ("ACCEPT new LICENSE AGREEMENTS? no", True),
        ("Software License Agreement Failures", True),
    ],
)
def test_only_a_licence_that_matters_is_a_trace(line: str, found: bool) -> None:
    text = f"{line}\ninstall_all_updates: Result = FAILURE\n"
    assert ("F17" in ids(diagnose_text(text))) is found


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("p1_proc_open", Source.LVUPDLOG),
        ("nothing_errpt_completed", Source.ERRPT),
        ("nothing_emgr_removed", Source.EMGR),
        ("nothing_install_log_of_a_good_update", Source.INSTALL),
        ("f21_alt_disk_log", Source.ALT_DISK),
        ("f23_nimsh_down", Source.NIM),
        ("f05_in_a_preview", Source.PREVIEW),
        ("nothing_update_72", Source.TERMINAL),
        ("f12_hmc_alone", Source.HMC),
        ("f10_password", Source.HMCAUTH),
        ("f28_peer_domain", Source.RMC),
        ("p2_running", Source.PRECHECK),
        ("f50_reset", Source.TERMINAL),
        ("p1_whole_update_72", Source.MIXED),
        ("nothing_prose_about_failures", Source.OTHER),
    ],
)
def test_the_kind_of_a_file_is_known_by_its_content(content: str, kind: Source) -> None:
    assert list(judged(files_of(content)).kinds.values()) == [kind]


@pytest.mark.parametrize(
    ("line", "component", "level", "second"),
    [
        ("OLVUPDMCR 1610089744.160 DEBUG mcr_fd_srm_dev - Calling it", "OLVUPDMCR", "DEBUG", 4),
        ("KLVUPD 1610089744 DEBUG - 6750576/24904167 DENY Blocking entry", "KLVUPD", "DEBUG", 4),
        ("XYLVUPDNEW 1610089755,5 WARNING - something", "XYLVUPDNEW", "WARNING", 15),
        ("[RPP#rpp::ManagementConsole::rcToError] (hmc-zw-2): librpp error", "hmc-zw-2", "", None),
        ("[2021-11-04][16:03:24]libhmc_http.c:getHmcErrorMessage:1395: x", "libhmc_http.c", "", None),
        ("mcr: cke_errno 52 cke_Sy_error 1 cke_Xtnd_error 2 cke_buf /x", "mcr", "", None),
    ],
)
def test_records_of_the_log(line: str, component: str, level: str, second: int | None) -> None:
    record = record_in(line)
    assert record is not None
    assert (record.component, record.level) == (component, level)
    assert (record.at.second if record.at else None) == second


def test_what_is_no_record_is_none() -> None:
    assert record_in("1430-045 The Live Update operation failed.") is None


def test_control_sequences_and_what_was_rubbed_out_are_gone() -> None:
    assert clean("\x1b[1mab\x1b[0m  x\x08c\x00\t“d” ") == "ab c 'd'"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("KLVUPD 1610089744 DEBUG - 1/2 DENY Blocking\nentry: procfs open, count: 9\n", "P1"),
        ("1430-246 \u00c9CHEC : Aucune authentification valide.\n", "F09"),
        ("1430-143 INFO: Audit is on.\n", ""),
        ("OLVUPD 1710089000 INFO rpp - event HSCL1234 recorded\n", ""),
        ("HSCL03EC There are not enough memory resources.\n1430-045 x\n", "F33"),
        ("/usr/bin/domainname: returned 1\n1430-045 x\n", "P7"),
        ("0503-409 installp: bosboot verification starting...\n", ""),
        ("[1] + Killed sleep 60 &\nThe live update operation succeeded.\n", ""),
    ],
)
def test_what_a_line_means_depends_on_what_it_says(text: str, first: str) -> None:
    assert (ids(diagnose_text(text)) or [""])[0] == first


def test_a_log_is_read_in_blocks_and_counted_by_lines() -> None:
    """The trace stands behind more than one block, next to the border, in a line that goes on behind it."""
    for length in (BLOCK - 90, BLOCK - 20, 2 * BLOCK + 1):
        filler = b"OLVUPD 1610089000 DEBUG x - error 0\n" * (length // 36)
        log = filler + b"KLVUPD 1610089744 DEBUG - 1/2 DENY Blocking entry: procfs\nopen, count: 9\n"
        (found,) = diagnose([("log", BytesIO(log))]).diagnoses
        assert (found.signature.id, found.traces[0].number) == ("P1", filler.count(b"\n") + 1)


def test_much_of_the_same_hides_nothing() -> None:
    chatter = b"OLVUPD 1610089000 DEBUG x - 0042-999 error fail procfs opened\n" * (ENOUGH + 10)
    log = chatter + b"1430-045 The Live Update operation failed.\n"
    assert ids(diagnose([("log", BytesIO(log))])) == ["F01"]


@pytest.mark.parametrize(
    "content",
    [
        b"A" * 200_000,
        b"\n" * 200_000,
        b"." * 200_000,
        b"LVUPD" * 20_000,
        b"\r" * 200_000,
        b"\xff\x00" * 99_999,
    ],
)
def test_what_is_no_log_is_read_all_the_same(content: bytes) -> None:
    assert ids(diagnose([("noise", BytesIO(content))])) == []


def test_a_line_without_end_is_seen_around_its_anchor() -> None:
    content = b"x" * (3 * LONGEST) + b" 1430-237 FAILED: No management console " + b"x" * BLOCK
    assert ids(diagnose([("line", BytesIO(content))])) == ["F07"]


def test_the_pitfalls_say_what_may_follow() -> None:
    follows = {signature.id: signature.next for signature in SIGNATURES if signature.id[0] == "P"}
    assert follows == {
        "P1": Next.RETRY,
        "P2": Next.PREPARE,
        "P3": Next.RETRY,
        "P4": Next.PERSON,
        "P5": Next.RETRY,
        "P6": Next.PERSON,
        "P7": Next.PERSON,
        "P8": Next.PERSON,
    }


def test_every_signature_of_the_handbook_is_there() -> None:
    assert set(SIGNATURE_OF) == {f"P{n}" for n in range(1, 9)} | {f"F{n:02d}" for n in range(1, 55)}


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda s: s.id)
def test_a_signature_is_whole(signature: Signature) -> None:
    known = set(SIGNATURE_OF)
    assert signature.title and signature.cause.endswith(".") and signature.remedy.endswith(".")
    assert signature.where and set(signature.covers) | set(signature.explains) <= known - {signature.id}
    example = clean(signature.example).lower()
    assert any(anchor in example for anchor in signature.anchors), "the example holds no anchor"
    assert all(anchor == anchor.lower() for anchor in signature.anchors)
    assert re.search(signature.pattern, clean(signature.example))
    assert all("{" not in filled(command, {}).replace("${", "") for command in signature.commands)


def test_unexplained_marks_do_not_hide_each_other() -> None:
    text = "Return Status = FAILURE\nReturn Status = SUCCESS\n"
    assert ids(diagnose_text(text)) == []
    assert Mark.FIXES_FAILED != Mark.FIXES_SUCCEEDED
    assert ids(diagnose_text("Return Status = SUCCESS\nReturn Status = FAILURE\n")) == ["F41"]
