"""A rehearsal through PowerVC: a Live Update with nothing to install, which really moves the workload.

Handbook 5.5 with PowerVC in the HMC's place; there are no spare disks to clean up.
"""

from liveupdate.lpar.consents import OF_A_MOVE
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import powervc, rehearsal, verification
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost

NAME = "powervc_rehearsal"
VERSION = 1
PROOFS = (
    rehearsal.preview,
    powervc.session_before_update,
    rehearsal.move,
    verification.level_unchanged,
    verification.partition,
    powervc.disks,
    verification.software,
)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(
        NAME,
        VERSION,
        powervc.in_place_of_the_hmc(rehearsal.PARTS),
        PROOFS,
        warnings=lambda draft: (rehearsal.REALLY_MOVES, powervc.ANOTHER_SYSTEM),
        needs_credential=False,
    )
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    return f"Rehearse a Live Update of {plan.lpar['name']} through PowerVC {chosen['powervc']}"


PROCEDURE = Procedure(
    name=NAME,
    title="Rehearse a Live Update through PowerVC",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REHEARSE,
    consents=OF_A_MOVE,
)
