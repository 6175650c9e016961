"""Who may decide on a plan, and which decisions carry it: plain data in, answers with reasons out.

Page, action, worker and the auditors' stand-alone verifier ask this one file, so it needs nothing but
the standard library of Python 3.8. Times are seconds since 1970 in UTC, people their pseudonyms. Being
a superuser is no part of the data: it gives no right here.
"""

from __future__ import annotations

from typing import NamedTuple, TypedDict

RISKS = ("low", "medium", "high")
FACTORS = ("none", "password", "second_factor")
"""What was asked again at the decision, the weaker first."""
EMERGENCY = "emergency"
EMERGENCY_FACTOR = FACTORS[-1]
"""What opening and confirming an emergency wants at least, whatever the policy says."""
NEW_ROLE_S = 24 * 3600
"""A role that is newer than this at the decision is pointed out."""


class Stage(TypedDict):
    """So many decisions by holders of a role, in the request's team or (`of` is "all") for all teams."""

    title: str
    role: str
    of: str
    count: int


class Rule(TypedDict):
    """What a change needs. An approval counts for `expires_s` (0: until the change window ends)."""

    stages: list[Stage]
    expires_s: int
    step_up: str


class PolicyRule(Rule):
    """A rule, and for which class of change, environment and risk it is; "*" means every one."""

    change: str
    environment: str
    risk: str


class Policy(TypedDict):
    """All rules, the closest first. An emergency is confirmed within `confirm_s` of its start, and
    looked back at within `review_days`.
    """

    rules: list[PolicyRule]
    confirm_s: int
    review_days: int


class Held(TypedDict):
    """A role somebody holds: in a team, or ("") for all; who gave it, if that is known, and when."""

    role: str
    team: str
    by: str
    at: float


class Person(TypedDict):
    """Somebody who might decide."""

    active: bool
    roles: list[Held]


class Delegation(TypedDict):
    """The taker decides for the giver, up to a risk and in some environments (none named: in all)."""

    giver: str
    taker: str
    starts_at: float
    ends_at: float
    risk: str
    environments: list[str]


class Decision(TypedDict):
    """What somebody said, for themselves or (`giver`) for another, on which stage, plan and window."""

    id: int
    person: str
    giver: str
    verdict: str
    stage: int
    digest: str
    window: list[str]
    factor: str
    at: float


class Case(TypedDict):
    """A request as it stands: its plan, its rule, and who is who. `allowance` decisions may be
    missing when it starts (an emergency).
    """

    team: str
    environment: str
    risk: str
    requester: str
    editors: list[str]
    made_at: float
    digest: str
    window: list[str]
    rule: Rule
    allowance: int
    people: dict[str, Person]
    delegations: list[Delegation]


class Refusal(NamedTuple):
    """Why somebody does not decide: `said` to them, or `about` them after their name."""

    code: str
    said: str
    about: str


class Answer(NamedTuple):
    """Whether somebody may decide now: on which stage and for whom ("": themselves), or why not."""

    stage: int
    giver: str
    refusal: Refusal | None


class Counted(NamedTuple):
    """A decision that counts, and what is worth knowing of it."""

    decision: Decision
    note: str


class Rung(NamedTuple):
    """A stage, the decisions that count for it, and how many are missing."""

    stage: Stage
    counted: list[Counted]
    missing: int


class Ladder(NamedTuple):
    """How far a plan is: its rungs, what does not count (with the reason), and by whom it was rejected."""

    rungs: list[Rung]
    dropped: list[tuple[Decision, Refusal]]
    rejected_by: str
    missing: int
    open_stage: int
    startable: bool
    carried: bool


TOKEN = Refusal("token", "A token cannot decide: a person does, signed in.", "is a token, not a person")
INACTIVE = Refusal("inactive", "Your account is not active.", "is not active")
REQUESTER = Refusal("requester", "You made this request; somebody else has to decide.", "made this request")
EDITOR = Refusal("editor", "You edited this request; somebody else has to decide.", "edited this request")
DELEGATE = Refusal(
    "delegate",
    "You decide on behalf of somebody who made or edited this request; another person has to.",
    "decides on behalf of somebody who made or edited this request",
)
ROLE_FROM_REQUEST = Refusal(
    "role_from_request",
    "Whoever made or edited this request gave you the role afterwards; another person has to decide.",
    "got the role from somebody who made or edited this request, afterwards",
)
DECIDED = Refusal("decided", "You approved this plan already.", "approved it already")
EXPIRED = Refusal("expired", "Your approval is too old by now.", "approved it too long ago")
OTHER_WINDOW = Refusal(
    "window", "You approved another change window.", "approved another change window than this one"
)
GIVER_COUNTED = Refusal(
    "giver_counted", "On whose behalf you decide has approved it.", "decides for somebody who approved it"
)
DELEGATION_OVER = Refusal(
    "delegation", "Nobody delegates this to you any more.", "decided by a delegation that is over"
)
COMPLETE = Refusal("complete", "No further decision is needed.", "is not needed any more")


def rule_for(policy: Policy, change: str, environment: str, risk: str) -> Rule:
    """The first rule of a policy that fits a class of change, an environment and a risk; "*" fits all.

    An emergency wants its factor whatever the rule asks for. Raises LookupError where none fits.
    """
    for rule in policy["rules"]:
        fits = rule["change"] in ("*", change) and rule["risk"] in ("*", risk)
        if fits and rule["environment"].lower() in ("*", environment.lower()):
            step_up = EMERGENCY_FACTOR if change == EMERGENCY else rule["step_up"]
            return Rule(stages=rule["stages"], expires_s=rule["expires_s"], step_up=step_up)
    raise LookupError(f"The policy has no rule for {change} changes of {risk} risk in {environment}.")


def allowance_for(change: str) -> int:
    """How many decisions may be missing when a change of this class starts."""
    return 1 if change == EMERGENCY else 0


def ladder(case: Case, decisions: list[Decision], now: float) -> Ladder:
    """Which decisions carry the plan at this moment, and what is still missing."""
    on_plan = [each for each in decisions if each["digest"] == case["digest"] and each["at"] <= now]
    newest = {each["person"]: each for each in sorted(on_plan, key=lambda each: each["id"])}
    stages = case["rule"]["stages"]
    counted: list[list[Counted]] = [[] for _ in stages]
    dropped = []
    used: set[str] = set()
    rejected_by = ""
    for each in sorted(newest.values(), key=lambda each: each["id"]):
        if each["verdict"] == "reject":
            rejected_by = rejected_by or each["person"]
        if each["verdict"] != "approve" or each["stage"] >= len(stages):
            continue
        refusal = _worthless(case, each, used, now)
        if refusal:
            dropped.append((each, refusal))
            continue
        used.update({each["person"], each["giver"] or each["person"]})
        counted[each["stage"]].append(Counted(each, _note(case, each)))
    rungs = [
        Rung(stage, counted[index], max(0, stage["count"] - len(counted[index])))
        for index, stage in enumerate(stages)
    ]
    missing = sum(rung.missing for rung in rungs)
    still_open = [index for index, rung in enumerate(rungs) if rung.missing]
    return Ladder(
        rungs,
        dropped,
        rejected_by,
        missing,
        still_open[0] if still_open else len(stages),
        missing <= case["allowance"] and not rejected_by,
        missing == 0 and not rejected_by,
    )


def may_decide(
    case: Case,
    decisions: list[Decision],
    person: str,
    now: float,
    *,
    token: bool = False,
) -> Answer:
    """Whether this person may decide on this plan now, on which stage and on whose behalf."""
    so_far = ladder(case, decisions, now)
    stage = so_far.open_stage
    counted = [each.decision for rung in so_far.rungs for each in rung.counted]
    if token:
        return Answer(stage, "", TOKEN)
    refusal = _excluded(case, person, now)
    if refusal:
        return Answer(stage, "", refusal)
    if any(each["person"] == person for each in counted):
        return Answer(stage, "", DECIDED)
    if stage == len(so_far.rungs):
        return Answer(stage, "", COMPLETE)
    used = {each["giver"] or each["person"] for each in counted}
    return _as_whom(case, person, stage, used, now)


def lacks_proof(rule: Rule, factor: str) -> bool:
    """Whether less was asked again at the decision than the rule wants."""
    return FACTORS.index(factor) < FACTORS.index(rule["step_up"])


def _worthless(case: Case, decision: Decision, used: set[str], now: float) -> Refusal | None:
    """Why an approval does not count now; None when it does."""
    refusal = _outdated(case, decision, now) or _excluded(case, decision["person"], now)
    if refusal:
        return refusal
    giver, stage = decision["giver"], decision["stage"]
    if (giver or decision["person"]) in used:
        return GIVER_COUNTED
    if not giver:
        return _without_role(case, decision["person"], stage)
    if giver not in _givers(case, decision["person"], now):
        return DELEGATION_OVER
    return _excluded(case, giver, now) or _without_role(case, giver, stage)


def _outdated(case: Case, decision: Decision, now: float) -> Refusal | None:
    """Why an approval would not count whoever gave it."""
    expires_s = case["rule"]["expires_s"]
    if list(decision["window"]) != list(case["window"]):
        return OTHER_WINDOW
    if expires_s and decision["at"] + expires_s <= now:
        return EXPIRED
    if lacks_proof(case["rule"], decision["factor"]):
        return _no_proof(case["rule"])
    return None


def _excluded(case: Case, person: str, now: float) -> Refusal | None:
    """Why somebody has no say in this request, whatever their roles are."""
    known = case["people"].get(person)
    owners = {case["requester"], *case["editors"]}
    if known is None or not known["active"]:
        return INACTIVE
    if person == case["requester"]:
        return REQUESTER
    if person in case["editors"]:
        return EDITOR
    for each in case["delegations"]:
        since = each["starts_at"] <= now and each["ends_at"] > max(case["made_at"], each["starts_at"])
        if each["taker"] == person and each["giver"] in owners and since:
            return DELEGATE
    return None


def _as_whom(case: Case, person: str, stage: int, used: set[str], now: float) -> Answer:
    """For themselves if they have the role of the stage, else for somebody who delegated to them."""
    own = _without_role(case, person, stage)
    if own is None and person not in used:
        return Answer(stage, "", None)
    for giver in _givers(case, person, now):
        fit = not _excluded(case, giver, now) and _without_role(case, giver, stage) is None
        if fit and giver not in used:
            return Answer(stage, giver, None)
    return Answer(stage, "", own or GIVER_COUNTED)


def _givers(case: Case, person: str, now: float) -> list[str]:
    """On whose behalf somebody may decide now; what was delegated to those is not passed on."""
    return [
        each["giver"]
        for each in case["delegations"]
        if each["taker"] == person
        and each["starts_at"] <= now < each["ends_at"]
        and RISKS.index(case["risk"]) <= RISKS.index(each["risk"])
        and (not each["environments"] or case["environment"] in each["environments"])
    ]


def _without_role(case: Case, person: str, index: int) -> Refusal | None:
    """Why somebody's own roles do not do for a stage; None when they do."""
    stage = case["rule"]["stages"][index]
    held = _fitting(case, person, stage)
    if any(not _from_request(case, each) for each in held):
        return None
    if held:
        return ROLE_FROM_REQUEST
    where = "all teams" if stage["of"] == "all" else f"team {case['team']}"
    role = stage["role"]
    return Refusal("role", f"You do not have the role {role} of {where}.", f"is no {role} of {where}")


def _fitting(case: Case, person: str, stage: Stage) -> list[Held]:
    teams = ("",) if stage["of"] == "all" else ("", case["team"])
    known = case["people"].get(person)
    roles = known["roles"] if known else []
    return [each for each in roles if each["role"] == stage["role"] and each["team"] in teams]


def _from_request(case: Case, held: Held) -> bool:
    return held["at"] >= case["made_at"] and held["by"] in {case["requester"], *case["editors"]}


def _note(case: Case, decision: Decision) -> str:
    """That the role was new when it was used; it counts, but somebody should look."""
    stage = case["rule"]["stages"][decision["stage"]]
    held = _fitting(case, decision["giver"] or decision["person"], stage)
    if all(each["at"] > decision["at"] - NEW_ROLE_S for each in held):
        return "The role was given less than 24 h before the decision."
    return ""


def _no_proof(rule: Rule) -> Refusal:
    wanted = "password" if rule["step_up"] == "password" else "second factor"
    return Refusal("step_up", f"This needs your {wanted} again.", f"decided without their {wanted}")
