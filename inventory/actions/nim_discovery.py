"""The discovery of what a NIM master knows: read it, compare it with the inventory, keep both."""

from collections.abc import Callable
from functools import partial

from inventory.actions.facts import note_contact
from inventory.actions.nim_objects import keep_objects
from inventory.actions.readings import keep_readings
from inventory.actions.settling import settle
from inventory.discovery.nim_differences import KIND, KnownObject, compare_objects
from inventory.discovery.nim_estate import PREFIX, NimEstate, nim_estate_of
from inventory.discovery.nim_master import read_master
from inventory.endpoints import looking_endpoint_of
from inventory.facts.base import FactMissing, FactSet, ReadingState
from inventory.models import Discovery, NimIfix, NimMaster, NimObject
from portal.audit.actor import Actor


def discover_master(discovery: Discovery, actor: Actor) -> Callable[[], None]:
    """Read the NIM master; returns what keeps it in the caller's transaction and sets how it ended."""
    host = discovery.host
    asked = NimIfix.objects.exclude(lu_capable=None).exclude(digest="")
    known = {digest.removeprefix(PREFIX) for digest in asked.values_list("digest", flat=True)}
    answers = read_master(looking_endpoint_of(host), known, partial(_show_progress, discovery.pk))
    note_contact(host, answers.problem, actor)
    return partial(_keep, discovery, answers.facts, actor)


def _keep(discovery: Discovery, facts: FactSet, actor: Actor) -> None:
    host = discovery.host
    master = NimMaster.objects.select_for_update().get(host=host)
    keep_readings(host, {host.name: host}, facts.readings.values())
    discovery.commands = sum(not _is_unsent(reading.state) for reading in facts.readings.values())
    try:
        estate = nim_estate_of(facts)
    except FactMissing as missing:
        discovery.state, discovery.problem = Discovery.State.FAILED, missing.reason
        return
    differences = compare_objects(host.name, estate, _known(master))
    settle(discovery, differences, lambda kind, _: kind == KIND and estate.is_whole, actor)
    keep_objects(master, estate)
    problems = _problems(estate, facts)
    discovery.state = Discovery.State.PARTIAL if problems else Discovery.State.DONE
    discovery.problem = "\n".join(problems)
    discovery.found = {
        "objects": len(estate.listed),
        "read": len(estate.objects),
        "clients": sum(each.type == "standalone" for each in estate.listed),
        "linked": master.nim_objects.in_service().exclude(lpar=None).count(),
        "lpp_sources": len(estate.sources),
        "live_update_data": len(estate.data),
    }


def _known(master: NimMaster) -> list[KnownObject]:
    rows = master.nim_objects.select_related("lpp_source", "live_update_data")
    return [
        KnownObject(
            row=row.pk,
            name=row.name,
            cls=row.object_class,
            type=row.object_type,
            attributes=row.attributes,
            contents=_contents(row),
            is_retired=row.retired_at is not None,
        )
        for row in rows
    ]


def _contents(row: NimObject) -> str:
    source, data = getattr(row, "lpp_source", None), getattr(row, "live_update_data", None)
    return source.contents_digest if source else data.digest if data else ""


def _problems(estate: NimEstate, facts: FactSet) -> list[str]:
    """What was not read, in the words of the readings; the same reason once."""
    unread = (r.problem for r in facts.readings.values() if r.state is not ReadingState.OK)
    return list(dict.fromkeys([*estate.problems, *unread]))


def _show_progress(pk: int, done: int, of: int) -> None:
    Discovery.objects.filter(pk=pk).update(found={"read": done, "resources": of})


def _is_unsent(state: ReadingState) -> bool:
    return state in (ReadingState.UNREACHABLE, ReadingState.REFUSED)
