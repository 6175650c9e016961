"""Gives up the rollback clone after the sign-off of the run that it was kept for."""

from liveupdate.lpar.clone import CLONE
from liveupdate.lpar.subject import Subject
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.removal import render_removal, summary
from liveupdate.procedures.step import HostRef, Plan, StepHost

NAME = "remove_clone"
VERSION = 1


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR. Raises CannotPlan."""
    return render_removal(NAME, VERSION, CLONE, Draft(subject, hmc_credential, consents), hosts)


PROCEDURE = Procedure(
    name=NAME,
    title="Remove the rollback clone",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.FINISH,
    moves_workload=False,
    checks=frozenset({"RQ-150", "RQ-177"}),
)
