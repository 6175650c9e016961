"""Within how many days faults are to be cured: written by an administrator, in versions."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from inventory.compliance.severity import DAYS, Severity
from liveupdate.models import DeadlineVersion
from portal.access.models import User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.clock import now, rfc3339
from portal.lib.errors import Invalid

MOST_DAYS = 3650


def deadlines_at(at: datetime) -> tuple[dict[Severity, int], int]:
    """The days by severity that held at a moment, and the version's id (0: those that are shipped)."""
    version = DeadlineVersion.objects.filter(active_from__lte=at, written_at__lte=at).first()
    if version is None:
        return dict(DAYS), 0
    return {severity: version.days[severity.value] for severity in Severity}, version.pk


def write_deadlines(person: User, days: Mapping[str, int], reason: str) -> DeadlineVersion:
    """Let other deadlines hold from now on. Raises NotAllowed, Invalid."""
    require(person, {Role.ADMINISTRATOR}, None, "set deadlines for faults")
    if not reason.strip():
        raise Invalid("Other deadlines need a reason.", code="reason_missing")
    if set(days) != {severity.value for severity in Severity}:
        raise Invalid("Deadlines name the days of every severity.", code="deadline_not_possible")
    if not all(1 <= each <= MOST_DAYS for each in days.values()):
        raise Invalid(f"A deadline lies between 1 and {MOST_DAYS} days.", code="deadline_not_possible")
    with transaction.atomic():
        version = DeadlineVersion.objects.create(
            days=dict(days), author=person, reason=reason.strip(), active_from=now()
        )
        data = {"version": version.pk, "days": version.days, "reason": version.reason}
        active = {"active_from": rfc3339(version.active_from)}
        record(Event.DEADLINE_WRITE, Actor.person(person.public_id), {}, data | active)
    return version
