"""The places that runs take at once: on a managed system, by its HMC, through a NIM master, of a team."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from inventory.models import Hmc, Lpar, ManagedSystem, NimMaster
from liveupdate.states import RUN_LIVE, RunState
from portal.access.models import Team

NIM = "nim_"
THROUGH_NIM = Q(plan__procedure__startswith=NIM)
"""Runs whose commands a NIM master starts and follows, by the names of their procedures."""
BEGUN = Q(state__in=RUN_LIVE - {RunState.QUEUED}) | Q(state=RunState.QUEUED) & ~Q(owner="")
"""Runs that may hold capacity: also those that wait for a person, because nobody knows what they hold."""


@dataclass(frozen=True, slots=True)
class Slots:
    """How many runs may be under way at once at one place, and which of them are."""

    place: ManagedSystem | Hmc | NimMaster | Team
    most: int
    taken_by: Q

    @property
    def where(self) -> str:
        """`on hmc01`, `of team Payroll`."""
        return f"of team {self.place}" if isinstance(self.place, Team) else f"on {self.place}"


def slots_of(lpar: Lpar, *, through_nim: bool) -> Iterator[Slots]:
    """The places that a run on an LPAR needs."""
    system, hmc, master = lpar.managed_system, lpar.hmc, lpar.nim_master
    yield Slots(system, settings.PORTAL_RUNS_PER_SYSTEM, BEGUN & Q(lpar__managed_system=system))
    yield Slots(hmc, settings.PORTAL_RUNS_PER_HMC, BEGUN & Q(lpar__hmc=hmc))
    yield Slots(lpar.team, settings.PORTAL_RUNS_PER_TEAM, BEGUN & Q(lpar__team=lpar.team_id))
    if master is not None and through_nim:
        yield Slots(master, master.runs_at_once, BEGUN & THROUGH_NIM & Q(lpar__nim_master=master))
