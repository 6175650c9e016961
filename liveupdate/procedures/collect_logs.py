"""Collects what explains a failed Live Update: in any state, and changing nothing (handbook 1.6, 5.12 C1)."""

from dataclasses import replace

from inventory.command import aix
from liveupdate.lpar.subject import Subject
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft, once
from liveupdate.procedures.failure_evidence import SNAP_DEADLINE_S, collected, fetched
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import Expect, HostRef, OnFailure, Phase, Plan, StepHost
from liveupdate.states import LparState

NAME = "collect_logs"
VERSION = 1
SNAP = "/tmp/ibmsupt/snap.pax.Z"  # noqa: S108 - where snap puts it
WHOLE = Ask(
    "snap",
    "How much",
    "The whole snap takes minutes and much more room in /tmp.",
    str,
    required=False,
    choices=(("live_update", "The Live Update's own data"), ("whole", "A whole snap -ac as well")),
)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR. Raises CannotPlan."""
    return compose(
        Recipe(NAME, VERSION, parts=(logs,), watched=False, needs_credential=False),
        Draft(subject, hmc_credential, consents),
        hosts,
    )


def logs(draft: Draft) -> None:
    """What every failed plan collects by itself, and the whole snap if it is wanted."""
    draft.parameters["snap"] = draft.subject.choice("snap") or "live_update"
    draft.add(*collected(draft))
    if draft.parameters["snap"] == "whole":
        draft.add(
            once(
                "snap_whole",
                Phase.COLLECT,
                "Collect everything that IBM's support asks for",
                "It takes some minutes and stays below /tmp/ibmsupt.",
                aix("snap", "-ac"),
                deadline_s=SNAP_DEADLINE_S,
                on_failure=OnFailure.CONTINUE,
            ),
            replace(fetched("snap", "snap.pax.Z", SNAP, Expect()), on_failure=OnFailure.CONTINUE),
        )


def summary(plan: Plan) -> str:
    """The plan in one line."""
    kind = "a whole snap" if plan.parameters["snap"] == "whole" else "the Live Update's data"
    return f"Collect logs, state and {kind} of {plan.lpar['name']} as evidence"


PROCEDURE = Procedure(
    name=NAME,
    title="Collect the logs of a Live Update",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REPAIR,
    asks=(WHOLE,),
    moves_workload=False,
    checks=frozenset({"RQ-150"}),
    states=frozenset(LparState),
)
