"""The ruling by its vectors, and that it runs where only an old Python is."""

import ast
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from liveupdate.control import ruling
from liveupdate.control.policy import SHIPPED, ChangeClass, check_policy, read_stages, show_stages
from liveupdate.control.reachability import unreachable
from liveupdate.control.risk import risk_of
from liveupdate.control.ruling import Case, Decision, Delegation, Held, Person, Rule, Stage
from portal.lib.errors import Invalid

DATA = yaml.safe_load((Path(__file__).parents[1] / "data/control/ruling.yaml").read_text())
HOUR = 3600.0
EXPECTS = {
    "title", "who", "token", "missing", "carried", "startable", "dropped", "rejected_by", "noted",
    "unreachable", "now", "decisions",
}  # fmt: skip


def case_of(vector: dict[str, Any]) -> Case:
    given = {**DATA["base"], **{key: value for key, value in vector.items() if key not in EXPECTS}}
    people = {**DATA["base"]["people"], **vector.get("people", {})}
    rule = DATA["two_stages"] if given["rule"] == "two_stages" else given["rule"]
    return Case(
        team=given["team"],
        environment=given["environment"],
        risk=given["risk"],
        requester=given["requester"],
        editors=given["editors"],
        made_at=given["made_at"] * HOUR,
        digest=given["digest"],
        window=given["window"],
        rule=rule_of(rule),
        allowance=given["allowance"],
        people={name: person(words) for name, words in people.items()},
        delegations=[delegation(words) for words in given["delegations"]],
    )


def rule_of(given: dict[str, Any]) -> Rule:
    stages = [Stage(title="", **stage) for stage in given["stages"]]
    return Rule(stages=stages, expires_s=int(given["expires_h"] * HOUR), step_up=given["step_up"])


def person(words: list[str]) -> Person:
    """E.g. `approver payroll by ana at 1`, `operator *`, `inactive`."""
    roles = [word.split() for word in words if word != "inactive"]
    return Person(active="inactive" not in words, roles=[held(*each) for each in roles])


def held(role: str, team: str, *more: str) -> Held:
    said = named(more)
    at = float(said.get("at", -100)) * HOUR
    return Held(role=role, team="" if team == "*" else team, by=said.get("by", ""), at=at)


def delegation(words: str) -> Delegation:
    giver, taker, start, end, risk, *places = words.split()
    return Delegation(
        giver=giver,
        taker=taker,
        starts_at=float(start) * HOUR,
        ends_at=float(end) * HOUR,
        risk=risk,
        environments=places,
    )


def decision(words: str) -> Decision:
    """E.g. `1 ivy approve at 5 stage 1 for bo`."""
    number, who, verdict, *more = words.split()
    said = named(more)
    base = DATA["base"]
    return Decision(
        id=int(number),
        person=who,
        giver=said.get("for", ""),
        verdict=verdict,
        stage=int(said.get("stage", 0)),
        digest=said.get("digest", base["digest"]),
        window=[said["window"]] if "window" in said else base["window"],
        factor=said.get("factor", "none"),
        at=float(said["at"]) * HOUR,
    )


def named(words: Any) -> dict[str, str]:
    return dict(zip(words[::2], words[1::2], strict=True))


def told(answer: ruling.Answer) -> object:
    if answer.refusal:
        return answer.refusal.code
    return f"for {answer.giver}" if answer.giver else answer.stage


@pytest.mark.parametrize("vector", DATA["vectors"], ids=lambda vector: vector["title"])
def test_a_vector(vector: dict[str, Any]) -> None:
    case, now = case_of(vector), vector.get("now", 10) * HOUR
    decisions = [decision(words) for words in vector.get("decisions", [])]
    token = vector.get("token", False)
    answers = {
        who: told(ruling.may_decide(case, decisions, who, now, token=token)) for who in vector.get("who", {})
    }
    ladder = ruling.ladder(case, decisions, now)
    found = {
        "who": answers,
        "missing": ladder.missing,
        "carried": ladder.carried,
        "startable": ladder.startable,
        "dropped": {each["person"]: why.code for each, why in ladder.dropped},
        "rejected_by": ladder.rejected_by,
        "noted": [each.decision["person"] for rung in ladder.rungs for each in rung.counted if each.note],
        "unreachable": len(unreachable(case, now)),
    }
    wanted = {name: value for name, value in vector.items() if name in found}
    assert wanted, "a vector that expects nothing"
    assert {name: found[name] for name in wanted} == wanted


def test_the_file_stands_alone_on_python_3_8() -> None:
    source = Path(ruling.__file__).read_text()
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert imported <= {"__future__", "typing"}
    assert imported <= sys.stdlib_module_names | {"__future__"}


def test_the_shipped_policy_wants_one_approver_of_the_team() -> None:
    check_policy(SHIPPED)
    for change in (ChangeClass.NORMAL, ChangeClass.EMERGENCY):
        rule = ruling.rule_for(SHIPPED, change, "production", "high")
        assert show_stages(rule["stages"]) == "1 approver of the team"
    assert ruling.rule_for(SHIPPED, ChangeClass.STANDARD, "test", "low")["stages"] == []


def test_stages_are_read_as_they_are_written() -> None:
    text = "2 approver of the team\n1 operator of all teams"
    assert show_stages(read_stages(text + "\n\n")) == text


@pytest.mark.parametrize("text", ["approver", "0 approver of the team", "1 auditor of the team", "1 x of y"])
def test_what_is_no_stage(text: str) -> None:
    with pytest.raises(Invalid, match="is no stage"):
        read_stages(text)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"environment": "test"}, "last rule has to fit every"),
        ({"stages": []}, "nobody would decide"),
        ({"step_up": "a smile"}, "proof or a time"),
        ({"change": "odd"}, "last rule has to fit every"),
    ],
)
def test_a_policy_that_makes_no_sense(change: dict[str, Any], says: str) -> None:
    last = {**SHIPPED["rules"][-1], **change}
    with pytest.raises(Invalid, match=says):
        check_policy({**SHIPPED, "rules": [last]})  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("environment", "facts", "level"),
    [
        ("test", {"moves_workload": False, "restarts": False, "lasting": 0}, "low"),
        ("test", {"moves_workload": True, "restarts": False, "lasting": 2}, "medium"),
        ("production", {"moves_workload": False, "restarts": False, "lasting": 0}, "medium"),
        ("production", {"moves_workload": True, "restarts": False, "lasting": 2}, "high"),
        ("test", {"moves_workload": False, "restarts": True, "lasting": 2}, "medium"),
    ],
)
def test_the_risk_of_a_change(environment: str, facts: dict[str, Any], level: str) -> None:
    risk = risk_of(environment, **facts, consents=())
    assert risk.level == level
    assert all(reason.endswith(".") for reason in risk.reasons)


@pytest.mark.parametrize("step_up", ruling.FACTORS)
def test_an_emergency_wants_the_second_factor_whatever_the_rule_asks_for(step_up: str) -> None:
    last = {**SHIPPED["rules"][-1], "step_up": step_up}
    policy: Any = {**SHIPPED, "rules": [SHIPPED["rules"][0], last]}
    assert ruling.rule_for(policy, ChangeClass.EMERGENCY, "test", "low")["step_up"] == "second_factor"
    assert ruling.rule_for(policy, ChangeClass.NORMAL, "test", "low")["step_up"] == step_up
    assert [ruling.allowance_for(change) for change in ChangeClass] == [0, 0, 1]
