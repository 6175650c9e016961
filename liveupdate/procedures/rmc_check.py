"""Checks RMC between LPAR and HMC from both sides, and changes nothing (P8, handbook A-24)."""

from dataclasses import replace

from inventory.command import aix
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import rmc
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft, look
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import Expect, HostRef, OnFailure, Phase, Plan, StepHost
from liveupdate.states import LparState

NAME = "rmc_check"
VERSION = 1


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR. Raises CannotPlan."""
    return compose(
        Recipe(NAME, VERSION, parts=(seen,), watched=False, needs_credential=False),
        Draft(subject, hmc_credential, consents),
        hosts,
    )


def seen(draft: Draft) -> None:
    """The daemon, what it reaches, what the HMC says; each look is taken whatever the others show."""
    daemon = look(
        "rmc_daemon",
        Phase.CHECK,
        "Prove that RMC runs",
        "Nothing answers the HMC without it.",
        aix("lssrc", "-s", "ctrmc"),
        expect=Expect(has=(r"^\s*ctrmc\s.*\bactive\s*$",), lacks=(r"\binoperative\b",)),
    )
    looks = (daemon, *rmc.looks(draft, "seen", Phase.CHECK))
    draft.add(*(replace(step, on_failure=OnFailure.CONTINUE) for step in looks))


def summary(plan: Plan) -> str:
    """The plan in one line."""
    return f"Check RMC between {plan.lpar['name']} and {plan.hosts[StepHost.HMC].name}"


PROCEDURE = Procedure(
    name=NAME,
    title="Check RMC between LPAR and HMC",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REPAIR,
    moves_workload=False,
    checks=frozenset(),
    states=frozenset(LparState),
)
