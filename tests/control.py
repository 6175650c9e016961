"""One of everything by which changes are controlled, for tests of pages."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.timezone import localdate

from liveupdate.actions.delegations import Mandate, delegate
from liveupdate.actions.policy_versions import write_policy
from liveupdate.actions.standard_changes import write_standard_change
from liveupdate.control.policy import SHIPPED, read_stages
from liveupdate.control.ruling import Policy
from liveupdate.models import Delegation, Emergency, PolicyVersion, Request, StandardChange
from portal.lib.clock import now
from tests.fleet import Fleet


@dataclass
class Control:
    """A version of the policy, a delegation, a template that nobody approved, an emergency that is open."""

    version: PolicyVersion
    delegation: Delegation
    template: StandardChange
    emergency: Emergency


def control_of(fleet: Fleet, request: Request) -> Control:
    """They belong to team Payroll; ivy delegates to kim, ana wrote the template, bo opened the emergency."""
    month = timedelta(days=30)
    mandate = Mandate(now(), now() + month, "low", "away")
    emergency = Emergency.objects.create(
        request=request, opened_by=fleet.bo, incident="INC-7", reason="it is on fire", due_on=localdate()
    )
    return Control(
        write_policy(fleet.adm, SHIPPED, "the same in our own words", now()),
        delegate(fleet.ivy, fleet.kim, mandate),
        write_standard_change(fleet.ana, request.pk, "The usual service pack"),
        emergency,
    )


def policy(stages: str, **changes: object) -> Policy:
    """The shipped policy with other stages for what is no standard change."""
    last = {**SHIPPED["rules"][-1], "stages": read_stages(stages), **changes}
    return {**SHIPPED, "rules": [SHIPPED["rules"][0], last]}  # type: ignore[list-item]
