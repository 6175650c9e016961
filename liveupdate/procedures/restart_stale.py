"""Starts again the processes that still run replaced libraries after an update (handbook 5.9)."""

from liveupdate.lpar.subject import Subject
from liveupdate.procedures import stale_restarts
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import HostRef, Plan, StepHost
from portal.lib.text import some_of

NAME = "restart_stale"
VERSION = 1


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR. Raises CannotPlan."""
    return compose(
        Recipe(
            NAME,
            VERSION,
            parts=(
                stale_restarts.found,
                stale_restarts.listed_agents,
                stale_restarts.subsystems,
                stale_restarts.respawned,
                stale_restarts.ssh_daemon,
            ),
            proofs=(stale_restarts.left_over,),
            roles=(StepHost.LPAR,),
            watched=False,
            needs_credential=False,
        ),
        Draft(subject, hmc_credential, consents),
        hosts,
    )


def summary(plan: Plan) -> str:
    """The plan in one line."""
    names = some_of(one["name"] for one in plan.parameters["stale"])
    return f"Start again on {plan.lpar['name']} what runs replaced libraries: {names}"


PROCEDURE = Procedure(
    name=NAME,
    title="Start again what runs replaced libraries",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.FINISH,
    asks=(stale_restarts.LEAVE,),
    moves_workload=False,
    checks=frozenset({"RQ-150", "RQ-177"}),
)
