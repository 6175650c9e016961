"""The verifier rules as the portal does: every vector of the ruling told as a history of entries, and what
only entries can show."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from liveupdate.bundle.verifier.approvals import VERDICTS, check_approvals
from liveupdate.bundle.verifier.opening import Bundle, Entry, canonical, sha256_of
from liveupdate.control import ruling
from tests.unit.test_ruling import DATA, case_of, decision, delegation

START = datetime(2026, 3, 1, tzinfo=UTC)
TIMES = {"open": 0.0, "end": 90.0, "other": 91.0}
EVENTS = {verdict: event for event, verdict in VERDICTS.items()}
LASTING = {"id": "update", "live_update": True, "reversible": False}
PLAN = canonical({"procedure": {"version": 1}, "steps": [{**LASTING, "id": "look", "live_update": False,
                                                          "reversible": True}, LASTING]})  # fmt: skip
NOW = 10.0


class History:
    """Entries in the order of their hours, and the texts that go with them."""

    def __init__(self) -> None:
        self.said: list[tuple[float, dict[str, Any]]] = []
        self.files = {f"plans/{sha256_of(PLAN).partition(':')[2]}.json": PLAN}

    def enter(self, hour: float, event: str, actor: str, subject: Any, **data: Any) -> None:
        who = {"k": "user", "id": actor}
        self.said.append(
            (hour, {"t": event, "at": when(hour), "actor": who, "sub": dict(subject), "d": data})
        )

    def policy(self, rule: Any) -> str:
        rules = [{**rule, "change": "*", "environment": "*", "risk": "*"}]
        text = canonical({"rules": rules, "confirm_s": 900, "review_days": 5})
        self.files[f"policies/{sha256_of(text).partition(':')[2]}.json"] = text
        return sha256_of(text)

    def findings(self) -> list[str]:
        ordered = [document for _, document in sorted(self.said, key=lambda each: each[0])]
        entries = [Entry(seq, b"", document) for seq, document in enumerate(ordered)]
        bundle: Any = Bundle(self.files, {}, [], None, entries, entries[-1])  # type: ignore[arg-type]  # unread
        return [finding.text for finding in check_approvals(bundle)]


def when(hour: float) -> str:
    """An hour of the vectors as a time of the ledger."""
    return (START + timedelta(hours=hour)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def told(vector: dict[str, Any]) -> History:
    """A vector as a history that ends with the start of the run."""
    history, case = History(), case_of(vector)
    request = {"request": "R-1", "team": case["team"]}
    for name, person in case["people"].items():
        for held in person["roles"]:
            subject = {"user": name} | ({"team": held["team"]} if held["team"] else {})
            at = held["at"] / 3600
            history.enter(at, "role.change", held["by"], subject, what="granted", role=held["role"])
        if not person["active"]:
            history.enter(NOW - 0.02, "user.change", "adm", {"user": name}, what="deactivated")
    for number, words in enumerate({**DATA["base"], **vector}["delegations"]):
        each = delegation(words)
        times = {name: when(each[name] / 3600) for name in ("starts_at", "ends_at")}
        given: dict[str, Any] = {**each, **times, "delegation": number}
        history.enter(min(each["starts_at"] / 3600, 9.0), "delegation.give", each["giver"], {}, **given)
    wish = {"starts_at": when(TIMES["open"]), "ends_at": when(TIMES["end"])}
    history.enter(0, "request.create", case["requester"], request, **wish)
    for editor in case["editors"]:
        history.enter(0.01, "request.edit", editor, request, **wish)
    terms = {"change": "emergency" if case["allowance"] else "normal", "environment": case["environment"]}
    terms |= {"risk": case["risk"], "policy": history.policy(case["rule"]), "template": ""}
    history.enter(0.02, "request.submit", case["requester"], request, plan_digest=sha256_of(PLAN), **terms)
    for words in vector.get("decisions", []):
        decide(history, words)
    history.enter(vector.get("now", NOW), "run.start", "w1", {**request, "run": 1, "plan": sha256_of(PLAN)})
    return history


def decide(history: History, words: str, event: str = "") -> None:
    said = decision(words)
    kind = event or EVENTS.get(said["verdict"])
    if kind is None:
        return
    plan = sha256_of(PLAN) if said["digest"] == DATA["base"]["digest"] else said["digest"]
    window = [when(TIMES[name]) for name in said["window"]] if len(said["window"]) > 1 else [when(91)] * 2
    data = {"approval": said["id"], "plan_digest": plan, "window": window, "for": said["giver"]}
    data |= {"stage": said["stage"], "factor": said["factor"]}
    history.enter(said["at"] / 3600, kind, said["person"], {"request": "R-1"}, **data)


@pytest.mark.parametrize("vector", DATA["vectors"], ids=lambda vector: vector["title"])
def test_the_verifier_rules_as_the_portal_does(vector: dict[str, Any]) -> None:
    decisions = [decision(words) for words in vector.get("decisions", [])]
    ruled = ruling.ladder(case_of(vector), decisions, vector.get("now", NOW) * 3600)
    findings = told(vector).findings()
    assert (findings == []) == ruled.startable, findings


def emergency(*decisions: str) -> History:
    """One that starts at 10 and takes the step that cannot be undone at 12."""
    history = told({"allowance": 1})
    for words in decisions:
        decide(history, words)
    for hour, step in ((11, "look"), (12, "update"), (13, "update")):
        subject = {"request": "R-1", "run": 1, "plan": sha256_of(PLAN), "step": step}
        history.enter(hour, "step.start", "w1", subject, attempt=1)
    return history


@pytest.mark.parametrize(
    ("decisions", "why"),
    [
        (["1 ivy approve at 11 factor second_factor"], ""),
        (["1 ivy approve at 9 factor second_factor"], ""),
        ([], "1 decisions were missing"),
        (["1 ivy approve at 12.5 factor second_factor"], "1 decisions were missing"),
        (["1 ivy approve at 11 factor password"], "ivy decided without their second factor"),
        (["1 ana approve at 11 factor second_factor"], "ana made this request"),
        (["1 kim approve at 11 factor second_factor"], "kim is no approver"),
        (["1 ivy approve at 11 factor second_factor", "2 bo reject at 11.5"], "bo had rejected it"),
    ],
)
def test_an_emergency_is_confirmed_before_what_cannot_be_undone(decisions: list[str], why: str) -> None:
    findings = emergency(*decisions).findings()
    assert len(findings) == bool(why), "each step is judged when it first began"
    assert not why or (findings[0].startswith("Run 1 began update") and why in findings[0])


def test_nobody_opens_an_emergency_twice_as_far_as_one_decision() -> None:
    two = {**DATA["two_stages"]}
    assert told({"allowance": 1, "rule": two}).findings() == [
        "Run 1 began although 3 decisions were missing."
    ]


STANDARD = canonical({
    "procedure": "local_live_update", "procedure_version": 1, "team": "payroll", "media": "nim:/a",
    "target_level": "7200", "choices": {}, "consents": ["a", "b"],
})  # fmt: skip


def standard(steps: list[tuple[float, str, str]], **wish: Any) -> History:
    """A standard change that starts at 10; `steps` are what happened to its template."""
    history = History()
    said = {"starts_at": when(0), "ends_at": when(90), "consents": ["b", "a"]}
    said |= {"procedure": "local_live_update", "media": "nim:/a", "target_level": "7200", "choices": {}}
    request = {"request": "R-1", "team": "payroll"}
    for hour, event, who in steps:
        history.enter(hour, f"template.{event}", who, {"team": "payroll"}, template=sha256_of(STANDARD))
    history.enter(0, "request.create", "ana", request, **(said | wish))
    terms = {"change": "standard", "environment": "test", "risk": "low", "template": sha256_of(STANDARD)}
    terms["policy"] = history.policy({"stages": [], "expires_s": 0, "step_up": "none"})
    history.enter(1, "request.submit", "ana", request, plan_digest=sha256_of(PLAN), **terms)
    history.enter(10, "run.start", "w1", {**request, "run": 1, "plan": sha256_of(PLAN)})
    return history


WRITTEN = [(-3.0, "write", "ana"), (-2.0, "approve", "ivy")]


@pytest.mark.parametrize(
    ("steps", "wish", "why"),
    [
        (WRITTEN, {}, ""),
        (WRITTEN[:1], {}, "nobody but its author had approved"),
        ([(-3.0, "write", "ana"), (-2.0, "approve", "ana")], {}, "nobody but its author had approved"),
        ([(-3.0, "approve", "ivy")], {}, "nobody but its author had approved"),
        ([*WRITTEN, (5.0, "end", "ivy")], {}, "nobody but its author had approved"),
        ([WRITTEN[0], (10.5, "approve", "ivy")], {}, "nobody but its author had approved"),
        ([*WRITTEN, (5.0, "end", "ivy"), (6.0, "write", "ana"), (7.0, "approve", "bo")], {}, ""),
        (WRITTEN, {"media": "nim:/b"}, "it is not the standard change"),
        (WRITTEN, {"consents": ["a"]}, "it is not the standard change"),
    ],
)
def test_a_standard_change_rests_on_its_template(
    steps: list[tuple[float, str, str]], wish: dict[str, Any], why: str
) -> None:
    findings = standard(steps, **wish).findings()
    assert len(findings) == bool(why), findings
    assert not why or why in findings[0]


def test_a_delegation_that_was_ended_early_carries_nothing_afterwards() -> None:
    vector = {"delegations": ["ivy sam 0 20 high"], "decisions": ["1 sam approve at 5 for ivy"]}
    assert told(vector).findings() == []
    history = told(vector)
    history.enter(6, "delegation.end", "ivy", {}, delegation=0, ended_at=when(6))
    assert "sam decided by a delegation that is over" in history.findings()[0]


def test_a_drift_that_wants_another_decision_takes_those_before_it() -> None:
    vector = {"decisions": ["1 ivy approve at 5"]}
    for outcome, findings in (("warn", 0), ("reapprove", 1)):
        history = told(vector)
        history.enter(6, "drift.found", "w1", {"request": "R-1"}, outcome=outcome, plan=1)
        assert len(history.findings()) == findings
    decide(history, "2 ivy approve at 7")
    assert history.findings() == []


def test_a_policy_whose_text_was_exchanged_is_told() -> None:
    history = told({"decisions": ["1 ivy approve at 5"]})
    name = next(name for name in history.files if name.startswith("policies/"))
    history.files[name] = json.dumps({"rules": []}).encode()
    assert "the text of the policy" in history.findings()[0]
