"""Read the facts of an LPAR from itself, its HMC and its NIM master, and keep them with their provenance."""

import logging
from collections.abc import Mapping, Sequence

from django.db import transaction

from inventory.actions.exposures import keep_exposures
from inventory.actions.host_keys import note_host_key
from inventory.actions.levels import note_level
from inventory.actions.readings import keep_readings, reading_of
from inventory.disk_identity import identities
from inventory.endpoints import looking_endpoint_of
from inventory.facts.aix.disk_size import DISK_SIZE
from inventory.facts.aix.lsmpio import LSMPIO, MpioDisk
from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.base import FactMissing, FactSet, HostKind, worst_state
from inventory.gathering import contact_state
from inventory.models import Disk, FactReading, Host, Lpar, NimObject
from inventory.survey import Known, survey
from inventory.transport.errors import HostKeyChanged, HostKeyUnknown
from portal.audit.actor import Actor
from portal.lib.clock import now
from portal.lib.errors import PortalError

log = logging.getLogger(__name__)
Also = Mapping[HostKind, Mapping[str, Sequence[str]]]
"""Values of facts' parameters, by the kind of host and the parameter."""


def refresh_facts(lpar: Lpar, actor: Actor, also: Also | None = None) -> FactSet:
    """Ask the LPAR, its HMC and its NIM master for every fact that concerns it.

    `also` are further values of facts' parameters, by the kind of host. What cannot be read is kept as a
    reading that says why.
    """
    master = lpar.nim_master
    hosts = [lpar.host, lpar.hmc.host, *([master.host] if master else [])]
    known = Known(
        name=lpar.partition_name or lpar.name,
        managed_system=lpar.managed_system.name,
        serial=lpar.managed_system.serial,
        hmc_user=lpar.hmc.client_user,
        nim_name=NimObject.objects.name_of(lpar),
        also=also or {},
        nim_directory=master.live_update_directory if master else "",
    )
    facts = FactSet()
    lpar_at, console_at, *master_at = map(looking_endpoint_of, hosts)
    asked = survey(lpar_at, console_at, known, *master_at)
    for host, answers in zip(hosts, asked, strict=True):
        facts.readings |= answers.facts.readings
        note_contact(host, answers.problem, actor)
    with transaction.atomic():
        keep_readings(lpar.host, {host.name: host for host in hosts}, facts.readings.values())
        _repeat_for_lists(lpar, facts)
    return facts


def stored_facts(lpar: Lpar) -> FactSet:
    """The newest readings that concern an LPAR, from the database."""
    facts = FactSet()
    rows = FactReading.objects.filter(subject=lpar.host, current=True).select_related("host")
    for row in rows:
        facts.add(reading_of(row))
    return facts


def note_contact(host: Host, problem: PortalError | None, actor: Actor) -> None:
    """How the host answered, and the key that it showed if that is not the pinned one."""
    if isinstance(problem, (HostKeyChanged, HostKeyUnknown)):
        note_host_key(host, problem, actor)
    state = contact_state(problem).value if problem else "ok"
    said = f"{problem.message} {problem.remedy}".strip() if problem else ""
    Host.objects.filter(pk=host.pk).update(contact_state=state, contact_problem=said, contacted_at=now())


def _repeat_for_lists(lpar: Lpar, facts: FactSet) -> None:
    """Repeat on the LPAR what lists show and sort by; unknown values leave the last known ones."""
    lpar.facts_read_at = now()
    lpar.facts_state = worst_state(reading.state for reading in facts.readings.values())
    try:
        note_level(lpar, facts.value(OSLEVEL).text)
        lpar.lpar_id = facts.value(UNAME_L).id
        _repeat_disks(lpar, facts)
    except FactMissing as missing:
        log.info("%s: lists keep what they knew, for %s", lpar, missing.reason)
    lpar.save(update_fields=["facts_read_at", "facts_state", "level", "level_read_at", "lpar_id"])
    keep_exposures(lpar, facts)


def _repeat_disks(lpar: Lpar, facts: FactSet) -> None:
    """The LPAR's disks as rows. Raises FactMissing when they cannot be told."""
    disks = facts.value(LSPV)
    known, named = identities(facts), _storage(facts)
    lpar.disks.exclude(name__in=[disk.name for disk in disks]).delete()
    Disk.objects.bulk_create(
        [
            Disk(
                lpar=lpar,
                name=disk.name,
                pvid=disk.pvid,
                volume_group=disk.volume_group,
                size_mb=_size(facts, disk.name),
                volume=known[disk.name].volume[:200],
                volume_name=named[disk.name].volume[:100] if disk.name in named else "",
            )
            for disk in disks
        ],
        update_conflicts=True,
        unique_fields=["lpar", "name"],
        update_fields=["pvid", "volume_group", "size_mb", "volume", "volume_name"],
    )


def _size(facts: FactSet, disk: str) -> int | None:
    try:
        return facts.value(DISK_SIZE, disk)
    except FactMissing:
        row = _storage(facts).get(disk)
        return row.size_mb if row else None


def _storage(facts: FactSet) -> dict[str, MpioDisk]:
    try:
        return {row.name: row for row in facts.value(LSMPIO)}
    except FactMissing:
        return {}
