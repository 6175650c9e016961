"""What the page of a NIM master says beyond the rows: what is missing, what does not agree."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count

from inventory.discovery.nim_links import host_of
from inventory.facts.base import Output, Unparsable
from inventory.facts.nim.nim_filesets import NIM_FILESETS
from inventory.facts.nim_objects import NimStanza, management_profile, system_serial
from inventory.models import FactReading, Hmc, Lpar, ManagedSystem, NimMaster, NimObject, Vios

HMC_FILESETS = ("dsm.core", "dsm.dsh")
SECURE, PLAIN = "nimsh (secure)", "nimsh"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that Live Update through this NIM master needs and NIM does not have, or has wrong."""

    what: str
    name: str
    says: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """How many clients get what NIM sends them encrypted, plain, or in a way that is not told."""

    encrypted: int
    plain: int
    unknown: int
    master_is_prepared: bool


def gaps(master: NimMaster) -> list[Gap]:
    """What is missing for the LPARs that the inventory assigns to this master, and what disagrees."""
    lpars = list(
        Lpar.objects.in_service()
        .filter(nim_master=master)
        .select_related("host", "managed_system", "hmc__host")
    )
    managers = [_stanza(row) for row in master.nim_objects.in_service().filter(object_class="management")]
    clients = list(master.nim_objects.in_service().exclude(lpar=None))
    return [
        *_missing_hmcs({lpar.hmc for lpar in lpars}, managers),
        *_missing_systems({lpar.managed_system for lpar in lpars}, managers),
        *_missing_vioses({lpar.managed_system_id for lpar in lpars}, managers),
        *_missing_clients(lpars, clients),
        *_disagreeing(lpars, clients, managers),
    ]


def secrets(master: NimMaster) -> Secrets:
    """What the objects' `connect`, and the master's `ssl_support`, say of encryption."""
    clients = master.nim_objects.in_service().filter(object_type="standalone")
    said = [str((row or [""])[0]) for row in clients.values_list("attributes__connect", flat=True)]
    own = master.nim_objects.in_service().filter(object_type="master").first()
    return Secrets(
        encrypted=said.count(SECURE),
        plain=said.count(PLAIN),
        unknown=sum(word not in (SECURE, PLAIN) for word in said),
        master_is_prepared=own is not None and own.get("ssl_support") == "yes",
    )


def hmc_filesets(master: NimMaster) -> dict[str, str] | None:
    """The levels of the filesets that let the master talk to an HMC; None where they were not read."""
    row = FactReading.objects.filter(subject=master.host, fact=NIM_FILESETS.name, current=True).first()
    if row is None:
        return None
    try:
        filesets = NIM_FILESETS.parse(Output(row.stdout, row.stderr, row.status))
    except Unparsable:
        return None
    levels = {each.name: each.level for each in filesets}
    return {name: levels.get(name, "") for name in HMC_FILESETS}


def counts(master: NimMaster) -> dict[str, int]:
    """How many objects there are of each type."""
    rows = master.nim_objects.in_service().order_by("object_type")
    return dict(rows.values_list("object_type").annotate(count=Count("pk")))


def _stanza(row: NimObject) -> NimStanza:
    return NimStanza(row.name, {name: tuple(values) for name, values in row.attributes.items()})


def _short(name: str) -> str:
    return name.partition(".")[0].lower()


def _missing_hmcs(hmcs: Iterable[Hmc], managers: Iterable[NimStanza]) -> Iterator[Gap]:
    known = {_short(word) for each in managers if each.type == "hmc" for word in (each.name, host_of(each))}
    known |= {host_of(each) for each in managers if each.type == "hmc"}
    for hmc in sorted(hmcs, key=str):
        if not {_short(hmc.host.name), hmc.host.address} & known:
            yield Gap("HMC", hmc.host.name, "NIM has no object of it.")


def _missing_systems(systems: Iterable[ManagedSystem], managers: Iterable[NimStanza]) -> Iterator[Gap]:
    serials = {system_serial(each).upper() for each in managers if each.type == "cec"}
    for system in sorted(systems, key=str):
        if system.serial.upper() not in serials:
            yield Gap(
                "Managed system", f"{system}", f"NIM has no object with the serial number {system.serial}."
            )


def _missing_vioses(systems: Iterable[int], managers: list[NimStanza]) -> Iterator[Gap]:
    found = [each for each in managers if each.type == "vios"]
    names = {_short(word) for each in found for word in (each.name, host_of(each))}
    places = {_place(each, managers) for each in found}
    rows = Vios.objects.filter(managed_system__in=systems, retired_at=None).select_related("managed_system")
    for vios in rows:
        if (
            _short(vios.name) not in names
            and (vios.managed_system.serial.upper(), vios.lpar_id) not in places
        ):
            yield Gap(
                "VIOS",
                vios.name,
                f"NIM has no object of it; LPARs with NPIV on {vios.managed_system} need it.",
            )


def _missing_clients(lpars: Iterable[Lpar], clients: Iterable[NimObject]) -> Iterator[Gap]:
    linked = {each.lpar_id for each in clients}
    for lpar in lpars:
        if lpar.pk not in linked:
            yield Gap("LPAR", lpar.name, "No machine of this NIM master could be found to be it.")


def _disagreeing(
    lpars: Iterable[Lpar], clients: Iterable[NimObject], managers: list[NimStanza]
) -> Iterator[Gap]:
    by_row = {lpar.pk: lpar for lpar in lpars}
    for each in clients:
        lpar = by_row.get(each.lpar_id or 0)
        if lpar is None:
            continue
        place = _place(_stanza(each), managers)
        if place is None:
            yield Gap("mgmt_profile1", each.name, "It does not say on which managed system the LPAR runs.")
            continue
        serial, number = place
        actual = lpar.managed_system.serial
        if (serial or actual).upper() != actual.upper() or number != (lpar.lpar_id or number):
            says = f"It says partition {number} of {serial or 'a system that NIM does not have'}"
            yield Gap("mgmt_profile1", each.name, f"{says}; {lpar} is {lpar.lpar_id or 'one'} of {actual}.")


def _place(machine: NimStanza, managers: Iterable[NimStanza]) -> tuple[str, int] | None:
    """Serial number and partition id by `mgmt_profile1`; the serial is empty where NIM does not tell it."""
    profile = management_profile(machine)
    if profile is None:
        return None
    system = next((each for each in managers if each.name == profile.managed_system), None)
    return (system_serial(system).upper() if system else "", profile.partition_id)
