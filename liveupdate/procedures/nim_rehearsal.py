"""The rehearsal through a NIM master: the workload moves for real, and nothing is installed.

Handbook 5.5 in its NIM form: `nim -o cust` with a live update and without an lpp_source.
"""

from liveupdate.lpar.consents import OF_A_MOVE
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import nim, nim_client, rehearsal
from liveupdate.procedures.compose import Part, Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost

NAME = "nim_rehearsal"
VERSION = 1
BY_NIM: dict[Part, Part] = {rehearsal.preview: nim.preview, rehearsal.move: nim.run}
PARTS = (nim_client.ready, nim_client.identity, *nim.in_place_of_local(rehearsal.PARTS))
PROOFS = (
    nim.rest,
    *nim.in_place_of_local(tuple(BY_NIM.get(part, part) for part in rehearsal.PROOFS)),
)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR; the same facts give the same bytes. Raises CannotPlan."""
    recipe = Recipe(
        NAME,
        VERSION,
        PARTS,
        PROOFS,
        warnings=lambda _: (rehearsal.REALLY_MOVES, nim.NOT_STOPPED),
        roles=nim.ROLES,
        needs_credential=subject.choice("hmc_logon") == "lpar",
    )
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    chosen = plan.parameters
    return (
        f"Rehearse a Live Update of {plan.lpar['name']} at {chosen['level_before']} through NIM: clone to "
        f"{', '.join(chosen['nhdisk'])}, mirror on {', '.join(chosen['mhdisk'])}"
    )


PROCEDURE = Procedure(
    name=NAME,
    title="Rehearse a Live Update through NIM",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REHEARSE,
    asks=(nim_client.LOGON,),
    consents=OF_A_MOVE,
)
