"""Discoveries and the inventory: what is taken in, what waits for a person, what comes back."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from inventory.actions import console_discovery
from inventory.actions.decisions import HostEntry, accept, accept_all, refuse
from inventory.actions.discovery import ask_discovery
from inventory.actions.sightings import UPDATING
from inventory.facts.base import FactSet, Output
from inventory.models import (
    CodPool,
    Credential,
    Discovered,
    Discovery,
    FactReading,
    Hmc,
    Host,
    Lpar,
    ManagedSystem,
    Vios,
)
from inventory.survey import Answers
from inventory.transport.errors import Unreachable
from liveupdate.actions.discoveries import discover_now, do_discovery, waiting_discoveries
from portal.audit.actor import Actor
from portal.audit.models import Intake
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed
from tests.fleet import Fleet, make_fleet
from tests.hmc_answers import Cec, Console, Part, reading, uuid

pytestmark = [pytest.mark.django_db, pytest.mark.deep]
ACTOR = Actor.worker("w1")
FLEET = {"pay01": "A", "web01": "B", "pay02": "C", "web02": "D"}
PARTS = (
    Part("viodev1", 3, uuid(3), env="vioserver", os="VIOS 3.1.4.21", address="10.254.0.11"),
    *(
        Part(name, 26 + number, f"1A40C5B2-7E0E-4D52-9F7F-20C5B0F4001{letter}")
        for number, (name, letter) in enumerate(FLEET.items())
    ),
)
ORA01 = Part("ora01", 40, uuid(40), address="10.254.0.40")
Tell = Callable[..., Discovery]


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


@pytest.fixture
def tell(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Tell:
    """Does a discovery in which the HMC lists these partitions, or answers something else."""

    def discovered(
        *parts: Part, hmc: str = "hmc01", answers: Answers | None = None, **console: Any
    ) -> Discovery:
        systems = console.pop("systems", [Cec(partitions=parts)])
        said = answers or Answers(_with_pools(Console(systems, **console).facts(now())))
        for one in said.facts.readings.copy().values():
            said.facts.add(replace(one, host=hmc))
        monkeypatch.setattr(console_discovery, "read_console", lambda _endpoint, _progress: said)
        return discover_now(Host.objects.get(name=hmc), ACTOR)

    return discovered


def _with_pools(facts: FactSet) -> FactSet:
    pool = "name=CUP Pool,id=0328,state=In compliance,mobile_procs=20,avail_mobile_procs=16\n"
    facts.add(reading("cod_pools", "", Output(pool)))
    member = "name=x,mtms=9080-M9S*78A1234,mobile_procs=0,mobile_mem=0\n"
    facts.add(reading("cod_pool_systems", "CUP Pool", Output(member)))
    facts.add(reading("hmc_version", "", Output(VERSION)))
    return facts


VERSION = '"version= Version: 10\n Release: 10.2.1030.0\n Service Pack: 1030\n","base_version=V10R2\n"\n'


def items(discovery: Discovery) -> list[tuple[str, str, str]]:
    return [(item.change, item.name, item.decision) for item in discovery.items.order_by("change", "name")]


def entry(fleet: Fleet, **values: Any) -> HostEntry:
    credential = Credential.objects.get(name="lpar-key")
    return HostEntry(fleet.teams["Payroll"], "production", credential, **values)


def test_what_an_hmc_says_of_known_things_is_kept(tell: Tell) -> None:
    discovery = tell(*PARTS)
    assert (discovery.state, discovery.problem) == ("done", "")
    assert items(discovery) == [("new", "viodev1", "accepted")]
    pay01 = Lpar.objects.get(host__name="pay01")
    assert (pay01.partition_name, pay01.partition_state, pay01.rmc_state) == ("pay01", "Running", "active")
    assert (pay01.memory_mb, str(pay01.cores), pay01.lpar_id) == (8192, "0.500", 26)
    system = ManagedSystem.objects.get()
    assert (system.state, system.capacity.free_memory_mb, str(system.capacity.free_cores)) == (
        "Operating",
        24576,
        "3.500",
    )
    assert [(pool.number, pool.name, pool.max_cores) for pool in system.pools.all()] == [
        (0, "DefaultPool", None),
        (1, "Oracle", 8),
    ]
    pool = CodPool.objects.get()
    assert (pool.number, pool.free_cores, pool.memory_mb) == ("0328", 16, None)
    assert list(pool.managed_systems.all()) == [system]
    assert Hmc.objects.get().version == "V10R2"
    assert FactReading.objects.filter(subject__name="hmc01", fact="partitions", current=True).count() == 1


def test_a_vios_is_known_from_then_on(tell: Tell) -> None:
    tell(*PARTS)
    vios = Vios.objects.get()
    assert (vios.name, vios.lpar_id, vios.address) == ("viodev1", 3, "10.254.0.11")
    renamed = replace(PARTS[0], name="vio-a", lpar_id=5)
    assert items(tell(renamed, *PARTS[1:])) == [("changed", "viodev1", "accepted")]
    vios.refresh_from_db()
    assert (vios.name, vios.lpar_id) == ("vio-a", 5)


def test_a_renamed_lpar_keeps_its_row_and_its_hosts_name(tell: Tell) -> None:
    discovery = tell(PARTS[0], replace(PARTS[1], name="PAY 01"), *PARTS[2:])
    assert ("changed", "pay01", "accepted") in items(discovery)
    lpar = Lpar.objects.get(host__name="pay01")
    assert lpar.partition_name == "PAY 01"
    assert [
        change for change, *_ in items(tell(PARTS[0], replace(PARTS[1], name="PAY 01"), *PARTS[2:]))
    ] == []


def test_a_new_lpar_becomes_a_host_whose_key_waits(fleet: Fleet, tell: Tell) -> None:
    item = tell(*PARTS, ORA01).items.get(name="ora01")
    accept(fleet.adm, item.pk, entry(fleet, application="Ledger"))
    lpar = Lpar.objects.get(host__name="ora01")
    assert (lpar.uuid, lpar.lpar_id, lpar.hmc.host.name, lpar.team.name) == (uuid(40), 40, "hmc01", "Payroll")
    assert (lpar.host.address, lpar.host.account, lpar.host.kind) == ("10.254.0.40", "root", "lpar")
    assert not lpar.host.keys.exists()
    item.refresh_from_db()
    assert (item.decision, item.decided_by, item.row) == ("accepted", fleet.adm, lpar.pk)
    assert Intake.objects.filter(event="inventory.change").count() == 1
    assert items(tell(*PARTS, ORA01)) == []


def test_names_that_are_taken_or_odd_get_one_that_fits(fleet: Fleet, tell: Tell) -> None:
    twin, odd = replace(ORA01, name="hmc01"), Part("büro 1\x41", 41, uuid(41), address="10.0.0.41")
    discovery = tell(*PARTS, twin, odd)
    pks = list(discovery.items.filter(kind="lpar").values_list("pk", flat=True))
    assert accept_all(fleet.adm, pks, entry(fleet)) == 2
    assert {"hmc01-78A1234", "b-ro-1A"} <= set(Host.objects.values_list("name", flat=True))


def test_what_rmc_does_not_reach_needs_an_address(fleet: Fleet, tell: Tell) -> None:
    item = tell(*PARTS, replace(ORA01, address="")).items.get(name="ora01")
    with pytest.raises(Invalid, match="no address of ora01"):
        accept(fleet.adm, item.pk, entry(fleet))
    with pytest.raises(Invalid, match="not a host name"):
        accept(fleet.adm, item.pk, entry(fleet, address="ora01; reboot"))
    with pytest.raises(Conflict, match="Another host is called pay01"):
        accept(fleet.adm, item.pk, entry(fleet, address="10.1.1.1", name="pay01"))
    assert not Host.objects.filter(address="10.1.1.1").exists()
    accept(fleet.adm, item.pk, entry(fleet, address="10.1.1.1", name="ora", port=2222))
    assert Host.objects.get(name="ora").port == 2222


def test_several_are_taken_together_or_not_at_all(fleet: Fleet, tell: Tell) -> None:
    discovery = tell(*PARTS, ORA01, Part("ora02", 41, uuid(41), address=""))
    pks = list(discovery.items.filter(kind="lpar").values_list("pk", flat=True))
    with pytest.raises(Invalid, match="no address of ora02"):
        accept_all(fleet.adm, pks, entry(fleet))
    assert not Host.objects.filter(name="ora01").exists()
    assert set(discovery.items.filter(kind="lpar").values_list("decision", flat=True)) == {"open"}


@pytest.mark.parametrize("person", ["ana", "ivy", "kim", "aud"])
def test_only_an_administrator_decides(fleet: Fleet, tell: Tell, person: str) -> None:
    item = tell(*PARTS[:4]).items.get(change="gone")
    for decide in (
        lambda: accept(fleet.people[person], item.pk),
        lambda: refuse(fleet.people[person], [item.pk]),
    ):
        with pytest.raises(NotAllowed):
            decide()
    assert Lpar.objects.in_service().count() == 4


def test_gone_is_retired_by_a_person_and_comes_back_by_itself(fleet: Fleet, tell: Tell) -> None:
    tell(*PARTS)
    item = tell(*PARTS[:4]).items.get(change="gone")
    assert (item.name, item.decision, Lpar.objects.in_service().count()) == ("web02", "open", 4)
    accept(fleet.adm, item.pk)
    assert Lpar.objects.in_service().count() == 3
    lpar = Lpar.objects.get(host__name="web02")
    assert lpar.retired_at is not None
    assert FactReading.objects.filter(subject=lpar.host).exists()
    assert items(tell(*PARTS[:4])) == []
    assert items(tell(*PARTS)) == [("changed", "web02", "accepted")]
    lpar.refresh_from_db()
    assert lpar.retired_at is None
    entries = list(Intake.objects.filter(event="inventory.change"))
    assert len(entries) == 1 and entries[0].actor_id == fleet.adm.public_id


def test_what_was_refused_stays_refused_until_it_was_seen_again(fleet: Fleet, tell: Tell) -> None:
    tell(*PARTS)
    item = tell(*PARTS[:4], ORA01).items.get(change="gone")
    refuse(fleet.adm, [item.pk, item.discovery.items.get(name="ora01").pk])
    again = tell(*PARTS[:4], ORA01)
    assert items(again) == [("gone", "web02", "refused"), ("new", "ora01", "refused")]
    assert again.items.get(change="gone").decided_by == fleet.adm
    tell(*PARTS, ORA01)
    assert ("gone", "web02", "open") in items(tell(*PARTS[:4], ORA01))


def test_a_refusal_may_be_changed(fleet: Fleet, tell: Tell) -> None:
    item = tell(*PARTS, ORA01).items.get(name="ora01")
    refuse(fleet.adm, [item.pk])
    accept(fleet.adm, item.pk, entry(fleet))
    assert Lpar.objects.filter(host__name="ora01").exists()


def test_a_later_discovery_supersedes_what_waits(fleet: Fleet, tell: Tell) -> None:
    old = tell(*PARTS[:4], ORA01)
    new = tell(*PARTS, ORA01)
    assert items(old) == [
        ("gone", "web02", "superseded"),
        ("new", "ora01", "superseded"),
        ("new", "viodev1", "accepted"),
    ]
    assert items(new) == [("new", "ora01", "open")]
    with pytest.raises(Conflict, match="a later discovery says otherwise"):
        accept(fleet.adm, old.items.get(change="gone").pk)
    assert Lpar.objects.in_service().count() == 4


def test_what_was_seen_after_a_discovery_is_not_retired_by_it(fleet: Fleet, tell: Tell) -> None:
    item = tell(*PARTS[:4]).items.get(change="gone")
    Lpar.objects.filter(host__name="web02").update(seen_at=now() + timedelta(seconds=1))
    with pytest.raises(Conflict, match="was seen since"):
        accept(fleet.adm, item.pk)


def test_an_hmc_out_of_reach_makes_nothing_gone_and_supersedes_nothing(fleet: Fleet, tell: Tell) -> None:
    waiting = tell(*PARTS[:4])
    facts = FactSet()
    error = Unreachable("hmc01", "no answer.")
    failed = tell(answers=Answers(facts, error))
    assert (failed.state, items(failed)) == ("failed", [])
    assert ("gone", "web02", "open") in items(waiting)
    host = Host.objects.get(name="hmc01")
    assert (host.contact_state, host.contact_problem) == ("unreachable", "hmc01: no answer.")


def test_a_system_out_of_reach_keeps_its_lpars_and_its_capacity(fleet: Fleet, tell: Tell) -> None:
    tell(*PARTS)
    silent = Cec(state="No Connection", listed=Output("HSCL0237 not allowed\n", status=1))
    discovery = tell(systems=[silent, Cec("78B0001", "cec2", partitions=(ORA01,))])
    assert (
        discovery.state == "partial"
        and "9080-M9S-78A1234: Its partitions could not be read" in discovery.problem
    )
    assert items(discovery) == [("new", "cec2", "accepted"), ("new", "ora01", "open")]
    system = ManagedSystem.objects.get(serial="78A1234")
    assert system.state == "No Connection" and system.problem
    assert Lpar.objects.in_service().count() == 4


def hmc02() -> None:
    host = Host.objects.create(
        name="hmc02",
        kind="hmc",
        address="10.254.0.3",
        account="hscroot",
        credential=Credential.objects.get(name="hmc-key"),
    )
    Hmc.objects.create(host=host)


def test_two_hmcs_of_one_system_are_merged(fleet: Fleet, tell: Tell) -> None:
    hmc02()
    first = tell(*PARTS, ORA01)
    second = tell(*PARTS, ORA01, hmc="hmc02")
    assert ManagedSystem.objects.count() == 1 and Vios.objects.count() == 1
    assert {hmc.host.name for hmc in ManagedSystem.objects.get().hmcs.all()} == {"hmc01", "hmc02"}
    assert items(second) == [("changed", "9080-M9S-78A1234", "accepted"), ("new", "ora01", "open")]
    assert first.items.get(name="ora01").decision == "superseded"
    accept(fleet.adm, second.items.get(name="ora01").pk, entry(fleet))
    assert Lpar.objects.get(host__name="ora01").hmc.host.name == "hmc02"
    assert items(tell(*PARTS, ORA01)) == []


def test_an_old_hmc_and_a_new_one_find_the_same_lpar_once(fleet: Fleet, tell: Tell) -> None:
    hmc02()
    tell(*PARTS)
    old = tell(*PARTS, ORA01, hmc="hmc02", is_old=True)
    assert items(old)[1:] == [("new", "ora01", "open")]
    new = tell(*PARTS, ORA01)
    accept(fleet.adm, old.items.get(name="ora01").pk, entry(fleet))
    assert Lpar.objects.get(host__name="ora01").uuid == ""
    with pytest.raises(Conflict, match="in the inventory already, as ora01"):
        accept(fleet.adm, new.items.get(name="ora01").pk, entry(fleet))
    learned = tell(*PARTS, ORA01)
    assert items(learned) == [("changed", "ora01", "accepted")]
    assert Lpar.objects.get(host__name="ora01").uuid == uuid(40)
    assert items(tell(*PARTS, ORA01, hmc="hmc02", is_old=True)) == []


def test_a_system_that_left_its_hmc_keeps_its_lpars(fleet: Fleet, tell: Tell) -> None:
    hmc02()
    tell(*PARTS)
    tell(*PARTS, hmc="hmc02")
    left = tell(systems=[Cec("78B0001", "cec2", partitions=(ORA01,))])
    item = left.items.get(kind="managed_system", change="gone")
    assert items(left)[0] == ("gone", "9080-M9S-78A1234", "open")
    accept(fleet.adm, item.pk)
    system = ManagedSystem.objects.get(serial="78A1234")
    assert [hmc.host.name for hmc in system.hmcs.all()] == ["hmc02"]
    assert {lpar.hmc.host.name for lpar in system.lpars.all()} == {"hmc02"}
    assert Lpar.objects.in_service().count() == 4


def test_a_live_update_is_followed_to_the_surrogate(fleet: Fleet, tell: Tell) -> None:
    tell(*PARTS)
    original = replace(PARTS[1], name="pay01_lku0")
    surrogate = Part("pay01", 50, uuid(50), state="Starting")
    during = tell(PARTS[0], original, surrogate, *PARTS[2:])
    assert items(during) == [] and during.found["updating"] == 1
    lpar = Lpar.objects.get(host__name="pay01")
    assert (lpar.partition_state, lpar.surrogate_uuid, lpar.lpar_id) == (UPDATING, uuid(50), 26)
    after = tell(PARTS[0], replace(surrogate, state="Running"), *PARTS[2:])
    assert items(after) == [("changed", "pay01", "accepted")]
    lpar.refresh_from_db()
    assert (lpar.uuid, lpar.surrogate_uuid, lpar.lpar_id) == (uuid(50), "", 50)


def test_a_live_update_whose_original_keeps_its_uuid_leaves_nothing(fleet: Fleet, tell: Tell) -> None:
    tell(*PARTS)
    tell(PARTS[0], replace(PARTS[1], name="pay01_lku0"), Part("pay01", 50, uuid(50)), *PARTS[2:])
    assert items(tell(PARTS[0], replace(PARTS[1], lpar_id=50), *PARTS[2:])) == []
    assert Lpar.objects.get(host__name="pay01").surrogate_uuid == ""


def test_another_uuid_under_the_old_name_is_accepted_by_a_person(fleet: Fleet, tell: Tell) -> None:
    item = tell(PARTS[0], Part("pay01", 50, uuid(50)), *PARTS[2:]).items.get(name="pay01")
    assert item.decision == "open"
    accept(fleet.adm, item.pk)
    assert Lpar.objects.get(host__name="pay01").uuid == uuid(50)


def test_a_migrated_lpar_moves_when_a_person_says_so(fleet: Fleet, tell: Tell) -> None:
    there = Cec("78B0001", "cec2", partitions=(Part("v", 1, uuid(99), env="vioserver"), PARTS[1]))
    item = tell(systems=[Cec(partitions=(PARTS[0], *PARTS[2:])), there]).items.get(name="pay01")
    accept(fleet.adm, item.pk)
    assert Lpar.objects.get(host__name="pay01").managed_system.serial == "78B0001"
    assert Lpar.objects.count() == 4


def test_a_person_asks_and_one_of_several_workers_does_it(
    fleet: Fleet, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(*PARTS)
    host = Host.objects.get(name="hmc01")
    discovery = ask_discovery(host, fleet.kim)
    assert ask_discovery(host, fleet.adm) == discovery
    assert waiting_discoveries() == [discovery.pk]
    for worker in ("w1", "w2"):
        do_discovery(discovery.pk, worker)
    discovery.refresh_from_db()
    assert (discovery.state, discovery.doing_until, waiting_discoveries()) == ("done", None, [])
    assert Intake.objects.filter(event="discovery.ask").count() == 2
    assert Intake.objects.filter(event="discovery.end").count() == 2


def test_two_thousand_lpars_are_kept_in_one_pass(
    tell: Tell, django_assert_max_num_queries: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def parts(cec: int) -> tuple[Part, ...]:
        return tuple(Part(f"l{cec}-{number}", number, uuid(cec * 999 + number)) for number in range(1, 101))

    systems = [Cec(f"78C{cec:04}", f"cec{cec}", partitions=parts(cec)) for cec in range(20)]
    started = time.perf_counter()
    with django_assert_max_num_queries(30 * len(systems) + 50):
        discovery = tell(systems=systems)
    spent = time.perf_counter() - started
    with capsys.disabled():
        print(f"\n2,000 LPARs of 20 managed systems compared and kept in {spent:.2f} s")
    assert Discovered.objects.filter(discovery=discovery, decision="open", kind="lpar").count() == 2000
    assert spent < 20
