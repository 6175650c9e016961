"""Update first, move afterwards: the updates are installed, then a Live Update without media activates them.

Handbook 5.4, the way round pitfall 3 and the fallback of pitfall 6. A failure of the Live Update leaves an
LPAR that is whole and updated, and a choice of two ways to activate it.
"""

from liveupdate.lpar.consents import OF_A_LIVE_UPDATE
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import activation, installation, local_live_update, services, update, verification
from liveupdate.procedures.ask import MEDIA, TARGET_LEVEL
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost
from liveupdate.procedures.workload import START_WORKLOAD, STOP_WORKLOAD

NAME = "separate_update"
VERSION = 1

BY_THE_UPDATE = (services.before_image, verification.state_left)
BY_THE_INSTALLATION = (
    services.before_image_of(installation.STEP),
    verification.state_left_by(installation.STEP),
)
PREPARATION = tuple(part for part in local_live_update.PARTS if part not in BY_THE_UPDATE)
INSTALLED = (installation.installed, installation.committed, installation.daemons)
ACTIVATION = (
    activation.preview,
    activation.move,
    verification.active,
    verification.partition,
    verification.disks_either_way,
    verification.software,
)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(
        NAME,
        VERSION,
        parts=(local_live_update.levels, *BY_THE_INSTALLATION, *PREPARATION),
        proofs=(update.preview, installation.locally, *INSTALLED, *ACTIVATION),
        warnings=warnings,
    )
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def warnings(draft: Draft) -> tuple[str, ...]:
    """What people should know of an update in two parts."""
    chosen = draft.parameters
    clone = ", ".join(chosen["rollback_clone"])
    return (
        f"The updates are committed before anything is moved. The only way back to {chosen['level_before']} "
        f"is to restart from the clone on {clone}, without what was written to rootvg since it was made.",
        "Between the installation and the Live Update new files lie beside the old kernel: a restart then "
        "activates them with a break, so nobody restarts the LPAR.",
        "If the Live Update fails, the run waits for a person, who chooses a way that is prepared.",
        "Every process of the LPAR stands still during the blackout, usually 10 to 30 seconds.",
    )


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    ways = " or ".join(f"“{branch.title}”" for branch in plan.branches)
    return (
        f"Install {chosen['target_level']} on {plan.lpar['name']} at {chosen['level_before']}, then move the "
        f"workload: {len(plan.all_steps)} steps; if the move fails, {ways}"
    )


PROCEDURE = Procedure(
    name=NAME,
    title="Install the updates first, then Live Update",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.UPDATE,
    asks=(MEDIA, TARGET_LEVEL, STOP_WORKLOAD, START_WORKLOAD),
    consents=OF_A_LIVE_UPDATE,
)
