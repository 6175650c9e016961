"""The approval policy as a document: what is shipped, and how a rule is written and read."""

import re
from enum import StrEnum

from liveupdate.control.ruling import FACTORS, RISKS, Policy, PolicyRule, Stage
from portal.lib.errors import Invalid

STAGE_ROLES = ("approver", "operator", "administrator")
STAGE = re.compile(r"(\d{1,2}) (\w+) of (the team|all teams)", re.ASCII)
NOT_A_STAGE = 'A stage is written "1 approver of the team" or "2 operator of all teams", one a line.'


class ChangeClass(StrEnum):
    """How a request came to be decided: by a template, by its plan, or in haste."""

    STANDARD = "standard"
    NORMAL = "normal"
    EMERGENCY = "emergency"


def _rule(change: str, stages: list[Stage]) -> PolicyRule:
    return PolicyRule(
        change=change, environment="*", risk="*", stages=stages, expires_s=0, step_up=FACTORS[0]
    )


SHIPPED: Policy = {
    "rules": [
        _rule(ChangeClass.STANDARD, []),
        _rule("*", [Stage(title="Approver of the team", role="approver", of="team", count=1)]),
    ],
    "confirm_s": 15 * 60,
    "review_days": 5,
}
"""What holds until an administrator writes another version: one approver of the team decides."""


def read_stages(text: str) -> list[Stage]:
    """The stages that somebody wrote, one a line, in their order. Raises Invalid."""
    return [_stage(line.strip()) for line in text.splitlines() if line.strip()]


def show_stages(stages: list[Stage]) -> str:
    """Stages as they are written."""
    return "\n".join(wanted(stage, stage["count"]) for stage in stages)


def check_policy(policy: Policy) -> None:
    """Raise Invalid unless every change has a rule and every rule makes sense."""
    rules = policy["rules"]
    if not rules or (rules[-1]["change"], rules[-1]["environment"], rules[-1]["risk"]) != ("*", "*", "*"):
        raise Invalid(
            "The last rule has to fit every change, environment and risk.",
            remedy="Else somebody could ask for what no rule speaks of.",
            code="policy_not_possible",
        )
    for number, rule in enumerate(rules, 1):
        _check_rule(number, rule)
    if policy["confirm_s"] < 60 or policy["review_days"] < 1:
        raise Invalid(
            "An emergency is confirmed within at least a minute, and looked back at within a day.",
            code="policy_not_possible",
        )


def _check_rule(number: int, rule: PolicyRule) -> None:
    if rule["change"] not in ("*", *ChangeClass) or rule["risk"] not in ("*", *RISKS):
        raise Invalid(
            f"Rule {number} is for a class of change or a risk that there is not.", code="policy_not_possible"
        )
    if rule["step_up"] not in FACTORS or rule["expires_s"] < 0:
        raise Invalid(
            f"Rule {number} asks for a proof or a time that there is not.", code="policy_not_possible"
        )
    if not rule["stages"] and rule["change"] != ChangeClass.STANDARD:
        raise Invalid(
            f"Rule {number} has no stage: nobody would decide.",
            remedy="Only standard changes may go without, because their template was approved.",
            code="policy_not_possible",
        )


def _stage(line: str) -> Stage:
    match = STAGE.fullmatch(line)
    if match is None or match[2] not in STAGE_ROLES or not int(match[1]):
        raise Invalid(
            f"“{line}” is no stage. {NOT_A_STAGE}",
            remedy=f"Roles: {', '.join(STAGE_ROLES)}.",
            code="policy_not_possible",
        )
    of = "team" if match[3] == "the team" else "all"
    return Stage(title=f"{match[2].capitalize()} of {match[3]}", role=match[2], of=of, count=int(match[1]))


def wanted(stage: Stage, count: int) -> str:
    """So many decisions of a stage in words: "1 approver of the team"."""
    return f"{count} {stage['role']} of {_whose(stage)}"


def _whose(stage: Stage) -> str:
    return "the team" if stage["of"] == "team" else "all teams"
