"""The approval policy as text, and what differs between two versions."""

from collections.abc import Iterator
from difflib import unified_diff

from liveupdate.control.policy import wanted
from liveupdate.control.ruling import Policy, PolicyRule


def lines_of(policy: Policy) -> list[str]:
    """A policy in lines that people read, the closest rule first."""
    rules = [line for rule in policy["rules"] for line in _rule(rule)]
    return [
        *rules,
        f"An emergency is confirmed within {policy['confirm_s'] // 60} min of its start.",
        f"Somebody looks back at it within {policy['review_days']} days.",
    ]


def differences(old: Policy, new: Policy) -> list[str]:
    """The lines that went (-) and came (+), with those around them."""
    lines = unified_diff(lines_of(old), lines_of(new), lineterm="", n=2)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _rule(rule: PolicyRule) -> Iterator[str]:
    fits = [
        _fit("change", rule["change"]),
        _fit("environment", rule["environment"]),
        _fit("risk", rule["risk"]),
    ]
    yield f"For {', '.join(fits)}:"
    if not rule["stages"]:
        yield "  no decision of its own"
    yield from (f"  {wanted(stage, stage['count'])}" for stage in rule["stages"])
    if rule["expires_s"]:
        yield f"  an approval counts for {rule['expires_s'] // 3600} h"
    if rule["step_up"] != "none":
        yield f"  asks for the {rule['step_up'].replace('_', ' ')} again"


def _fit(name: str, value: str) -> str:
    return f"every {name}" if value == "*" else f"{name} {value}"
