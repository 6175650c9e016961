"""A compliance report: one question to the ledger, the same answer each time it is asked."""

from datetime import timedelta

import pytest

from liveupdate.reports.compliance import compliance_report
from liveupdate.reports.document import Period, Scope
from portal.access.actions import add_team
from portal.audit.actor import Actor
from portal.audit.sealer import seal_now
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid

pytestmark = pytest.mark.django_db


def test_the_same_question_to_the_same_ledger_gives_the_same_digest() -> None:
    """Also after more was entered, when it is asked as of then."""
    add_team("Payroll", by=Actor.command("test"))
    first = seal_now()
    assert first is not None
    at = now()
    period = Period(at - timedelta(days=1), at)
    before = compliance_report(period, Scope(), at)
    add_team("Web", by=Actor.command("test"))
    seal_now()
    assert compliance_report(period, Scope(), at).digest == before.digest
    later = compliance_report(period, Scope(), now())
    assert (before.standing.size, later.standing.size) == (first.size, first.size + 1)
    assert later.digest != before.digest


def test_nothing_is_reported_of_a_time_before_the_first_checkpoint() -> None:
    """There is no ledger whose numbers they could be."""
    add_team("Payroll", by=Actor.command("test"))
    seal_now()
    at = now()
    with pytest.raises(Conflict, match="Nothing was signed by then"):
        compliance_report(Period(at - timedelta(days=9), at), Scope(), at - timedelta(days=2))
    with pytest.raises(Invalid, match="ends before it begins"):
        compliance_report(Period(at, at), Scope(), at)
