"""The preview of a Live Update through PowerVC: what stands in its way, and nothing is changed for good.

It needs what the update itself needs to be judged: the media, the session with PowerVC, `lvupdate.data`.
"""

from liveupdate.lpar.subject import Subject
from liveupdate.procedures import disks_and_media, local_live_update, powervc, update
from liveupdate.procedures.ask import MEDIA, TARGET_LEVEL
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost

NAME = "powervc_preview"
VERSION = 1
PARTS = (local_live_update.levels, disks_and_media.media, powervc.authentication, powervc.data_file)
CHECKS = frozenset({"RQ-001", "RQ-003", "RQ-004", "RQ-005", "RQ-006", "RQ-054"})


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(NAME, VERSION, PARTS, (update.preview,), watched=False, needs_credential=False)
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    return f"Preview {plan.lpar['name']} to {chosen['target_level']} through PowerVC {chosen['powervc']}"


PROCEDURE = Procedure(
    name=NAME,
    title="Preview an update through PowerVC",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REHEARSE,
    asks=(MEDIA, TARGET_LEVEL),
    moves_workload=False,
    checks=CHECKS,
)
