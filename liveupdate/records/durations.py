"""How long runs took, for what the next one is expected to take."""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import F, Max, Q

from inventory.models import Lpar
from liveupdate.control.durations import Expected, PastRun, Subject, expected
from liveupdate.models import Run
from liveupdate.procedures.catalogue import PROCEDURES
from liveupdate.states import RunState

SUCCEEDED = (RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE)
RECENT = 5_000
"""So many of the newest runs are looked through for LPARs alike; an LPAR's own all count."""
MEMBERS = (
    "plan__procedure",
    "lpar_id",
    "lpar__managed_system_id",
    "lpar__memory_mb",
    "started_at",
    "ended_at",
)


def past_runs(procedures: Collection[str], lpars: Collection[int]) -> list[PastRun]:
    """The runs of these procedures that succeeded: all of these LPARs, and the newest of the others."""
    newest = Run.objects.aggregate(Max("pk"))["pk__max"] or 0
    near = Q(lpar__in=lpars) | Q(pk__gt=newest - RECENT)
    rows = Run.objects.filter(near, state__in=SUCCEEDED, plan__procedure__in=procedures)
    timed = rows.filter(started_at__isnull=False, ended_at__gt=F("started_at")).order_by()
    return [
        PastRun(_subject(procedure, lpar, system, memory), (ended - started) / timedelta(seconds=1))
        for procedure, lpar, system, memory, started, ended in timed.values_list(*MEMBERS)
    ]


def subject_for(lpar: Lpar, procedure: str) -> Subject:
    """A run of this procedure on this LPAR."""
    return _subject(procedure, lpar.pk, lpar.managed_system_id, lpar.memory_mb)


def expected_for(lpar: Lpar, procedure: str) -> Expected:
    """What a run of this procedure on this LPAR takes."""
    return expected(subject_for(lpar, procedure), past_runs({procedure}, {lpar.pk}))


def _subject(procedure: str, lpar: int, system: int, memory_mb: int | None) -> Subject:
    moves = procedure in PROCEDURES and PROCEDURES[procedure].moves_workload
    return Subject(procedure, moves, lpar, system, memory_mb)
