"""What is another than when a plan was approved, and what the rules say to that.

A *basis* is what a plan rests on beside its own text, by field, in words that people compare; what nobody
knew is not in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import yaml

Basis = Mapping[str, str]
NOT_KNOWN = "not known"


class Rule(StrEnum):
    """What a drift does to an approved plan, the gravest first."""

    VOID = "void"
    REAPPROVE = "reapprove"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class FieldRule:
    """The rule for one field, what pages call the field, and why the rule is as it is."""

    rule: Rule
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Drift:
    """One field that is not as it was: approved against `then`, and `now`."""

    field: str
    then: str
    now: str
    rule: Rule

    def as_dict(self) -> dict[str, str]:
        """The drift as JSON holds it."""
        return {"field": self.field, "then": self.then, "now": self.now, "rule": self.rule.value}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a look before a start: the rule that counts, why, what differed, what was seen."""

    rule: Rule
    why: str
    found: Sequence[Drift]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a version; `version` names what a site changed, too."""

    version: str
    fields: Mapping[str, FieldRule]


def rules(changed: Sequence[str] = ()) -> Rules:
    """The rules as they ship, with what a site changed of them (`filesets=void`).

    Raises ValueError for a field or a rule that there is none of.
    """
    shipped = _shipped()
    fields = dict(shipped.fields)
    for change in changed:
        name, _, rule = change.partition("=")
        if name not in fields:
            raise ValueError(f"There is no field {name!r}; fields are {', '.join(fields)}.")
        fields[name] = FieldRule(Rule(rule), fields[name].title, fields[name].why)
    return Rules("+".join((shipped.version, *sorted(changed))), fields)


@lru_cache(maxsize=1)
def _shipped() -> Rules:
    held = yaml.safe_load((Path(__file__).parent / "drift_rules.yaml").read_text(encoding="utf-8"))
    fields = {
        name: FieldRule(Rule(said["rule"]), said["title"], said["why"])
        for name, said in held["rules"].items()
    }
    return Rules(held["version"], fields)


def drifts(then: Basis, now: Basis, by: Rules) -> list[Drift]:
    """What is another now, in the order of the rules.

    A field that nobody knew then was not approved against; one that nobody knows now has drifted.
    """
    return [
        Drift(name, then[name], now.get(name, NOT_KNOWN), field.rule)
        for name, field in by.fields.items()
        if name in then and then[name] != now.get(name, NOT_KNOWN)
    ]


def gravest(found: Sequence[Drift]) -> Rule | None:
    """The rule that counts for all that was found, or None where nothing was."""
    ruled = {drift.rule for drift in found}
    return next((rule for rule in Rule if rule in ruled), None)
