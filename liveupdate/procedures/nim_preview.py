"""The preview of a Live Update through a NIM master: what stands in its way, and nothing is changed for good.

Handbook 5.6 up to N6, with what the preview needs: the LPAR's identity in NIM and its `live_update_data`.
"""

from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import disks_and_media, local_live_update, nim, nim_client, nim_data, nim_method
from liveupdate.procedures.ask import LPP_SOURCE, TARGET_LEVEL
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost

NAME = "nim_preview"
VERSION = 1
PARTS = (
    local_live_update.levels,
    nim_client.ready,
    nim_client.identity_before,
    nim_client.lpp_source,
    nim_method.licences,
    nim_client.logon,
    disks_and_media.leftovers,
    nim_data.live_update_data,
)
CHECKS = frozenset(
    f"RQ-{number:03d}" for number in (1, 2, 4, 5, 6, 7, 17, 18, 19, 34, 56, 57, 58, 101, 104, 150, 177)
)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(
        NAME,
        VERSION,
        PARTS,
        (nim.rest, nim.preview),
        roles=nim.ROLES,
        watched=False,
        needs_credential=subject.choice("hmc_logon") == "lpar",
    )
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    return f"Preview {plan.lpar['name']} to {chosen['target_level']} through NIM from {chosen['lpp_source']}"


PROCEDURE = Procedure(
    name=NAME,
    title="Preview an update through NIM",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REHEARSE,
    asks=(LPP_SOURCE, TARGET_LEVEL, nim_client.LOGON),
    moves_workload=False,
    checks=CHECKS,
    consents=frozenset({Consent.EDIT_NIM_METHOD, Consent.REMOVE_LEFTOVERS}),
)
