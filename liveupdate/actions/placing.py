"""Put the LPARs of a campaign into waves, by what is known of them and of their managed systems."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from django.conf import settings

from inventory.actions.readings import reading_of
from inventory.facts.base import FactSet
from inventory.facts.hmc.memory_lpar import MEMORY_LPAR
from inventory.facts.hmc.processors_lpar import PROCESSORS_LPAR
from inventory.models import FactReading, Lpar, ManagedSystem, NimMaster
from liveupdate.control.canaries import Fingerprint, propose_canaries
from liveupdate.control.waves import Candidate, Limits, Waves, plan_waves
from liveupdate.lpar.fingerprint import READ, fingerprint_of, runs_powerha
from liveupdate.lpar.surrogate import NOTHING, Amount
from liveupdate.models import Agent, Campaign, CampaignTarget
from liveupdate.procedures.catalogue import procedure_named
from liveupdate.records.rooms import left_on
from liveupdate.records.surrogates import need_by
from portal.lib.errors import Invalid

NIM = "nim_"
UNNAMED_CLUSTER = "PowerHA cluster (nobody said which)"
PLACED = ("wave", "why", "canary", "apart", "traits", "unknown", "need_memory_mb", "need_cores")
FACTS = [fact.name for fact in (*READ, MEMORY_LPAR, PROCESSORS_LPAR)]


def place(campaign: Campaign, canaries: Collection[str] = ()) -> Waves:
    """Give every target of a draft its wave, in the caller's transaction; without `canaries` they are
    proposed.

    Raises Invalid for a canary that is none of the targets, or has no place in any wave.
    """
    targets = list(campaign.targets.select_related("lpar__host", "lpar__managed_system", "lpar__hmc__host",
                                                   "lpar__nim_master__host", "lpar__team"))  # fmt: skip
    facts = _facts_of(target.lpar for target in targets)
    by_name = {target.lpar.name: target for target in targets}
    agents = frozenset(Agent.objects.exclude(approved_by=None).values_list("name", flat=True))
    prints = {
        name: fingerprint_of(facts[target.lpar_id], target.lpar.managed_system.type_model, agents)
        for name, target in by_name.items()
    }
    if strange := sorted(set(canaries) - set(by_name)):
        raise Invalid(
            f"{', '.join(strange)}: no LPAR of this campaign.",
            remedy="Choose among its LPARs.",
            code="unknown_name",
        )
    limits = _limits(campaign, targets)
    plain = [_candidate(campaign, target, facts[target.lpar_id]) for target in targets]
    chosen = set(canaries) or set(_proposed(campaign, plain, limits, prints))
    candidates = [replace(each, canary=each.name in chosen) for each in plain]
    waves = plan_waves(candidates, limits)
    if refused := [waves.left_out[name] for name in sorted(chosen) if name in waves.left_out]:
        raise Invalid(f"No canary: {refused[0].message}", remedy=refused[0].remedy, code="no_canary")
    placed = {each.name: each for each in waves.placed}
    for each in candidates:
        target = by_name[each.name]
        _describe(target, each, prints[each.name])
        spot = placed.get(each.name)
        target.wave = spot.wave if spot else None
        target.why = spot.why if spot else str(waves.left_out[each.name])
    CampaignTarget.objects.bulk_update(targets, PLACED)
    rooms = {name: room for name, room in limits.room.items() if isinstance(room, Amount)}
    campaign.rooms = {name: room.memory_mb for name, room in rooms.items()}
    campaign.waves_least = waves.least
    campaign.save(update_fields=["rooms", "waves_least"])
    return waves


def clusters_of(text: str) -> dict[str, str]:
    """The cluster of each LPAR by lines `NAME: LPAR, LPAR`. Raises Invalid for another form."""
    clusters: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        name, colon, members = line.partition(":")
        nodes = members.replace(",", " ").split()
        if not colon or not name.strip() or not nodes:
            raise Invalid(
                f"“{line.strip()}” names no cluster.",
                remedy="Write NAME: LPAR, LPAR, one cluster in a line.",
                code="no_cluster",
            )
        clusters |= dict.fromkeys(nodes, name.strip())
    return clusters


def _proposed(
    campaign: Campaign, plain: list[Candidate], limits: Limits, prints: Mapping[str, Fingerprint]
) -> list[str]:
    fitting = {each.name for each in plan_waves(plain, limits).placed}
    return propose_canaries(prints, campaign.canaries_most, fitting)


def _facts_of(lpars: Iterable[Lpar]) -> dict[int, FactSet]:
    """The newest answers that waves and fingerprints rest on, by LPAR. One query."""
    found = {lpar.host_id: (lpar.pk, FactSet()) for lpar in lpars}
    rows = FactReading.objects.filter(subject__in=found, current=True, fact__in=FACTS)
    for row in rows.select_related("host"):
        found[row.subject_id][1].add(reading_of(row))
    return dict(found.values())


def _limits(campaign: Campaign, targets: list[CampaignTarget]) -> Limits:
    lpars = [target.lpar_id for target in targets]
    systems = ManagedSystem.objects.filter(lpars__in=lpars).distinct()
    moves = procedure_named(campaign.procedure).moves_workload
    window = (campaign.starts_at, campaign.ends_at)
    return Limits(
        room={str(each): left_on(each, *window, besides=lpars) if moves else NOTHING for each in systems},
        per_system=settings.PORTAL_RUNS_PER_SYSTEM,
        per_hmc=settings.PORTAL_RUNS_PER_HMC,
        per_team=settings.PORTAL_RUNS_PER_TEAM,
        per_master={
            str(each): each.runs_at_once
            for each in NimMaster.objects.filter(lpars__in=lpars).select_related("host").distinct()
        },
    )


def _candidate(campaign: Campaign, target: CampaignTarget, facts: FactSet) -> Candidate:
    lpar = target.lpar
    moves = procedure_named(campaign.procedure).moves_workload
    need = need_by(facts)
    through_nim = campaign.procedure.startswith(NIM) and lpar.nim_master is not None
    return Candidate(
        name=lpar.name,
        system=str(lpar.managed_system),
        hmc=str(lpar.hmc),
        team=str(lpar.team),
        need=(need.amount if need else None) if moves else NOTHING,
        master=str(lpar.nim_master) if through_nim else "",
        apart=_kept_apart(campaign, lpar, facts),
    )


def _kept_apart(campaign: Campaign, lpar: Lpar, facts: FactSet) -> frozenset[str]:
    keys = set()
    if cluster := clusters_of(campaign.clusters).get(lpar.name):
        keys.add(f"cluster {cluster}")
    elif runs_powerha(facts):
        keys.add(UNNAMED_CLUSTER)
    if campaign.applications_apart and lpar.application:
        keys.add(f"application {lpar.application}")
    return frozenset(keys)


def _describe(target: CampaignTarget, one: Candidate, fingerprint: Fingerprint) -> None:
    """Write beside a target what its place rests on."""
    target.canary, target.apart = one.canary, sorted(one.apart)
    target.traits, target.unknown = sorted(fingerprint.traits), list(fingerprint.unknown)
    target.need_memory_mb = one.need.memory_mb if one.need else None
    target.need_cores = one.need.cores if one.need else None
