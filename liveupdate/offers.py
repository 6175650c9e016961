"""What may be done next with an LPAR in the state that Live Update left it in, and why not."""

from liveupdate.lpar.state import lpar_state
from liveupdate.lpar.subject import Subject
from liveupdate.procedures.catalogue import PROCEDURES, procedure_named
from liveupdate.procedures.procedure import Procedure
from liveupdate.states import LparState

WHY_NOT: dict[LparState, str] = {
    LparState.IDLE: "No Live Update is open on the LPAR: there is nothing of this kind to do.",
    LparState.UPDATED_NOT_ACTIVE: "The updates are installed and the old kernel still runs. Activate them by "
    "a Live Update without media or by a restart, or go back to the clone.",
    LparState.UPDATING: "A Live Update is at work on the LPAR. Nothing else may be started before it has "
    "ended.",
    LparState.FAILED_CLEAN: "The last Live Update failed and left nothing behind: there is nothing of this "
    "kind to do.",
    LparState.FAILED_DIRTY: "A failed Live Update left things behind, and a second attempt would destroy "
    "what clvupdate needs. Collect the logs and clean up first.",
    LparState.FAILED_DIRTY_REBOOTED: "A failed Live Update left things behind and the LPAR was restarted "
    "since. Collect the logs and clean up first; the cleanup has to ignore the kernel's state.",
    LparState.MOVED_DIRTY: "The workload runs on the surrogate and the original is still there. Collect the "
    "logs and clean up first: the original has to go, never the surrogate.",
    LparState.DONE: "The last Live Update completed: there is nothing of this kind to do.",
    LparState.UNKNOWN: "Nobody can tell where Live Update left the LPAR. Read its facts and those of its HMC "
    "first. Where that HMC is lost, name another that manages the system in the inventory.",
}
"""Why a procedure that the state does not admit is refused, and what comes first."""


def why_not(procedure: Procedure, state: LparState) -> str:
    """Why the procedure may not be started on an LPAR in this state; empty when it may."""
    return "" if state in procedure.states else WHY_NOT[state]


def offers(state: LparState) -> dict[str, str]:
    """Every procedure by name with the sentence that refuses it; empty where it may be asked for."""
    return {name: why_not(procedure, state) for name, procedure in PROCEDURES.items()}


def refusal(subject: Subject) -> str:
    """Why the subject's procedure may not be planned or started by these facts; empty when it may."""
    seen = lpar_state(subject)
    refused = why_not(procedure_named(subject.procedure), seen.state)
    if not refused:
        return ""
    missing = f" Missing: {'; '.join(seen.missing)}." if seen.missing else ""
    return f"{seen.why} {refused}{missing}"
