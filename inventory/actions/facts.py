"""Read the facts of an LPAR from itself and its HMC, and keep them with their provenance."""

from django.db import transaction

from inventory.actions.host_keys import note_host_key
from inventory.endpoints import endpoint_of
from inventory.facts.aix.disk_size import DISK_SIZE
from inventory.facts.aix.lspv import LSPV
from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.base import FactMissing, FactSet, Output, Reading, ReadingState
from inventory.facts.catalogue import FACTS
from inventory.gathering import contact_state
from inventory.models import Disk, FactReading, Host, Lpar
from inventory.survey import Known, survey
from inventory.transport.errors import HostKeyChanged, HostKeyUnknown
from portal.audit.actor import Actor
from portal.lib.clock import now
from portal.lib.errors import PortalError


def refresh_facts(lpar: Lpar, actor: Actor) -> FactSet:
    """Ask the LPAR and its HMC for every fact; what cannot be read is kept as a reading that says why."""
    console = lpar.hmc.host
    known = Known(
        name=lpar.name,
        managed_system=lpar.managed_system.name,
        serial=lpar.managed_system.serial,
        hmc_user=lpar.hmc.client_user,
    )
    both = survey(endpoint_of(lpar.host), endpoint_of(console), known)
    facts = FactSet()
    for host, answers in zip((lpar.host, console), both, strict=True):
        facts.readings |= answers.facts.readings
        _note(host, answers.problem, actor)
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


def _note(host: Host, problem: PortalError | None, actor: Actor) -> None:
    """How the host answered, and the key that it showed if that is not the pinned one."""
    if isinstance(problem, (HostKeyChanged, HostKeyUnknown)):
        note_host_key(host, problem, actor)
    state = contact_state(problem).value if problem else "ok"
    said = f"{problem.message} {problem.remedy}".strip() if problem else ""
    Host.objects.filter(pk=host.pk).update(contact_state=state, contact_problem=said, contacted_at=now())


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
