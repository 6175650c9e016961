"""Write a version of the approval policy: appended, entered in the ledger, never changed."""

from datetime import datetime

from django.db import transaction

from liveupdate.control.policy import check_policy
from liveupdate.control.ruling import Policy
from liveupdate.models import PolicyVersion
from portal.access.models import User
from portal.access.policies import require
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.canonical import canonical_json, digest
from portal.lib.clock import now, rfc3339
from portal.lib.errors import Invalid


def write_policy(person: User, policy: Policy, reason: str, active_from: datetime) -> PolicyVersion:
    """A new version that holds from then on; what was handed in before stays on its own.

    Raises NotAllowed, and Invalid without a reason, for a moment that is over, or for rules that make
    no sense.
    """
    require(person, {Role.ADMINISTRATOR}, None, "change the approval policy")
    check_policy(policy)
    if not reason.strip():
        raise Invalid("A change of the policy needs a reason.", code="reason_missing")
    document = canonical_json(policy)
    with transaction.atomic():
        version = PolicyVersion.objects.create(
            document=document.decode(),
            digest=digest(document),
            author=person,
            reason=reason.strip(),
            active_from=max(active_from, now()),
        )
        record(Event.POLICY_WRITE, Actor.person(person.public_id), {}, entered(version))
    return version


def entered(version: PolicyVersion) -> dict[str, str | int]:
    """A version as the ledger holds it."""
    return {
        "policy": version.digest,
        "version": version.pk,
        "reason": version.reason,
        "active_from": rfc3339(version.active_from),
    }
