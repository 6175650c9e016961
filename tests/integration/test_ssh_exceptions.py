"""An exception from the floor of SSH algorithms has a person, a reason and an entry."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from inventory.actions.ssh_exceptions import set_ssh_exception
from inventory.endpoints import endpoint_of
from inventory.models import Host
from liveupdate.engine import contact
from liveupdate.records.subjects import plan_hosts
from portal.audit.models import Intake
from portal.lib.errors import Conflict, Invalid, NotAllowed
from tests.fleet import Fleet, make_fleet

pytestmark = [pytest.mark.django_db, pytest.mark.threat("T5")]


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


@pytest.fixture
def host(fleet: Fleet) -> Host:
    return fleet.lpars["pay01"].host


def test_it_is_made_on_the_hosts_page_entered_and_ended(fleet: Fleet, host: Host) -> None:
    client = Client()
    client.force_login(fleet.adm)
    address = reverse("set-ssh-exception", args=[host.pk])
    sent = {"algorithms": ["hmac-sha1", "aes256-cbc"], "reason": "AIX 6.1 until June"}
    page = client.post(address, sent, follow=True).content.decode()
    assert "aes256-cbc hmac-sha1" in page
    assert "AIX 6.1 until June" in page
    client.post(address, {"reason": ""})
    host.refresh_from_db()
    assert (host.weak_algorithms, host.ssh_excepted_by, host.ssh_exception_reason) == ((), None, "")
    entries = Intake.objects.filter(event__startswith="algorithm.").order_by("pk")
    told = [(row.event, json.loads(bytes(row.content))["d"]) for row in entries]
    assert [(event, data["algorithms"]) for event, data in told] == [
        ("algorithm.allow", ["aes256-cbc", "hmac-sha1"]),
        ("algorithm.end", []),
    ]
    assert told[0][1]["reason"] == "AIX 6.1 until June"


def test_looks_and_plans_use_it_for_this_host_alone(fleet: Fleet, host: Host) -> None:
    hosts = plan_hosts(fleet.lpars["pay01"])
    set_ssh_exception(host.pk, ["hmac-sha1"], "old", fleet.adm)
    assert endpoint_of(Host.objects.get(pk=host.pk)).weak_algorithms == ("hmac-sha1",)
    used = {each.name: contact.endpoint_of(each).weak_algorithms for each in hosts.values()}
    assert used.pop(host.name) == ("hmac-sha1",)
    assert set(used.values()) == {()}


def test_what_is_refused(fleet: Fleet, host: Host) -> None:
    for person in (fleet.ana, fleet.kim):
        with pytest.raises(NotAllowed):
            set_ssh_exception(host.pk, ["hmac-sha1"], "old", person)
    with pytest.raises(Invalid, match="3des-cbc"):
        set_ssh_exception(host.pk, ["3des-cbc"], "old", fleet.adm)
    with pytest.raises(Invalid, match="reason"):
        set_ssh_exception(host.pk, ["hmac-sha1"], "  ", fleet.adm)
    with pytest.raises(Conflict):
        set_ssh_exception(host.pk, [], "", fleet.adm)
    assert not Intake.objects.filter(event__startswith="algorithm.").exists()
