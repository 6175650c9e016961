"""Takes back single traces of a failed Live Update after its cleanup: lock, kernel state, disks, scripts.

Handbook A-19 and 5.12 C9: only when disks and HMC are clean, and IBM's support agrees. The case number
that support gave is part of the request, and so of what people approve.
"""

import re
from dataclasses import dataclass

from inventory.command import aix
from liveupdate.lpar.state import lpar_state
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import left_partitions, update
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.cleanup import AT_WORK
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft, look, once
from liveupdate.procedures.failure_evidence import collected
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import Expect, HostRef, Phase, Plan, StepHost
from liveupdate.states import LparState
from portal.lib.errors import Invalid

NAME = "clear_traces"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Trace:
    """One trace: its title, the flag of clvupdate that takes it back, and why somebody would."""

    title: str
    flag: str
    why: str


TRACES = {
    "lock": Trace(
        "Remove the lock of Live Update", "-l", "A lock that nobody holds keeps every Live Update away."
    ),
    "kernel_state": Trace(
        "Reset Live Update's state in the kernel",
        "-r",
        "After a cleanup by hand the kernel still tells the old.",
    ),
    "surrogate_disks": Trace(
        "Remove the surrogate's boot disks that PowerVC made", "-d", "PowerVC keeps them otherwise."
    ),
    "error_scripts": Trace(
        "Run the scripts that other software registered for a failure",
        "-n",
        "LVUP_ERROR brings back what these scripts stopped before the update.",
    ),
}


def _case(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 .,/-]{2,39}", text):
        raise Invalid(
            "A case number has 3 to 40 letters, digits and . , / -.",
            remedy="As IBM gave it.",
            code="case_number_not_possible",
        )
    return text


WHAT = Ask(
    "trace",
    "What to take back",
    "Clean up as a whole first; this is for what is left then.",
    str,
    choices=tuple((name, trace.title) for name, trace in TRACES.items()),
)
CASE = Ask("support_case", "Case of IBM's support", "The case in which support agreed to it.", _case)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR. Raises CannotPlan."""
    return compose(
        Recipe(
            NAME,
            VERSION,
            parts=(chosen, evidence, left_partitions.as_planned, at_rest, update.authentication),
            proofs=(taken_back,),
            watched=False,
        ),
        Draft(subject, hmc_credential, consents),
        hosts,
    )


def chosen(draft: Draft) -> None:
    """Which trace; the error scripts of an LPAR that was restarted since need -e as well."""
    name = draft.subject.choice("trace")
    if name not in TRACES:
        draft.refuse("The request does not say what to take back.")
        return
    restarted = ["-e"] if name == "error_scripts" and lpar_state(draft.subject).rebooted else []
    draft.parameters |= {
        "trace": name,
        "flags": [TRACES[name].flag, *restarted],
        "support_case": _case(draft.subject.choice("support_case")),
    }


def evidence(draft: Draft) -> None:
    """Logs and state come home first."""
    draft.add(*collected(draft))


def at_rest(draft: Draft) -> None:
    """No Live Update works."""
    draft.add(
        look(
            "nothing_at_work",
            Phase.CHECK,
            "Prove that no Live Update and no cleanup is at work",
            "What works needs its lock and its state.",
            aix("ps", "-ef"),
            expect=Expect(has=(r"^\s*UID\s+PID\b",), lacks=AT_WORK),
        )
    )


def taken_back(draft: Draft) -> None:
    """The one command, and the disks afterwards."""
    trace = TRACES[draft.parameters["trace"]]
    draft.add(
        once(
            "taken_back",
            Phase.UPDATE,
            trace.title,
            f"{trace.why} Case {draft.parameters['support_case']} of IBM's support.",
            aix("clvupdate", *draft.parameters["flags"]),
            deadline_s=3600,
            reversible=False,
        ),
        look("disks_after", Phase.VERIFY, "Record the disks", "They must be as before.", aix("lspv")),
    )


def summary(plan: Plan) -> str:
    """The plan in one line."""
    trace = TRACES[plan.parameters["trace"]].title
    return f"{trace} on {plan.lpar['name']}, as case {plan.parameters['support_case']} says"


PROCEDURE = Procedure(
    name=NAME,
    title="Take back single traces of a failed Live Update",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REPAIR,
    asks=(WHAT, CASE),
    moves_workload=False,
    checks=frozenset({"RQ-150"}),
    states=frozenset({LparState.FAILED_CLEAN, LparState.UPDATED_NOT_ACTIVE}),
)
