"""The ledger's part in the portal's health."""

from portal.audit.hold import current_hold
from portal.audit.state import ledger_state


def ledger_works() -> bool:
    """Whether the database is the ledger that was signed, entries get sealed in time, the triggers are in
    place, and no verification failed.
    """
    state = ledger_state()
    return not (current_hold() or state.overdue or state.missing_triggers or state.verdict == "bad")
