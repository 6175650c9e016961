"""The list of agents: who writes and who approves an entry, and which entries plans see."""

import json
from dataclasses import replace

import pytest
from django.test import Client

from inventory.facts.base import FactSet
from liveupdate.actions.agents import AgentEntry, approve_agent, remove_agent, write_agent
from liveupdate.lpar.agents import AgentKind
from liveupdate.lpar.subject import ListedAgent
from liveupdate.models import Agent
from liveupdate.records.agent_list import approved_agents
from liveupdate.records.subjects import subject_of_lpar
from portal.access.models import Membership
from portal.access.roles import Role
from portal.audit.models import Intake
from portal.lib.errors import Conflict, Invalid, NotAllowed
from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db
BACKUP = AgentEntry(None, "dsmcad", AgentKind.SUBSYSTEM)


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def own(fleet: Fleet, **changes: str) -> AgentEntry:
    entry = AgentEntry(
        fleet.teams["Payroll"], "zabbix_agentd", AgentKind.COMMANDS, "/z/agent stop", "/z/agent on"
    )
    return replace(entry, **changes)


@pytest.mark.deep
def test_a_plan_sees_what_a_second_person_approved(fleet: Fleet) -> None:
    pay, web = fleet.lpars["pay01"], fleet.lpars["web01"]
    agent = write_agent(fleet.adm, own(fleet))
    assert (agent.state, approved_agents(pay)) == ("submitted", ())
    with pytest.raises(NotAllowed, match="You wrote this entry"):
        approve_agent(fleet.adm, agent.pk, agent.digest)
    approve_agent(fleet.ivy, agent.pk, agent.digest)
    listed = ListedAgent("zabbix_agentd", "commands", ("/z/agent", "stop"), ("/z/agent", "on"))
    assert approved_agents(pay) == (listed,) == subject_of_lpar(pay, FactSet()).agents
    assert approved_agents(web) == ()


def test_a_change_takes_the_approval_away(fleet: Fleet) -> None:
    agent = write_agent(fleet.adm, own(fleet))
    seen = agent.digest
    write_agent(fleet.adm, own(fleet, stop="/z/agent halt"), agent.pk)
    with pytest.raises(Conflict, match="was changed meanwhile"):
        approve_agent(fleet.ivy, agent.pk, seen)
    agent.refresh_from_db()
    approve_agent(fleet.ivy, agent.pk, agent.digest)
    write_agent(fleet.adm, own(fleet), agent.pk)
    assert approved_agents(fleet.lpars["pay01"]) == ()


def test_the_teams_own_entry_counts_before_that_of_every_team(fleet: Fleet) -> None:
    Membership.objects.create(user=fleet.kim, role=Role.APPROVER)
    entries = (own(fleet), replace(own(fleet, stop="/other stop"), team=None), BACKUP)
    for entry in entries:
        agent = write_agent(fleet.adm, entry)
        approve_agent(fleet.kim, agent.pk, agent.digest)
    stops = {name: [one.stop for one in approved_agents(lpar)] for name, lpar in fleet.lpars.items()}
    assert stops["pay01"] == [(), ("/z/agent", "stop")]
    assert stops["web01"] == [(), ("/other", "stop")]


def test_only_an_administrator_writes_and_removes(fleet: Fleet) -> None:
    agent = write_agent(fleet.adm, own(fleet))
    for person in (fleet.ana, fleet.ivy, fleet.kim):
        with pytest.raises(NotAllowed):
            write_agent(person, BACKUP)
        with pytest.raises(NotAllowed):
            remove_agent(person, agent.pk)
    with pytest.raises(Invalid, match="no such agent"):
        approve_agent(fleet.wes, agent.pk, agent.digest)
    everyones = write_agent(fleet.adm, BACKUP)
    with pytest.raises(NotAllowed, match="of every team may"):
        approve_agent(fleet.ivy, everyones.pk, everyones.digest)


def test_an_entry_is_one_of_its_kind_and_holds_plain_words(fleet: Fleet) -> None:
    write_agent(fleet.adm, own(fleet))
    with pytest.raises(Conflict, match="is on the list already"):
        write_agent(fleet.adm, own(fleet))
    for wrong in (
        own(fleet, name="-e"),
        own(fleet, name="other", stop=""),
        own(fleet, name="other", start="agent start"),
        own(fleet, name="other", check="/z/agent 'open"),
        replace(BACKUP, stop="/bin/kill 1"),
        replace(BACKUP, name="dsm cad"),
    ):
        with pytest.raises(Invalid):
            write_agent(fleet.adm, wrong)
    assert Agent.objects.count() == 1


def test_everything_stands_in_the_ledger(fleet: Fleet) -> None:
    agent = write_agent(fleet.adm, own(fleet))
    approve_agent(fleet.ivy, agent.pk, agent.digest)
    remove_agent(fleet.adm, agent.pk)
    entries = [
        json.loads(bytes(row.content))["d"]
        for row in Intake.objects.filter(event="config.change").order_by("pk")
    ]
    assert [next(iter(sorted(entry.keys() & {"written", "approved", "removed"}))) for entry in entries] == [
        "written",
        "approved",
        "removed",
    ]
    assert entries[0]["stop"] == ["/z/agent", "stop"]
    assert {entry.get("written") or entry.get("approved") or entry["removed"] for entry in entries} == {
        agent.digest
    }


def test_the_page(fleet: Fleet) -> None:
    admin, ivy = Client(), Client()
    admin.force_login(fleet.adm)
    ivy.force_login(fleet.ivy)
    form = {"team": fleet.teams["Payroll"].pk, "name": "nmon", "kind": "commands", "stop": "nmon -x"}
    wrong = admin.post("/agents/", form)
    assert (wrong.status_code, Agent.objects.count()) == (400, 0)
    assert "is not an absolute directory" in wrong.content.decode()
    assert admin.post("/agents/", form | {"stop": "/n/stop", "start": "/n/start 'a b'"}).status_code == 302
    agent = Agent.objects.get()
    page = ivy.get("/agents/").content.decode()
    for part in ("Waiting for approval", "/n/start &#x27;a b&#x27;", f"/agents/{agent.pk}/approve/"):
        assert part in page
    assert "Enter an agent" not in page
    assert ivy.post(f"/agents/{agent.pk}/approve/", {"digest": agent.digest}).status_code == 302
    agent.refresh_from_db()
    assert (agent.state, agent.approved_by) == ("approved", fleet.ivy)
    shown = admin.get(f"/agents/{agent.pk}/").content.decode()
    assert "/n/start &#x27;a b&#x27;" in shown
