"""The estate as a tree: HMC, managed system, LPAR, with how many LPARs carry which verdict."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Count, QuerySet

from inventory.freshness import verdict_shown
from inventory.models import Hmc, Lpar, ManagedSystem
from inventory.policies import visible_lpars
from portal.access.policies import SEE_EVERYTHING, Person, roles

Verdicts = Mapping[str, int]
ORDER = ("ready", "ready_with_actions", "not_possible", "unknown")


@dataclass(frozen=True, slots=True)
class Branch:
    """An HMC (None: no HMC runs these systems) or a managed system, with what hangs below it."""

    of: Hmc | ManagedSystem | None
    verdicts: Verdicts
    systems: int = 0

    @property
    def lpars(self) -> int:
        """How many LPARs hang below."""
        return sum(self.verdicts.values())

    @property
    def counts(self) -> list[tuple[str, int]]:
        """Verdicts that occur, the best first."""
        return [(verdict, self.verdicts[verdict]) for verdict in ORDER if self.verdicts.get(verdict)]


@dataclass(slots=True)
class _Tally:
    verdicts: Counter[str] = field(default_factory=Counter)
    systems: set[int] = field(default_factory=set)


def lpars_in_service(person: Person) -> QuerySet[Lpar]:
    """The LPARs that a person may see and nobody retired."""
    return visible_lpars(person).filter(retired_at=None)


def visible_systems(person: Person) -> QuerySet[ManagedSystem]:
    """All managed systems for who sees everything, else those with LPARs that the person may see."""
    if roles(person, None) & SEE_EVERYTHING:
        return ManagedSystem.objects.all()
    return ManagedSystem.objects.filter(lpars__in=lpars_in_service(person)).distinct()


def hmc_branches(person: Person) -> list[Branch]:
    """The HMCs of what a person may see; a system that two HMCs run hangs below both."""
    tallies: dict[int | None, _Tally] = {}
    placed = lpars_in_service(person).order_by().annotate(shown=verdict_shown())
    rows = placed.values_list("managed_system__hmcs", "managed_system", "shown").annotate(count=Count("pk"))
    for hmc, system, verdict, count in rows:
        tally = tallies.setdefault(hmc, _Tally())
        tally.verdicts[verdict] += count
        tally.systems.add(system)
    hmcs = Hmc.objects.select_related("host")
    if not roles(person, None) & SEE_EVERYTHING:
        hmcs = hmcs.filter(pk__in=[pk for pk in tallies if pk])
    return [
        *(_branch(hmc, tallies.get(hmc.pk, _Tally())) for hmc in hmcs),
        *(_branch(None, tally) for pk, tally in tallies.items() if pk is None),
    ]


def system_branches(person: Person, hmc: Hmc | None) -> list[Branch]:
    """The managed systems of an HMC, or (None) those that no HMC runs, with what a person may see of them."""
    verdicts: dict[int, Counter[str]] = {}
    below = lpars_in_service(person).filter(managed_system__hmcs=hmc).order_by()
    rows = below.annotate(shown=verdict_shown()).values_list("managed_system", "shown")
    for system, verdict, count in rows.annotate(count=Count("pk")):
        verdicts.setdefault(system, Counter())[verdict] += count
    systems = visible_systems(person).filter(hmcs=hmc)
    return [Branch(system, verdicts.get(system.pk, {})) for system in systems]


def verdicts_of(lpars: QuerySet[Lpar]) -> dict[str, int]:
    """How many of these LPARs are shown with which verdict."""
    counted = lpars.order_by().annotate(shown=verdict_shown()).values_list("shown")
    return dict(counted.annotate(count=Count("pk")))


def _branch(hmc: Hmc | None, tally: _Tally) -> Branch:
    return Branch(hmc, tally.verdicts, len(tally.systems))
