"""The set-up of a NIM master for Live Update: once per NIM master and HMC, and only what is missing.

Handbook 5.10. It is asked for through one of the LPARs that they serve, and changes nothing there.
"""

from liveupdate.lpar.subject import Subject
from liveupdate.procedures import nim_definitions, nim_link
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost, StepKind
from liveupdate.states import LparState

NAME = "nim_setup"
VERSION = 1
PARTS = (
    nim_link.filesets,
    nim_link.hmc_user,
    nim_link.keystore,
    nim_definitions.network,
    nim_link.hmc_object,
    nim_link.key_exchange,
    nim_definitions.managed_systems,
    nim_definitions.vioses,
    nim_definitions.lpp_sources,
    nim_definitions.completeness,
)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan of what is missing; the same facts give the same bytes. Raises CannotPlan."""
    roles = (StepHost.LPAR, StepHost.HMC, StepHost.NIM_MASTER)
    recipe = Recipe(NAME, VERSION, PARTS, warnings=_standing_warnings, roles=roles, watched=False)
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def _standing_warnings(draft: Draft) -> tuple[str, ...]:
    return (
        f"It is for every LPAR of NIM master {draft.parameters['nim_master']} on HMC "
        f"{draft.parameters['hmc']}, whichever team it belongs to.",
        "What was defined stays if a later step fails; the next plan has only what is still missing. "
        "nim -o remove NAME, rmhmcusr -u USER and rm KEYSTORE take it back.",
    )


def summary(plan: Plan) -> str:
    """The plan in one line."""
    changes = sum(step.kind is not StepKind.READ for step in plan.steps)
    chosen = plan.parameters
    return (
        f"Set NIM master {chosen['nim_master']} up for Live Update through {chosen['hmc']}: {changes} changes"
    )


PROCEDURE = Procedure(
    name=NAME,
    title="Set a NIM master up for Live Update",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.SET_UP,
    asks=(
        nim_definitions.NETWORK,
        nim_definitions.SYSTEMS,
        nim_definitions.VIOSES,
        nim_definitions.VIOS_ADAPTER,
        nim_definitions.VIOS_FIREWALL,
        nim_definitions.LPP_SOURCES,
    ),
    moves_workload=False,
    states=frozenset(LparState),
    changes_nim=True,
)
