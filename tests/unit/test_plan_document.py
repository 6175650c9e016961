"""A plan survives its canonical JSON unchanged, and nothing else is taken for one."""

import json
from typing import Any

import pytest

from inventory.command import aix, hmc
from liveupdate.procedures.document import NotAPlan, read_plan
from liveupdate.procedures.step import (
    Answer,
    Expect,
    HostRef,
    OnFailure,
    Phase,
    Plan,
    Prompt,
    Run,
    Step,
    StepHost,
    StepKind,
    WriteFile,
)
from portal.lib.canonical import canonical_json, digest_of


def step(step_id: str, **changes: Any) -> Step:
    given: dict[str, Any] = {
        "id": step_id,
        "phase": Phase.PREPARE,
        "title": "Switch Trusted Execution off",
        "why": "Live Update refuses it.",
        "host": StepHost.LPAR,
        "kind": StepKind.READ,
        "action": Run(aix("trustchk", "-p")),
    }
    return Step(**(given | changes))


def plan(**changes: Any) -> Plan:
    host = HostRef("pay01", "127.0.0.1", 22, "root", "SHA256:" + "A" * 43, "pay01-key")
    given: dict[str, Any] = {
        "procedure": "local_live_update",
        "version": 3,
        "lpar": {"name": "pay01", "uuid": "u", "serial": "78A1234"},
        "hosts": {StepHost.LPAR: host, StepHost.HMC: host},
        "parameters": {"nhdisk": "hdisk1", "levels": ["a", None, 4, True]},
        "steps": (
            step("save"),
            step(
                "write",
                kind=StepKind.ONCE,
                action=WriteFile("/x", "ü\t\n", "0640"),
                cures=("RQ-140",),
                live_update=True,
                reversible=False,
                deadline_s=7,
            ),
            step("ask", action=Answer(hmc("hmcauth"), (Prompt("word:", "hmc-secret"),))),
        ),
        "restoration": (
            step(
                "back",
                undoes="write",
                on_failure=OnFailure.CONTINUE,
                expect=Expect((0, 1), ("a",), ("b",), "save"),
            ),
        ),
        "warnings": ("Committed updates cannot be rejected.",),
        "watch": hmc("lssyscfg", "-r", "lpar"),
    }
    return Plan(**(given | changes))


@pytest.mark.threat("T7")
def test_a_plan_read_back_is_the_same_plan() -> None:
    original = plan()
    text = canonical_json(original.document()).decode()
    assert read_plan(text) == original
    assert read_plan(original.document()).document() == original.document()
    assert digest_of(read_plan(text).document()) == digest_of(original.document())


def test_a_plan_without_a_watch_is_read_back() -> None:
    assert read_plan(plan(watch=None).document()) == plan(watch=None)


@pytest.mark.threat("T24")
@pytest.mark.asvs("1.5.2")
@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("schema",), "live-update-plan/2"),
        (("extra",), 1),
        (("steps", 0, "extra"), "x"),
        (("steps", 0, "kind"), "sometimes"),
        (("steps", 0, "deadline_s"), "120"),
        (("steps", 0, "live_update"), 0),
        (("steps", 0, "action", "do"), "guess"),
        (("steps", 0, "action", "argv"), []),
        (("steps", 0, "action", "argv"), ["a\x00b"]),
        (("steps", 0, "expect", "statuses"), ["0"]),
        (("steps", 1, "id"), "save"),
        (("steps", 1, "action", "content"), None),
        (("restoration", 0, "undoes"), "nothing"),
        (("restoration", 0, "expect", "equals_saved"), "nothing"),
        (("hosts", "lpar", "port"), 22.5),
        (("hosts", "mainframe"), {}),
        (("watch", "argv"), "lssyscfg"),
    ],
)
def test_anything_else_is_refused(where: tuple[str | int, ...], value: object) -> None:
    document = plan().document()
    place: Any = document
    for key in where[:-1]:
        place = place[key]
    place[where[-1]] = value
    with pytest.raises(NotAPlan):
        read_plan(document)


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"schema": 1}'])
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(NotAPlan):
        read_plan(text)


def test_a_missing_key_is_refused() -> None:
    for key in plan().document():
        document = plan().document()
        del document[key]
        with pytest.raises(NotAPlan):
            read_plan(json.dumps(document))


def test_two_steps_cannot_share_an_id() -> None:
    with pytest.raises(ValueError, match="Two steps"):
        plan(restoration=(step("save"),))
