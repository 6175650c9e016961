"""Read the facts of an LPAR from itself and its HMC, and keep them with their provenance."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from inventory.actions.host_keys import note_host_key
from inventory.endpoints import endpoint_of
from inventory.facts.aix.disk_size import DISK_SIZE
from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.base import FactMissing, FactSet, HostKind, Output, Reading, ReadingState
from inventory.facts.catalogue import FACTS
from inventory.facts.hmc.managed_systems import MANAGED_SYSTEMS
from inventory.gathering import contact_state, read_facts, unread
from inventory.models import Disk, FactReading, Host, Lpar
from inventory.transport.connection import connect
from inventory.transport.errors import HostKeyChanged, HostKeyUnknown
from portal.audit.actor import Actor
from portal.lib.clock import now
from portal.lib.errors import PortalError


def refresh_facts(lpar: Lpar, actor: Actor) -> FactSet:
    """Ask the LPAR and its HMC for every fact; what cannot be read is kept as a reading that says why."""
    facts = FactSet()
    _ask(lpar.host, HostKind.LPAR, {"volume_group": ["rootvg"]}, facts, actor)
    _ask_hmc(lpar, facts, actor)
    with transaction.atomic():
        _store(lpar, facts)
        _repeat_for_lists(lpar, facts)
    return facts


def stored_facts(lpar: Lpar) -> FactSet:
    """The newest readings that concern an LPAR, from the database."""
    facts = FactSet()
    rows = FactReading.objects.filter(subject=lpar.host, current=True).select_related("host")
    for row in rows:
        facts.add(
            Reading(
                fact=row.fact,
                key=row.key,
                host=row.host.name,
                command=row.command,
                output=Output(row.stdout, row.stderr, row.status),
                read_at=row.read_at,
                state=ReadingState(row.state),
                problem=row.problem,
            )
        )
    return facts


def _ask(
    host: Host, kind: HostKind, parameters: Mapping[str, Sequence[str]], facts: FactSet, actor: Actor
) -> None:
    """Read all facts of one kind of host: those without parameters first, since they give the others'."""
    plain = [fact for fact in FACTS if fact.host is kind and not fact.params]
    keyed = [fact for fact in FACTS if fact.host is kind and fact.params]
    try:
        with connect(endpoint_of(host)) as connection:
            for reading in read_facts(connection, host.name, plain, {}):
                facts.add(reading)
            asked = {**parameters, "disk": _disks(facts)} if kind is HostKind.LPAR else parameters
            asked = _with_system(asked, facts) if kind is HostKind.HMC else asked
            for reading in read_facts(connection, host.name, keyed, asked):
                facts.add(reading)
        _note_contact(host, "ok", "")
    except PortalError as error:
        if isinstance(error, (HostKeyChanged, HostKeyUnknown)):
            note_host_key(host, error, actor)
        _add_all(facts, unread(host.name, [*plain, *keyed], parameters, error))
        _note_contact(host, contact_state(error).value, f"{error.message} {error.remedy}".strip())


def _ask_hmc(lpar: Lpar, facts: FactSet, actor: Actor) -> None:
    try:
        lpar_name = facts.value(UNAME_L).name
    except FactMissing:
        lpar_name = lpar.name
    parameters = {
        "serial": [lpar.managed_system.serial],
        "managed_system": [lpar.managed_system.name],
        "lpar_name": [lpar_name],
        "hmc_user": [lpar.hmc.client_user],
        "hmc_name": [lpar.hmc.host.name],
    }
    _ask(lpar.hmc.host, HostKind.HMC, parameters, facts, actor)


def _with_system(parameters: Mapping[str, Sequence[str]], facts: FactSet) -> Mapping[str, Sequence[str]]:
    """The managed system goes by the name that the HMC has for its serial number today."""
    try:
        systems = facts.value(MANAGED_SYSTEMS)
    except FactMissing:
        return parameters
    names = [system.name for system in systems if system.serial in parameters["serial"]]
    return {**parameters, "managed_system": names or parameters["managed_system"]}


def _disks(facts: FactSet) -> list[str]:
    try:
        return [disk.name for disk in facts.value(LSPV)]
    except FactMissing:
        return []


def _add_all(facts: FactSet, readings: Iterable[Reading]) -> None:
    for reading in readings:
        facts.add(reading)


def _note_contact(host: Host, state: str, problem: str) -> None:
    Host.objects.filter(pk=host.pk).update(contact_state=state, contact_problem=problem, contacted_at=now())


def _store(lpar: Lpar, facts: FactSet) -> None:
    FactReading.objects.filter(subject=lpar.host, current=True).update(current=False)
    hosts = {lpar.host.name: lpar.host, lpar.hmc.host.name: lpar.hmc.host}
    versions = {fact.name: fact.version for fact in FACTS}
    FactReading.objects.bulk_create(
        FactReading(
            host=hosts[reading.host],
            subject=lpar.host,
            fact=reading.fact,
            key=reading.key,
            command=reading.command,
            stdout=reading.output.stdout,
            stderr=reading.output.stderr,
            status=reading.output.status,
            state=reading.state,
            problem=reading.problem,
            parser_version=versions[reading.fact],
            read_at=reading.read_at,
        )
        for reading in facts.readings.values()
    )


def _repeat_for_lists(lpar: Lpar, facts: FactSet) -> None:
    """Repeat on the LPAR what lists show and sort by; unknown values leave the last known ones."""
    lpar.facts_read_at = now()
    try:
        lpar.level = facts.value(OSLEVEL).text
        lpar.lpar_id = facts.value(UNAME_L).id
        disks = facts.value(LSPV)
    except FactMissing:
        lpar.save(update_fields=["facts_read_at", "level", "lpar_id"])
        return
    lpar.save(update_fields=["facts_read_at", "level", "lpar_id"])
    lpar.disks.exclude(name__in=[disk.name for disk in disks]).delete()
    for disk in disks:
        try:
            size: int | None = facts.value(DISK_SIZE, disk.name)
        except FactMissing:
            size = None
        Disk.objects.update_or_create(
            lpar=lpar,
            name=disk.name,
            defaults={"pvid": disk.pvid, "volume_group": disk.volume_group, "size_mb": size},
        )
