"""Whether privileged work may begin: it may not while its record could not be kept (threat T6)."""

from django.db import connection

from portal.audit.hold import hold_problems
from portal.audit.state import LedgerState, ledger_state
from portal.lib.errors import Conflict

VERIFY = "Run `manage.py audit_verify`, find out what was done, and verify again."


def ledger_problems() -> list[Conflict]:
    """Why nothing privileged may start as the ledger stands; what runs already is never stopped for it.

    Codes: `ledger_held`, `ledger_read_only`, `ledger_unsigned`, `ledger_bad`.
    """
    problems = hold_problems()
    if not _writable():
        problems.append(_read_only())
    state = ledger_state()
    if state.away:
        problems.append(_unsigned(state))
    if state.verdict == "bad" or state.missing_triggers:
        problems.append(_bad(state))
    return problems


def _read_only() -> Conflict:
    return Conflict(
        "The database takes no changes: nothing that starts could be entered into the ledger.",
        remedy="Make the database writable; waiting runs go on by themselves.",
        code="ledger_read_only",
    )


def _unsigned(state: LedgerState) -> Conflict:
    return Conflict(
        f"The sealer has signed nothing for {int(state.unsigned_age_s or 0) // 60} min, and entries wait.",
        remedy="Start it (manage.py audit_sealer), or read in its log why it refuses.",
        code="ledger_unsigned",
    )


def _bad(state: LedgerState) -> Conflict:
    found = state.verification.first_bad if state.verification and not state.verification.ok else ""
    missing = f"Missing triggers: {', '.join(state.missing_triggers)}." if state.missing_triggers else ""
    return Conflict(
        f"The ledger is not as it was written. {found or missing}", remedy=VERIFY, code="ledger_bad"
    )


def _writable() -> bool:
    """Whether the database takes changes; one that is away raises DatabaseError instead."""
    question = (
        "PRAGMA query_only"
        if connection.vendor == "sqlite"
        else "SELECT CASE current_setting('transaction_read_only') WHEN 'on' THEN 1 ELSE 0 END"
    )
    with connection.cursor() as cursor:
        cursor.execute(question)
        return not cursor.fetchone()[0]
