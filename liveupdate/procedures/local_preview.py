"""The preview of an update from a directory: what stands in its way; nothing is installed or moved.

Handbook 5.3 L3 to L5. It needs what the update itself is judged by: the media, the session with the HMC and
`lvupdate.data`, which are taken back afterwards.
"""

from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import disks_and_media, local_live_update, update
from liveupdate.procedures.ask import MEDIA, TARGET_LEVEL
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost

NAME = "local_preview"
VERSION = 1
OF_THE_HOST = frozenset(
    {"RQ-001", "RQ-004", "RQ-005", "RQ-006", "RQ-033", "RQ-040", "RQ-042", "RQ-045", "RQ-150", "RQ-177"}
)
"""What a preview itself rests on; everything else it is there to find."""
PARTS = (
    local_live_update.levels,
    disks_and_media.media,
    update.authentication,
    disks_and_media.data_file,
)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(NAME, VERSION, PARTS, (update.preview,), watched=False)
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    return f"Preview {plan.lpar['name']} to {chosen['target_level']} from {chosen['media']}"


PROCEDURE = Procedure(
    name=NAME,
    title="Preview an update from a directory",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REHEARSE,
    asks=(MEDIA, TARGET_LEVEL),
    moves_workload=False,
    checks=OF_THE_HOST | {"RQ-002", "RQ-017", "RQ-018", "RQ-119"},
    consents=frozenset({Consent.REMOVE_LEFTOVERS}),
)
