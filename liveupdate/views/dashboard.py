"""The first page: what needs this person, what runs, how the fleet stands, whether the ledger holds."""

from typing import Any

from django.views.generic import TemplateView

from liveupdate.actions.emergencies import open_debts
from liveupdate.actions.mailing import failing_notices
from liveupdate.queries import (
    ended_runs,
    held_runs,
    held_starts,
    live_runs,
    open_leftovers,
    posture,
    to_submit,
    waiting_campaigns,
    waiting_for,
)
from portal.access.models import User
from portal.access.policies import roles, roles_anywhere
from portal.access.requests import person_of
from portal.access.roles import Role
from portal.audit.state import ledger_state
from portal.audit.trust import anchor_health


class DashboardView(TemplateView):
    """Needs you, live now, recent, readiness, evidence."""

    template_name = "liveupdate/dashboard.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One query or few per panel."""
        person = person_of(self.request)
        operates = Role.OPERATOR in roles_anywhere(person)
        ledger = ledger_state()
        waiting, held = waiting_for(person), list(held_runs(person)[:10]) if operates else []
        return super().get_context_data(
            waiting=waiting,
            held=held,
            held_starts=held_starts(person)[:10],
            waiting_campaigns=waiting_campaigns(person),
            decisions=len(waiting) + len(held),
            own=to_submit(person)[:10],
            live=live_runs(person)[:10],
            recent=ended_runs(person)[:8],
            posture=posture(person),
            ledger=ledger,
            anchors=anchor_health(ledger.signed),
            mail_trouble=_mail_trouble(person),
            leftovers=open_leftovers(person),
            debts=open_debts(person),
            **kwargs,
        )


def _mail_trouble(person: User) -> int:
    """How many mails cannot be sent, for those who can do something about it."""
    if not roles(person, None) & {Role.OPERATOR, Role.ADMINISTRATOR}:
        return 0
    return failing_notices().count()
