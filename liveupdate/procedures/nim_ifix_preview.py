"""The preview of a Live Update of interim fixes through a NIM master: nothing is changed for good.

Handbook 5.7 up to I6, with what the preview needs: the LPAR's identity in NIM and its `live_update_data`.
"""

from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import disks_and_media, ifixes, nim, nim_client, nim_data, nim_ifixes, nim_preview
from liveupdate.procedures.ask import IFIXES
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost

NAME = "nim_ifix_preview"
VERSION = 1
PARTS = (
    ifixes.level,
    nim_client.ready,
    nim_client.identity_before,
    *nim_ifixes.SOURCE,
    nim_client.logon,
    disks_and_media.leftovers,
    nim_data.live_update_data,
)
CHECKS = nim_preview.CHECKS - {"RQ-002", "RQ-017", "RQ-018", "RQ-019"} | {"RQ-013", "RQ-014"}


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
    labels = ", ".join(chosen["ifixes"])
    return f"Preview {labels} on {plan.lpar['name']} by Live Update through NIM from {chosen['lpp_source']}"


PROCEDURE = Procedure(
    name=NAME,
    title="Preview interim fixes by Live Update, through NIM",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REHEARSE,
    asks=(nim_ifixes.LPP_SOURCE, IFIXES, nim_ifixes.DIRECTORY, nim_client.LOGON),
    moves_workload=False,
    checks=CHECKS,
    consents=frozenset({Consent.REMOVE_LEFTOVERS}),
)
