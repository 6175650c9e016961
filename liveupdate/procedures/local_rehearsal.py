"""The rehearsal of a Live Update without NIM: `geninstall -k` with nothing to install (handbook 5.5)."""

from liveupdate.lpar.consents import OF_A_MOVE
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import rehearsal
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost

NAME = "local_rehearsal"
VERSION = 1


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(
        NAME,
        VERSION,
        rehearsal.PARTS,
        rehearsal.PROOFS,
        warnings=lambda draft: (rehearsal.REALLY_MOVES,),
    )
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    return (
        f"Rehearse a Live Update of {plan.lpar['name']} at {chosen['level_before']}: {len(plan.all_steps)} "
        f"steps, clone to {', '.join(chosen['nhdisk'])}, mirror on {', '.join(chosen['mhdisk'])}"
    )


PROCEDURE = Procedure(
    name=NAME,
    title="Rehearse a Live Update, with nothing to install",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REHEARSE,
    consents=OF_A_MOVE,
)
