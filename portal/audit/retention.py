"""How long bytes of the ledger are kept at least, and which may ever go."""

import calendar
from datetime import datetime

from django.conf import settings

from portal.audit.events import Event
from portal.lib.clock import now
from portal.lib.errors import Invalid

LEAST_MONTHS = 12
"""PCI DSS 10.5.1; no setting goes below it."""

PRUNABLE = frozenset(
    {
        *(Event.AUTH_OK, Event.AUTH_FAIL, Event.AUTH_LOCKOUT, Event.AUTH_LOGOUT),
        *(Event.SESSION_NEW, Event.SESSION_KILL, Event.ACCESS_DENIED, Event.MFA_FAIL),
        *(Event.FACTS_READ, Event.READINESS_ANSWER, Event.CRED_USE, Event.DISCOVERY_ASK, Event.DISCOVERY_END),
        *(Event.STEP_START, Event.STEP_END, Event.STEP_SKIP, Event.CMD_START),
        *(Event.AUDIT_READ, Event.EXPORT_DOWNLOAD, Event.APP_START, Event.APP_STOP, Event.LEDGER_TICK),
    }
)
"""Kinds of entries whose bytes may go: nothing that is shown as a record or decided by rests on them."""


def months_kept(what: str) -> int:
    """For how many months `entries` or `chunks` stay, by the settings but never below twelve."""
    wanted = settings.LEDGER_KEEP_ENTRIES_MONTHS if what == "entries" else settings.LEDGER_KEEP_OUTPUT_MONTHS
    return max(int(wanted), LEAST_MONTHS)


def require_old_enough(what: str, before: datetime) -> None:
    """Raise Invalid where something younger than is kept would go."""
    newest = _months_ago(now(), months_kept(what))
    if before > newest:
        months = months_kept(what)
        raise Invalid(
            f"{what.capitalize()} stay for {months} months: nothing after {newest:%Y-%m-%d} may go.",
            remedy="Name an earlier --before.",
            code="kept_longer",
        )


def _months_ago(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
