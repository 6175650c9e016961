"""The preview of a rehearsal: whether the LPAR itself could be moved, without media (handbook 5.5 H2, H3)."""

from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import disks_and_media, rehearsal, update, verification
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.local_preview import OF_THE_HOST
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost

NAME = "local_rehearsal_preview"
VERSION = 1
PARTS = (verification.present_level, update.authentication, disks_and_media.data_file)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(NAME, VERSION, PARTS, (rehearsal.preview,), watched=False)
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    return f"Preview a Live Update of {plan.lpar['name']} at {plan.parameters['level_before']}"


PROCEDURE = Procedure(
    name=NAME,
    title="Preview a Live Update, with nothing to install",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REHEARSE,
    moves_workload=False,
    checks=OF_THE_HOST,
    consents=frozenset({Consent.REMOVE_LEFTOVERS}),
)
