"""RQ-052: nobody else moves partitions of the managed system at the same time."""

from inventory.facts.hmc.lpars import LPARS
from inventory.facts.hmc.migrations import MIGRATIONS
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where, lines_with, quoted

RESTING = "Not Migrating"
MOVING = ("starting", "in progress")
ORIGINAL = "_lku0"
"""What Live Update appends to the name of the original while it works."""


def _test(subject: Subject) -> Outcome:
    system, own = subject.managed_system, subject.partition
    left = [lpar for lpar in subject.value(LPARS, system) if lpar.name == f"{own}{ORIGINAL}"]
    if left:
        message = (
            f"{own}{ORIGINAL} is on {system}: a Live Update of {own} is under way, or left its original."
        )
        seen = lines_with(subject, LPARS, system, having=(own,))
        return Outcome(FindingState.BLOCKER, message, (seen,))
    others = [each for each in subject.value(MIGRATIONS, system) if each.state != RESTING]
    evidence = (
        lines_where(
            subject, MIGRATIONS, system, keep=lambda line: RESTING not in line or line.startswith(own)
        ),
    )
    busy = [each for each in others if each.lpar_name == own or each.state.lower().endswith(MOVING)]
    if busy:
        named = ", ".join(f"{each.lpar_name} ({each.state})" for each in busy)
        return Outcome(FindingState.BLOCKER, f"Live Partition Mobility is at work: {named}.", evidence)
    if others:
        named = ", ".join(f"{each.lpar_name} ({each.state})" for each in others)
        return Outcome(FindingState.WARNING, f"A move of another partition was not ended: {named}.", evidence)
    whole = evidence if evidence[0].lines else (quoted(subject, MIGRATIONS, system),)
    return Outcome(FindingState.OK, f"No partition of {system} is moving.", whole)


CHECK = Check(
    id="RQ-052",
    title="No other operation moves partitions",
    why="Live Partition Mobility and Live Update lock the same things on the HMC and take the same capacity; "
    "neither starts while the other works.",
    remedy="Wait until the move has ended; a move that failed is recovered on the HMC (migrlpar -o r).",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-052",
    see="On the HMC: lslparmigr -r lpar -m SYSTEM -F name,migration_state shows Not Migrating throughout.",
    recalled=True,
    settled_by_preview=True,
)
