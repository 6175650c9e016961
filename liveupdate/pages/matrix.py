"""LPARs against checks: the columns are those requirements that some LPAR of the rows does not meet."""

from collections.abc import Sequence
from dataclasses import dataclass

from inventory.models import Lpar
from liveupdate.models import StoredFinding
from liveupdate.readiness.base import Check, FindingState
from liveupdate.readiness.catalogue import CHECK_OF

NOTABLE = (FindingState.BLOCKER, FindingState.UNKNOWN, FindingState.WARNING)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one check found on one LPAR; `state` is empty where it was never tested."""

    check: Check
    state: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One LPAR with its cells, in the order of the columns."""

    lpar: Lpar
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The columns that tell the rows apart, and the rows."""

    checks: tuple[Check, ...]
    rows: tuple[Row, ...]


def matrix_of(lpars: Sequence[Lpar]) -> Matrix:
    """The matrix of these LPARs, in two queries."""
    found = StoredFinding.objects.filter(lpar__in=[lpar.pk for lpar in lpars])
    notable = found.filter(state__in=NOTABLE, check_id__in=CHECK_OF).defer("evidence")
    said = {(one.lpar_id, one.check_id): (one.shown, one.message) for one in notable}
    checks = tuple(CHECK_OF[check] for check in sorted({check for _, check in said}))
    quiet = found.filter(check_id__in=[check.id for check in checks]).exclude(state__in=NOTABLE)
    said |= {
        (lpar, check): (state, "") for lpar, check, state in quiet.values_list("lpar_id", "check_id", "state")
    }
    rows = (
        Row(lpar, tuple(Cell(check, *said.get((lpar.pk, check.id), ("", ""))) for check in checks))
        for lpar in lpars
    )
    return Matrix(checks, tuple(rows))
