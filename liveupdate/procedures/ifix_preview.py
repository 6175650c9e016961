"""The preview of a Live Update of interim fixes: what stands in its way, and nothing is changed for good.

Handbook 5.7 I2 to I6. It needs what the update itself needs to be judged: the packages, a session with
the HMC, `lvupdate.data`.
"""

from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import disks_and_media, ifix_live_update, ifixes, update
from liveupdate.procedures.ask import IFIXES, MEDIA
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost

NAME = "ifix_preview"
VERSION = 1
PARTS = (ifixes.level, *ifix_live_update.SOURCE, update.authentication, disks_and_media.data_file)
CHECKS = frozenset({"RQ-001", "RQ-004", "RQ-005", "RQ-006", "RQ-013", "RQ-014", "RQ-040", "RQ-150"})


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(NAME, VERSION, PARTS, (ifix_live_update.preview,), watched=False)
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    return f"Preview {', '.join(plan.parameters['ifixes'])} on {plan.lpar['name']} by Live Update"


PROCEDURE = Procedure(
    name=NAME,
    title="Preview interim fixes by Live Update, from a directory",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REHEARSE,
    asks=(MEDIA, IFIXES),
    moves_workload=False,
    checks=CHECKS,
    consents=frozenset({Consent.REMOVE_LEFTOVERS}),
)
