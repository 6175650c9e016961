"""What came of the pairs, as a table and a line that counts them."""

from collections import Counter
from collections.abc import Iterable

import pytest

VERDICT, COST = "matrix_verdict", "matrix_cpu_s"
"""What a pair's test tells of itself: PROCEDURE/FAULT/VERDICT, and the seconds CPU of its play."""
PLAYED, OUT_OF_REACH = "played", "out of reach"


def table(reports: Iterable[pytest.TestReport]) -> list[str]:
    """A line for each pair, then one that counts them; nothing when no pair was tested."""
    found: dict[tuple[str, str], str] = {}
    cpu_s = 0.0
    for report in reports:
        told = dict(report.user_properties)
        if report.when == "call" and VERDICT in told:
            procedure, fault, verdict = str(told[VERDICT]).split("/")
            found[procedure, fault] = verdict if report.passed else f"{verdict}, WRONG"
            cpu_s += float(str(told.get(COST, 0)))
    if not found:
        return []
    lines = [f"{procedure:26} {fault:24} {verdict}" for (procedure, fault), verdict in sorted(found.items())]
    counts = Counter(verdict.partition(",")[0] for verdict in found.values())
    wrong = sum(verdict.endswith("WRONG") for verdict in found.values())
    each_s = cpu_s / max(1, counts[PLAYED])
    return [
        *lines,
        f"{len(found)} pairs: {counts[PLAYED]} played ({each_s:.1f} s CPU each), "
        f"{counts[OUT_OF_REACH]} out of reach, {len(found) - wrong} agreed, {wrong} wrong",
    ]
