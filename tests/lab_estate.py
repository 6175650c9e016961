"""The lab's hosts in the inventory, with the demo's people: what tests of whole flows start from."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.management import call_command

from inventory.lab.estate import RunningLab
from inventory.models import Lpar
from liveupdate.actions.approvals import approve
from liveupdate.actions.planning import do_plan
from liveupdate.actions.requests import Wish, create_request, submit_request
from liveupdate.models import Request
from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from portal.lib.clock import now


@dataclass(frozen=True, slots=True)
class Estate:
    """A running lab that the portal knows, and people of the teams Payroll and Webshop."""

    lab: RunningLab
    owner: User
    approver: User

    def wish(self, **changes: Any) -> Wish:
        """What the owner asks for: the lab's media, in a window that is open."""
        values: dict[str, Any] = {
            "procedure": "local_live_update",
            "media": self.lab.description["media"],
            "target_level": self.lab.description["target_level"],
            "consents": (),
            "reason": "security fixes",
            "impact": "",
            "fallback": "",
            "starts_at": now() - timedelta(minutes=1),
            "ends_at": now() + timedelta(hours=2),
        }
        return Wish(**{**values, **changes})

    def planned(self, name: str, **changes: Any) -> Request:
        """A request for the LPAR of this name, planned by a worker."""
        lpar = Lpar.objects.get(host__name=name)
        request = create_request(self.owner, lpar.pk, self.wish(**changes))
        do_plan(request.pk, "w1")
        request.refresh_from_db()
        return request

    def approved(self, name: str, **changes: Any) -> Request:
        """The same, submitted by the owner and approved by the approver."""
        return self.decided(self.planned(name, **changes))

    def decided(self, request: Request) -> Request:
        """A planned request, submitted by the owner and approved by the approver."""
        assert request.plan is not None, request.state_reason
        submit_request(self.owner, request.pk, request.plan.digest)
        approve(self.approver, request.pk, request.plan.digest)
        request.refresh_from_db()
        return request


def import_lab(lab: RunningLab) -> Estate:
    """Make the people and bring the lab's hosts in, as an administrator does with a file."""
    people = {name: User.objects.create_user(name) for name in ("ana", "ivy", "adm")}
    for name in ("Payroll", "Webshop"):
        team = Team.objects.create(name=name, slug=name.lower())
        Membership.objects.create(user=people["ana"], team=team, role=Role.REQUESTER)
        Membership.objects.create(user=people["ivy"], team=team, role=Role.APPROVER)
    Membership.objects.create(user=people["adm"], role=Role.ADMINISTRATOR)
    call_command("import_hosts", str(lab.directory / "inventory.csv"), as_user="adm")
    return Estate(lab, people["ana"], people["ivy"])
