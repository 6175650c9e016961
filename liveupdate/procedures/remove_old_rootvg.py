"""Gives up the former rootvg that a rollback left, after its sign-off."""

from liveupdate.lpar.clone import FORMER
from liveupdate.lpar.subject import Subject
from liveupdate.procedures.draft import Draft
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.removal import render_removal, summary
from liveupdate.procedures.step import HostRef, Plan, StepHost

NAME = "remove_old_rootvg"
VERSION = 1


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR. Raises CannotPlan."""
    return render_removal(NAME, VERSION, FORMER, Draft(subject, hmc_credential, consents), hosts)


PROCEDURE = Procedure(
    name=NAME,
    title="Remove the former rootvg of a rollback",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.FINISH,
    moves_workload=False,
    checks=frozenset({"RQ-150", "RQ-177"}),
)
