"""Reads the environment of a NIM master from the inventory: its objects, its clients, its managed systems."""

from collections.abc import Collection

from inventory.actions.readings import reading_of
from inventory.facts.base import Fact, FactMissing, FactSet
from inventory.facts.nim.nim_filesets import NIM_FILESETS
from inventory.facts.nim.nim_hmc_systems import NIM_HMC_SYSTEMS
from inventory.facts.nim.nim_keystore import NIM_KEYSTORE
from inventory.facts.nim.nim_public_key import NIM_PUBLIC_KEY
from inventory.facts.nim_objects import NimStanza
from inventory.models import FactReading, Hmc, Lpar, ManagedSystem, NimMaster, NimObject, Vios
from liveupdate.lpar.nim_site import NimSite, SiteClient, SiteSystem, SiteVios

FACTS = (NIM_FILESETS, NIM_KEYSTORE, NIM_PUBLIC_KEY, NIM_HMC_SYSTEMS)


def nim_site(master: NimMaster, hmc: Hmc, allowed: Collection[int] | None = None) -> NimSite:
    """What is known of a NIM master and an HMC.

    `allowed` are the teams whose LPARs may become clients of a set-up (None: all); the others' LPARs are
    named in `left_out`.
    """
    facts = master_facts(master)
    objects = {row.name: _stanza(row) for row in master.nim_objects.in_service()}
    lpars = list(
        Lpar.objects.in_service()
        .filter(nim_master=master, hmc=hmc)
        .select_related("host", "managed_system")
        .order_by("host__name")
    )
    systems = {lpar.managed_system_id: _system(lpar.managed_system) for lpar in lpars}
    names = dict(master.nim_objects.in_service().exclude(lpar=None).values_list("lpar_id", "name"))
    mine = [lpar for lpar in lpars if (allowed is None or lpar.team_id in allowed) and lpar.lpar_id]
    vioses = Vios.objects.filter(managed_system__in=systems, retired_at=None).exclude(lpar_id=None)
    return NimSite(
        master=master.host.name,
        address=master.host.address,
        hmc=hmc.host.name,
        hmc_address=hmc.host.address,
        objects=objects,
        filesets=_filesets(facts),
        keystores={key: _told(facts, NIM_KEYSTORE, key) for key in facts.keys(NIM_KEYSTORE)},
        public_key=_told(facts, NIM_PUBLIC_KEY),
        queried=_queried(facts, master, hmc, objects),
        systems=tuple(sorted(systems.values(), key=lambda system: system.serial)),
        vioses=tuple(
            SiteVios(vios.name, vios.address, vios.lpar_id or 0, systems[vios.managed_system_id])
            for vios in vioses.order_by("name")
        ),
        clients=tuple(_client(lpar, names.get(lpar.pk, ""), systems) for lpar in mine),
        left_out=tuple(lpar.name for lpar in lpars if lpar not in mine),
    )


def master_facts(master: NimMaster) -> FactSet:
    """The newest readings of what a set-up goes by."""
    facts = FactSet()
    rows = FactReading.objects.filter(
        subject=master.host, host=master.host, current=True, fact__in=[fact.name for fact in FACTS]
    )
    for row in rows.select_related("host"):
        facts.add(reading_of(row))
    return facts


def _stanza(row: NimObject) -> NimStanza:
    own = {"class": (row.object_class,), "type": (row.object_type,)}
    return NimStanza(row.name, {name: tuple(values) for name, values in row.attributes.items()} | own)


def _system(row: ManagedSystem) -> SiteSystem:
    return SiteSystem(row.name, row.serial, row.type_model)


def _client(lpar: Lpar, nim_name: str, systems: dict[int, SiteSystem]) -> SiteClient:
    return SiteClient(
        name=lpar.name,
        nim_name=nim_name,
        partition=lpar.partition_name or lpar.name,
        partition_id=lpar.lpar_id or 0,
        system=systems[lpar.managed_system_id],
    )


def _told(facts: FactSet, fact: Fact[str], key: str = "") -> str:
    """What a fact of one word says; empty where it was not read."""
    try:
        return facts.value(fact, key)
    except FactMissing:
        return ""


def _filesets(facts: FactSet) -> dict[str, str] | None:
    try:
        return {each.name: each.level for each in facts.value(NIM_FILESETS)}
    except FactMissing:
        return None


def _queried(facts: FactSet, master: NimMaster, hmc: Hmc, objects: dict[str, NimStanza]) -> frozenset[str]:
    site = NimSite(master.host.name, "", hmc.host.name, hmc.host.address, objects)
    try:
        return frozenset(each.serial.upper() for each in facts.value(NIM_HMC_SYSTEMS, site.hmc_name))
    except FactMissing:
        return frozenset()
