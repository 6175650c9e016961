"""Whether each run was allowed when it began, and at each step that cannot be undone: the ruling asked
again, with nothing but entries."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

from liveupdate.bundle.verifier.opening import Bundle, Entry, canonical, sha256_of
from liveupdate.bundle.verifier.releases import Finding
from liveupdate.control.ruling import (
    Case,
    Decision,
    Delegation,
    Held,
    Ladder,
    Person,
    Policy,
    allowance_for,
    ladder,
    rule_for,
)

ENDS_DECISIONS = ("plan.void", "approval.expire", "request.submit")
VERDICTS = {
    "approval.grant": "approve",
    "approval.deny": "reject",
    "approval.change": "change",
    "approval.withdraw": "withdraw",
}


class Asked(NamedTuple):
    """A request as its entries tell it up to now."""

    first: Entry
    wish: dict[str, Any]
    editors: list[str]
    submitted: dict[str, Any]
    decisions: list[Decision]


class Template(NamedTuple):
    """A standard change: who wrote it and who approved it."""

    authors: set[str]
    approvers: set[str]


class History:
    """Who has which rights and what was asked and decided, entry by entry.

    `files` gives plans and policies by their names in a bundle, with `get`.
    """

    def __init__(self, files: Any) -> None:
        self.files = files
        self.people: dict[str, Person] = {}
        self.delegations: dict[int, Delegation] = {}
        self.asked: dict[str, Asked] = {}
        self.templates: dict[str, Template] = {}

    def see(self, entry: Entry) -> None:
        """The next entry."""
        kind = entry.type
        if kind in ("user.change", "role.change"):
            self._see_person(entry)
        elif kind in ("delegation.give", "delegation.end"):
            self._see_delegation(entry)
        elif kind.startswith("template."):
            self._see_template(entry)
        elif kind in ("request.create", "request.edit"):
            self._see_wish(entry)
        elif kind in VERDICTS or kind in ENDS_DECISIONS:
            self._see_decision(entry)
        elif kind == "drift.found" and entry.said["d"].get("outcome") == "reapprove":
            self.asked[entry.said["sub"]["request"]].decisions.clear()

    def why_not(self, entry: Entry) -> str:
        """Why the plan of the run that begins with this entry was not allowed then; empty when it was."""
        subject, at = entry.said["sub"], seconds(entry.said["at"])
        asked = self.asked.get(subject["request"])
        if asked is None or not asked.submitted:
            return "nobody had handed the request in"
        if asked.submitted.get("plan_digest") != subject.get("plan"):
            return "the plan that was handed in is another one"
        if not seconds(asked.wish["starts_at"]) <= at < seconds(asked.wish["ends_at"]):
            return "its change window was not open"
        try:
            held = ladder(self._case(asked, subject["plan"]), asked.decisions, at)
            if not held.startable:
                return _short_of(held)
            return (
                self._no_template(asked, subject["plan"]) if asked.submitted["change"] == "standard" else ""
            )
        except LookupError as error:
            return str(error)

    def held_at(self, entry: Entry) -> Ladder | None:
        """The decisions on a run's plan as they stood at this entry; None where nobody can tell."""
        asked = self.asked.get(entry.said["sub"]["request"])
        if asked is None or not asked.submitted:
            return None
        try:
            case = self._case(asked, entry.said["sub"]["plan"])
        except LookupError:
            return None
        return ladder(case, asked.decisions, seconds(entry.said["at"]))

    def why_not_lasting(self, entry: Entry) -> str:
        """Why the step that begins with this entry was not allowed then, because it cannot be undone and a
        decision was missing; empty when it was."""
        subject, held = entry.said["sub"], self.held_at(entry)
        if held is None or held.carried or not self._lasting(subject["plan"], subject["step"]):
            return ""
        return _short_of(held)

    def _lasting(self, plan: str, step: str) -> bool:
        """Whether a step of the plan's way forward cannot be undone."""
        steps = json.loads(self._plan(plan))["steps"]
        return any(each["id"] == step and (each["live_update"] or not each["reversible"]) for each in steps)

    def _see_person(self, entry: Entry) -> None:
        said, subject = entry.said["d"], entry.said["sub"]
        person = self.people.setdefault(subject["user"], Person(active=True, roles=[]))
        if entry.type == "user.change":
            if said["what"] in ("activated", "deactivated"):
                person["active"] = said["what"] == "activated"
            return
        team = subject.get("team", "")
        person["roles"] = [
            held for held in person["roles"] if (held["role"], held["team"]) != (said["role"], team)
        ]
        if said["what"] != "revoked":
            by = entry.said["actor"]["id"]
            person["roles"].append(Held(role=said["role"], team=team, by=by, at=seconds(entry.said["at"])))

    def _see_delegation(self, entry: Entry) -> None:
        said = entry.said["d"]
        if entry.type == "delegation.end":
            given = self.delegations[said["delegation"]]
            given["ends_at"] = min(given["ends_at"], seconds(said["ended_at"]))
            return
        self.delegations[said["delegation"]] = Delegation(
            giver=said["giver"],
            taker=said["taker"],
            starts_at=seconds(said["starts_at"]),
            ends_at=seconds(said["ends_at"]),
            risk=said["risk"],
            environments=said["environments"],
        )

    def _see_template(self, entry: Entry) -> None:
        named, actor = entry.said["d"]["template"], entry.said["actor"]["id"]
        if entry.type == "template.end":
            self.templates.pop(named, None)
            return
        template = self.templates.setdefault(named, Template(set(), set()))
        (template.approvers if entry.type == "template.approve" else template.authors).add(actor)

    def _no_template(self, asked: Asked, plan: str) -> str:
        """Why the standard change that a request rests on does not carry it; empty when it does."""
        named = asked.submitted["template"]
        template = self.templates.get(named)
        if template is None or not template.authors or not template.approvers - template.authors:
            return f"nobody but its author had approved the standard change {named[:19]}"
        procedure = json.loads(self._plan(plan))["procedure"]
        wish = {name: asked.wish[name] for name in ("procedure", "media", "target_level", "choices")}
        text = canonical(
            {
                **wish,
                "procedure_version": procedure["version"],
                "team": asked.first.said["sub"]["team"],
                "consents": sorted(asked.wish["consents"]),
            }
        )
        return "" if sha256_of(text) == named else f"it is not the standard change {named[:19]}"

    def _plan(self, named: str) -> bytes:
        held = self.files.get(f"plans/{named.partition(':')[2]}.json")
        if held is None:
            raise LookupError(f"the text of the plan {named[:19]} is not in the bundle")
        return bytes(held)

    def _see_wish(self, entry: Entry) -> None:
        number, actor = entry.said["sub"]["request"], entry.said["actor"]
        known = self.asked.get(number)
        editors = known.editors if known else []
        if actor["k"] == "user" and actor["id"] not in editors:
            editors = [*editors, actor["id"]]
        wish = entry.said["d"] if "starts_at" in entry.said["d"] or known is None else known.wish
        self.asked[number] = Asked(known.first if known else entry, wish, editors, {}, [])

    def _see_decision(self, entry: Entry) -> None:
        number, said = entry.said["sub"].get("request"), entry.said["d"]
        asked = self.asked.get(number)
        if asked is None:
            return
        if entry.type in VERDICTS:
            self.people.setdefault(entry.said["actor"]["id"], Person(active=True, roles=[]))
            asked.decisions.append(_decision(entry))
            return
        submitted = said if entry.type == "request.submit" else {}
        self.asked[number] = asked._replace(submitted=submitted, decisions=[])

    def _case(self, asked: Asked, plan: str) -> Case:
        terms = asked.submitted
        policy = self._policy(terms["policy"])
        rule = rule_for(policy, terms["change"], terms["environment"], terms["risk"])
        wish = asked.wish
        return Case(
            team=asked.first.said["sub"]["team"],
            environment=terms["environment"],
            risk=terms["risk"],
            requester=asked.first.said["actor"]["id"],
            editors=asked.editors,
            made_at=seconds(asked.first.said["at"]),
            digest=plan,
            window=[wish["starts_at"], wish["ends_at"]],
            rule=rule,
            allowance=allowance_for(terms["change"]),
            people=self.people,
            delegations=list(self.delegations.values()),
        )

    def _policy(self, named: str) -> Policy:
        held = self.files.get(f"policies/{named.partition(':')[2]}.json")
        if held is None or sha256_of(held) != named:
            raise LookupError(f"the text of the policy {named[:19]} is not in the bundle")
        policy: Policy = json.loads(held.decode())
        return policy


def check_approvals(bundle: Bundle) -> list[Finding]:
    """What is wrong with the beginnings of runs and of their steps that cannot be undone, each judged by
    what had been entered before it."""
    history, begun, findings = History(bundle.files), set(), []
    for entry in bundle.entries:
        history.see(entry)
        run, step = entry.said["sub"].get("run"), entry.said["sub"].get("step", "")
        if entry.type not in ("run.start", "step.start") or (run, step) in begun:
            continue
        begun.add((run, step))
        if entry.type == "run.start":
            why, what = history.why_not(entry), f"Run {run} began"
        else:
            why, what = history.why_not_lasting(entry), f"Run {run} began {step}, which cannot be undone,"
        if why:
            findings.append(Finding(False, f"{what} although {why}."))
    return findings


def _short_of(held: Ladder) -> str:
    if held.rejected_by:
        return f"{held.rejected_by} had rejected it"
    because = "; ".join(f"{each['person']} {refusal.about}" for each, refusal in held.dropped)
    return f"{held.missing} decisions were missing" + (f" ({because})" if because else "")


def seconds(text: str) -> float:
    """A time of the ledger (RFC 3339 in UTC) as seconds since 1970."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _decision(entry: Entry) -> Decision:
    said = entry.said["d"]
    return Decision(
        id=said["approval"],
        person=entry.said["actor"]["id"],
        giver=said.get("for", ""),
        verdict=VERDICTS[entry.type],
        stage=said.get("stage", 0),
        digest=said["plan_digest"],
        window=said["window"],
        factor=said.get("factor", "none"),
        at=seconds(entry.said["at"]),
    )
