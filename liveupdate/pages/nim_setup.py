"""What the page of a NIM master's set-up shows: what is needed, whether it is there, and by what sign.

It goes by the same `NimSite` as the plans, so that what is missing here is what a plan would bring.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from inventory.actions.readings import reading_of
from inventory.facts.base import Fact, FactMissing, FactSet, Reading
from inventory.facts.hmc.hmc_user import HMC_USER
from inventory.facts.hmc_account import HmcUser
from inventory.facts.nim.nim_filesets import NIM_FILESETS
from inventory.facts.nim.nim_hmc_systems import NIM_HMC_SYSTEMS
from inventory.facts.nim.nim_keystore import NIM_KEYSTORE
from inventory.facts.nim_objects import NimStanza
from inventory.models import FactReading, Hmc, Lpar, NimMaster
from inventory.survey import data_object
from liveupdate.lpar.nim_site import FILESETS, NimSite, SiteClient
from liveupdate.policies import may_request
from liveupdate.procedures.nim_link import SUFFICIENT
from liveupdate.records.nim_sites import master_facts, nim_site
from portal.access.models import User

READY_FOR_USE = "ready for use"
SHOWN = 12
"""Lines of evidence in a row; what is more is counted."""
FIREWALL = (
    ("VIOS and NIM master, both ways", "TCP 1019 to 1023, 1058, 1059, 3901, 3902, 5813"),
    ("NIM master to HMC", "TCP 22 and 12443"),
    ("LPAR to HMC", "TCP 12443"),
    ("LPAR and HMC, both ways", "TCP and UDP 657 (RMC)"),
)


class Standing(StrEnum):
    """Whether something that a set-up needs is there."""

    THERE = "ok"
    MISSING = "warning"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The word on the page."""
        return {"ok": "There", "warning": "Missing", "unknown": "Not known"}[self.value]


@dataclass(frozen=True, slots=True)
class SetupRow:
    """One thing: the evidence as hosts printed it, and when it was read (None: never)."""

    what: str
    standing: Standing
    says: str
    evidence: tuple[str, ...] = ()
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """The rows for one HMC of a NIM master, and the LPAR through which this person may ask (None: none)."""

    hmc: str
    rows: tuple[SetupRow, ...]
    clients: SetupRow
    lpar: Lpar | None

    @property
    def missing(self) -> int:
        """How many things are missing."""
        return sum(row.standing is Standing.MISSING for row in (*self.rows, self.clients))


def setups(master: NimMaster, person: User) -> list[Setup]:
    """One for each HMC of the LPARs that the NIM master serves."""
    lpars = Lpar.objects.in_service().filter(nim_master=master).select_related("host", "team")
    hmcs = Hmc.objects.filter(lpars__in=lpars).select_related("host").distinct()
    return [_setup(master, hmc, person, list(lpars.filter(hmc=hmc))) for hmc in hmcs]


def _setup(master: NimMaster, hmc: Hmc, person: User, lpars: Iterable[Lpar]) -> Setup:
    facts = master_facts(master)
    read_at = master.nim_objects.order_by("-read_at").values_list("read_at", flat=True).first()
    site = nim_site(master, hmc)
    rows = (
        _filesets(site, facts),
        _user(hmc),
        _keystore(site, facts),
        _networks(site, read_at),
        _object("HMC", site.hmc_object, site, read_at, f"NIM has no object of {site.hmc}."),
        _answers(site, facts),
        *_systems(site, read_at),
        *_vioses(site, read_at),
        _sources(site, read_at),
        _data(site, read_at),
    )
    mine = next((lpar for lpar in lpars if may_request(person, lpar.team)), None)
    return Setup(site.hmc, rows, _clients(site, read_at), mine)


def _filesets(site: NimSite, facts: FactSet) -> SetupRow:
    reading = facts.reading(NIM_FILESETS)
    what = "Filesets dsm.core and dsm.dsh"
    if site.filesets is None:
        return SetupRow(what, Standing.UNKNOWN, "They were not read yet.")
    lines = _lines(reading, *(f":{name}:" for name in FILESETS), "0504-132")
    if site.missing_filesets:
        says = f"Install {' and '.join(site.missing_filesets)} from the AIX media."
        return SetupRow(what, Standing.MISSING, says, lines, _when(reading))
    levels = ", ".join(f"{name} {site.filesets[name]}" for name in FILESETS)
    return SetupRow(what, Standing.THERE, levels, lines, _when(reading))


def _user(hmc: Hmc) -> SetupRow:
    """The HMC user as the newest look at an LPAR found it."""
    what = f"HMC user {hmc.client_user}"
    row = (
        FactReading.objects.filter(host=hmc.host, fact=HMC_USER.name, key=hmc.client_user, current=True)
        .select_related("host")
        .order_by("-read_at")
        .first()
    )
    if row is None:
        return SetupRow(what, Standing.UNKNOWN, "It was not read yet.")
    facts, reading = FactSet(), reading_of(row)
    facts.add(reading)
    user: HmcUser | FactMissing | None = _value(facts, HMC_USER, hmc.client_user)
    lines = _lines(reading)
    if isinstance(user, FactMissing):
        return SetupRow(what, Standing.UNKNOWN, user.reason, lines, row.read_at)
    if user is None:
        return SetupRow(what, Standing.MISSING, f"{hmc} has no such user.", lines, row.read_at)
    standing = Standing.THERE if user.task_role in SUFFICIENT else Standing.MISSING
    return SetupRow(what, standing, f"Its task role is {user.task_role}.", lines, row.read_at)


def _keystore(site: NimSite, facts: FactSet) -> SetupRow:
    what, reading = "Keystore with its password", facts.reading(NIM_KEYSTORE, site.keystore)
    if reading is None:
        return SetupRow(what, Standing.UNKNOWN, f"{site.keystore} was not looked for yet.")
    mode = site.keystores.get(site.keystore, "")
    if not mode:
        return SetupRow(
            what, Standing.MISSING, f"There is no {site.keystore}.", _lines(reading), reading.read_at
        )
    closed = mode == "-rw-------"
    says = site.keystore if closed else f"Others than root may read {site.keystore}."
    standing = Standing.THERE if closed else Standing.MISSING
    return SetupRow(what, standing, says, _lines(reading), reading.read_at)


def _networks(site: NimSite, read_at: datetime | None) -> SetupRow:
    if not site.is_read:
        return SetupRow("Networks", Standing.UNKNOWN, "NIM's objects were not read yet.")
    if not site.networks:
        return SetupRow("Networks", Standing.MISSING, "NIM has none.", (), read_at)
    named = ", ".join(each.name for each in site.networks)
    lines = tuple(line for each in site.networks for line in _stanza(each, "net_addr", "snm"))
    return SetupRow("Networks", Standing.THERE, named, lines[:SHOWN], read_at)


def _object(
    what: str, known: NimStanza | None, site: NimSite, read_at: datetime | None, otherwise: str
) -> SetupRow:
    if not site.is_read:
        return SetupRow(what, Standing.UNKNOWN, "NIM's objects were not read yet.")
    if known is None:
        return SetupRow(what, Standing.MISSING, otherwise, (), read_at)
    shown = ("if1", "passwd_file", "mgmt_port", "serial", "hw_serial", "mgmt_profile1")
    return SetupRow(what, Standing.THERE, known.name, _stanza(known, *shown), read_at)


def _answers(site: NimSite, facts: FactSet) -> SetupRow:
    what, reading = "Keys between NIM master and HMC", facts.reading(NIM_HMC_SYSTEMS, site.hmc_name)
    if reading is None:
        says = "nimquery was not tried yet." if site.hmc_object else "There is no object of the HMC to ask."
        standing = Standing.UNKNOWN if site.hmc_object or not site.is_read else Standing.MISSING
        return SetupRow(what, standing, says)
    if site.asks_hmc:
        return SetupRow(what, Standing.THERE, "nimquery goes through.", _lines(reading), reading.read_at)
    return SetupRow(what, Standing.MISSING, "nimquery does not go through.", _lines(reading), reading.read_at)


def _systems(site: NimSite, read_at: datetime | None) -> Iterator[SetupRow]:
    for system in site.systems:
        otherwise = f"NIM has no object with the serial number {system.serial}."
        known = site.system_object(system.serial)
        yield _object(f"Managed system {system.name}", known, site, read_at, otherwise)


def _vioses(site: NimSite, read_at: datetime | None) -> Iterator[SetupRow]:
    for vios in site.vioses:
        otherwise = "NIM has no object of it; LPARs with NPIV need one."
        yield _object(f"VIOS {vios.name}", site.vios_object(vios), site, read_at, otherwise)


def _sources(site: NimSite, read_at: datetime | None) -> SetupRow:
    """Where updates through NIM come from; which of them a request wants is its own question."""
    what, found = "lpp_sources", site.of_type("lpp_source")
    if not site.is_read:
        return SetupRow(what, Standing.UNKNOWN, "NIM's objects were not read yet.")
    usable = [each for each in found if each.get("Rstate") == READY_FOR_USE]
    lines = tuple(line for each in found for line in _stanza(each, "Rstate", "location"))[:SHOWN]
    if not usable:
        says = "None is ready for use." if found else "NIM has none: there is nothing to update from."
        return SetupRow(what, Standing.MISSING, says, lines, read_at)
    return SetupRow(what, Standing.THERE, ", ".join(each.name for each in usable), lines, read_at)


def _data(site: NimSite, read_at: datetime | None) -> SetupRow:
    """Which LPARs have a data file of their own; an update through NIM makes one where there is none."""
    what, found = "live_update_data", {each.name: each for each in site.of_type("live_update_data")}
    if not site.is_read:
        return SetupRow(what, Standing.UNKNOWN, "NIM's objects were not read yet.")
    with_own = [client for client in site.clients if data_object(client.nim_name) in found]
    held = [name for name, each in found.items() if each.get("alloc_count") not in ("", "0")]
    lines = tuple(line for each in found.values() for line in _stanza(each, "location", "alloc_count"))
    says = f"{len(with_own)} of {len(site.clients)} LPARs have their own; an update makes what is missing."
    says += f" Allocated: {', '.join(held)}." if held else ""
    return SetupRow(what, Standing.THERE, says, lines[:SHOWN], read_at)


def _clients(site: NimSite, read_at: datetime | None) -> SetupRow:
    wrong = [client for client in site.clients if not _is_right(site, client)]
    if not site.is_read:
        return SetupRow("LPARs", Standing.UNKNOWN, "NIM's objects were not read yet.")
    if not wrong:
        return SetupRow("LPARs", Standing.THERE, f"NIM knows where all {len(site.clients)} run.", (), read_at)
    lines = [_difference(site, client) for client in wrong]
    more = (f"and {len(lines) - SHOWN} more",) if len(lines) > SHOWN else ()
    says = f"Of {len(site.clients)} LPARs NIM does not know where {len(wrong)} run."
    return SetupRow("LPARs", Standing.MISSING, says, (*lines[:SHOWN], *more), read_at)


def _is_right(site: NimSite, client: SiteClient) -> bool:
    profile, system = site.profile_of(client), site.system_object(client.system.serial)
    if profile is None or system is None:
        return False
    return (profile.partition_id, profile.managed_system) == (client.partition_id, system.name)


def _difference(site: NimSite, client: SiteClient) -> str:
    known = site.objects.get(client.nim_name)
    if known is None:
        return f"{client.name}: no object"
    said = known.get("mgmt_profile1") or "no mgmt_profile1"
    return f"{client.name}: {said}; it is partition {client.partition_id} of {client.system.serial}"


def _stanza(known: NimStanza, *shown: str) -> tuple[str, ...]:
    """An object's attributes as lsnim prints them."""
    return tuple(f"{known.name}: {name} = {known.get(name)}" for name in shown if known.get(name))


def _lines(reading: Reading | None, *having: str) -> tuple[str, ...]:
    """The command and the lines of its answer that hold one of these texts (none given: all)."""
    if reading is None:
        return ()
    said = (reading.output.stdout + reading.output.stderr).splitlines()
    kept = [line for line in said if not having or any(text in line for text in having)]
    return (f"$ {reading.command}", *kept[:SHOWN])


def _when(reading: Reading | None) -> datetime | None:
    return reading.read_at if reading else None


def _value(facts: FactSet, fact: Fact[Any], key: str) -> Any:
    try:
        return facts.value(fact, key)
    except FactMissing as missing:
        return missing
