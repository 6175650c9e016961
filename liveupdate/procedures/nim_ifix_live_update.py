"""Interim fixes by Live Update through a NIM master, from an lpp_source of packages (handbook 5.7)."""

from liveupdate.lpar.consents import OF_A_MOVE
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import ifix_live_update, ifixes, local_live_update, nim, nim_client, nim_ifixes
from liveupdate.procedures.ask import IFIXES
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost

NAME = "nim_ifix_live_update"
VERSION = 1
PARTS = (
    ifixes.level,
    *nim_ifixes.in_place_of_local_updates(local_live_update.PARTS),
    ifixes.left_after_failure,
)
PROOFS = (nim.rest, *nim_ifixes.in_place_of_local_updates(local_live_update.PROOFS))


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(
        NAME,
        VERSION,
        PARTS,
        PROOFS,
        warnings=_warnings,
        roles=nim.ROLES,
        needs_credential=subject.choice("hmc_logon") == "lpar",
    )
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def _warnings(draft: Draft) -> tuple[str, ...]:
    return (*ifix_live_update.standing_warnings(draft), nim.NOT_STOPPED)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    return f"{ifix_live_update.summary(plan)}, through NIM from {plan.parameters['lpp_source']}"


PROCEDURE = Procedure(
    name=NAME,
    title="Interim fixes by Live Update, through NIM",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.UPDATE,
    asks=(nim_ifixes.LPP_SOURCE, IFIXES, nim_ifixes.DIRECTORY, nim_client.LOGON),
    consents=OF_A_MOVE,
)
