"""Live Update through PowerVC: the local procedure with PowerVC in the HMC's place, and no spare disks.

Handbook 5.3 with 1.2 and A-17; RQ-003, RQ-054, RQ-124.
"""

from liveupdate.lpar.consents import OF_A_LIVE_UPDATE
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import local_live_update, powervc
from liveupdate.procedures.ask import MEDIA, TARGET_LEVEL
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost

NAME = "powervc_live_update"
VERSION = 1
PARTS = powervc.in_place_of_the_hmc(local_live_update.PARTS)
PROOFS = powervc.in_place_of_the_hmc(local_live_update.PROOFS)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    parts = (local_live_update.levels, *PARTS)
    return compose(
        Recipe(NAME, VERSION, parts, PROOFS, warnings=_standing_warnings, needs_credential=False),
        Draft(subject, hmc_credential, consents),
        hosts,
    )


def _standing_warnings(draft: Draft) -> tuple[str, ...]:
    return (*local_live_update.standing_warnings(draft), powervc.ANOTHER_SYSTEM)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    return (
        f"Update {plan.lpar['name']} from {chosen['level_before']} to {chosen['target_level']} through "
        f"PowerVC {chosen['powervc']}: {len(plan.all_steps)} steps, disks by PowerVC"
    )


PROCEDURE = Procedure(
    name=NAME,
    title="Update by Live Update through PowerVC, from a directory",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.UPDATE,
    asks=(MEDIA, TARGET_LEVEL),
    consents=OF_A_LIVE_UPDATE,
)
