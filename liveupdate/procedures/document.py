"""Reads a plan back from its canonical JSON, so that exactly the stored text is executed."""

import json
from typing import Any

from inventory.accounts import AccountClass
from inventory.command import Command, UnsafeArgument
from liveupdate.procedures.step import (
    PLAN_SCHEMA,
    Action,
    Answer,
    Branch,
    Expect,
    Fetch,
    HostRef,
    Looking,
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
from portal.lib.canonical import canonical_json
from portal.lib.errors import Invalid


class NotAPlan(Invalid):
    """The text is not a plan that this version of the portal wrote."""

    code = "not_a_plan"


def read_plan(document: dict[str, Any] | str) -> Plan:
    """The plan that a document (or its JSON text) holds.

    Nothing is lost or guessed: `read_plan(text).document()` has the canonical JSON of `text`.
    Raises NotAPlan for anything else, be it one unknown key.
    """
    try:
        held = json.loads(document) if isinstance(document, str) else document
        plan = _plan(held)
        same = canonical_json(plan.document()) == canonical_json(held)
    except (ValueError, KeyError, TypeError, AttributeError, UnsafeArgument) as error:
        raise NotAPlan(f"This is not a plan: {type(error).__name__}: {error}.", remedy=_REMEDY) from error
    if not same:
        raise NotAPlan(f"This plan holds more than the format {PLAN_SCHEMA} knows.", remedy=_REMEDY)
    return plan


_REMEDY = "Render the plan again; a plan is never edited."


def _plan(held: dict[str, Any]) -> Plan:
    if held["schema"] != PLAN_SCHEMA:
        raise ValueError(f"its format is {held['schema']!r}, not {PLAN_SCHEMA!r}")
    return Plan(
        procedure=str(held["procedure"]["name"]),
        version=int(held["procedure"]["version"]),
        lpar=held["lpar"],
        hosts={StepHost(role): _host(host) for role, host in held["hosts"].items()},
        parameters=held["parameters"],
        steps=tuple(_step(step) for step in held["steps"]),
        restoration=tuple(_step(step) for step in held["restoration"]),
        warnings=tuple(str(warning) for warning in held["warnings"]),
        watch=None if held["watch"] is None else _command(held["watch"]),
        failure=tuple(_step(step) for step in held["failure"]),
        branches=tuple(_branch(branch) for branch in held["branches"]),
    )


def _branch(held: dict[str, Any]) -> Branch:
    return Branch(
        name=str(held["name"]),
        after=str(held["after"]),
        title=str(held["title"]),
        why=str(held["why"]),
        steps=tuple(_step(step) for step in held["steps"]),
    )


def _host(held: dict[str, Any]) -> HostRef:
    return HostRef(
        name=str(held["name"]),
        address=str(held["address"]),
        port=int(held["port"]),
        account=str(held["account"]),
        host_key=str(held["host_key"]),
        credential=str(held["credential"]),
        looking=_looking(held["looking"]) if "looking" in held else None,
    )


def _looking(held: dict[str, Any]) -> Looking:
    return Looking(account=str(held["account"]), credential=str(held["credential"]))


def _step(held: dict[str, Any]) -> Step:
    return Step(
        id=str(held["id"]),
        phase=Phase(held["phase"]),
        title=str(held["title"]),
        why=str(held["why"]),
        host=StepHost(held["host"]),
        kind=StepKind(held["kind"]),
        action=_action(held["action"]),
        expect=_expect(held["expect"]),
        deadline_s=int(held["deadline_s"]),
        on_failure=OnFailure(held["on_failure"]),
        undoes=str(held["undoes"]),
        cures=tuple(str(check) for check in held["cures"]),
        reversible=bool(held["reversible"]),
        live_update=bool(held["live_update"]),
        restarts=bool(held["restarts"]),
        patience_s=int(held["patience_s"]),
        account=AccountClass(held.get("account", AccountClass.EXECUTE)),
    )


def _expect(held: dict[str, Any]) -> Expect:
    return Expect(
        statuses=tuple(int(status) for status in held["statuses"]),
        has=tuple(str(pattern) for pattern in held["has"]),
        lacks=tuple(str(pattern) for pattern in held["lacks"]),
        equals_saved=str(held["equals_saved"]),
    )


def _action(held: dict[str, Any]) -> Action:
    match held["do"]:
        case "run":
            return Run(_command(held))
        case "answer":
            asked = tuple(
                Prompt(str(p["pattern"]), str(p["credential"]), str(p["text"])) for p in held["prompts"]
            )
            return Answer(_command(held), asked)
        case "write_file":
            return WriteFile(str(held["path"]), str(held["content"]), str(held["mode"]))
        case "fetch":
            return Fetch(str(held["path"]), str(held["name"]))
        case other:
            raise ValueError(f"nobody knows how to do {other!r}")


def _command(held: dict[str, Any]) -> Command:
    return Command(tuple(str(word) for word in held["argv"]), bool(held["locale"]))
