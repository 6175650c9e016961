"""The Live Update through a NIM master: a technology level or service pack from an lpp_source.

Handbook 5.6: NIM is proved ready and told which partition the LPAR is, the LPAR is prepared as for a
local update, NIM previews and updates, and everything is taken back in any case.
"""

from liveupdate.lpar.consents import OF_A_LIVE_UPDATE, Consent
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import local_live_update, nim, nim_client
from liveupdate.procedures.ask import LPP_SOURCE, TARGET_LEVEL
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost

NAME = "nim_live_update"
VERSION = 1
PARTS = (local_live_update.levels, *nim.in_place_of_local(local_live_update.PARTS))
PROOFS = (nim.rest, *nim.in_place_of_local(local_live_update.PROOFS))


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(
        NAME,
        VERSION,
        PARTS,
        PROOFS,
        warnings=warnings,
        roles=nim.ROLES,
        needs_credential=subject.choice("hmc_logon") == "lpar",
    )
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def warnings(draft: Draft) -> tuple[str, ...]:
    """What holds of every update, and of NIM's."""
    return (*local_live_update.standing_warnings(draft), nim.NOT_STOPPED)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    return (
        f"Update {plan.lpar['name']} from {chosen['level_before']} to {chosen['target_level']} through NIM "
        f"from {chosen['lpp_source']}: {len(plan.all_steps)} steps, clone to {', '.join(chosen['nhdisk'])}, "
        f"mirror on {', '.join(chosen['mhdisk'])}"
    )


PROCEDURE = Procedure(
    name=NAME,
    title="Update by Live Update, through NIM",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.UPDATE,
    asks=(LPP_SOURCE, TARGET_LEVEL, nim_client.LOGON),
    consents=OF_A_LIVE_UPDATE | {Consent.EDIT_NIM_METHOD},
)
