"""Whether the population is whole and was approved before: figures, by the keys that a report gives them."""

from __future__ import annotations

from liveupdate.bundle.verifier.population import Commands, Course, Population, RunCourse

REQUEST_STATES = ("approved", "denied", "withdrawn", "expired", "open")
RUN_STATES = ("succeeded", "succeeded_with_residue", "failed", "aborted", "refused", "not_over")
NO_COMMANDS = Commands(0, 0, None, "", "", 0, 0, 0, 0)

COMMAND_ENDS = ("ended", "unknown", "unsent", "not_over")
EQUATIONS = {
    "equation.request_rows": ((), ("requests.asked",)),
    "equation.requests": (("requests.asked",), tuple(f"requests.{each}" for each in REQUEST_STATES)),
    "equation.run_rows": ((), ("runs.queued",)),
    "equation.runs": (("runs.queued",), tuple(f"runs.{each}" for each in RUN_STATES)),
    "equation.commands": (("commands.intended",), tuple(f"commands.{each}" for each in COMMAND_ENDS)),
    "equation.by_runs": (("levels.by_runs",), ("levels.by_runs_seen", "levels.by_runs_unseen")),
    "equation.seen": (("levels.seen",), ("levels.seen_explained", "levels.outside")),
    "equation.outside": (("levels.outside",), ("outside.found",)),
    "equation.entries": ((), ("ledger.size",)),
    "equation.approvals": (("approvals.runs",), ("approvals.before", "approvals.late")),
}
"""Which figures the terms of each equation's sides are; nothing for a side that counts no entries."""


def figures_of(population: Population, commands: dict[int, Commands]) -> dict[str, int]:
    """Every count, by its key."""
    asked = [each.state for each in population.asked()]
    runs = [(each, each.run) for each in population.queued() if each.run is not None]
    figures = {"requests.asked": len(asked), "runs.queued": len(runs)}
    figures.update({f"requests.{state}": asked.count(state) for state in REQUEST_STATES})
    states = [run.state for _, run in runs]
    figures.update({f"runs.{state}": states.count(state) for state in RUN_STATES})
    figures.update(_commands([commands.get(run.run, NO_COMMANDS) for _, run in runs]))
    figures.update(_levels(population, [run for _, run in runs]))
    figures.update(_approvals(runs, commands))
    return figures


def ran_before_approval(run: RunCourse, sent: Commands) -> bool:
    """Whether a command was sent although an approval that counted was not entered yet, or was missing."""
    if sent.begun_seq is None:
        return False
    return bool(run.refusal) or any(given.seq >= sent.begun_seq for given in run.given)


def conflicts_of(run: RunCourse) -> list[str]:
    """Who approved although they made or edited the request, themselves or through somebody."""
    return sorted({who for given in run.given for who in (given.person, given.giver)} & run.owners)


def _commands(sent: list[Commands]) -> dict[str, int]:
    return {
        "commands.intended": sum(each.intended for each in sent),
        "commands.ended": sum(each.ended for each in sent),
        "commands.unknown": sum(each.unknown for each in sent),
        "commands.unsent": sum(each.unsent for each in sent),
        "commands.not_over": sum(each.intended - each.ended - each.unknown - each.unsent for each in sent),
    }


def _levels(population: Population, runs: list[RunCourse]) -> dict[str, int]:
    seen = population.seen()
    changed = [run for run in runs if run.new_level]
    findings = population.found()
    return {
        "levels.by_runs": len(changed),
        "levels.by_runs_seen": sum(run.seen for run in changed),
        "levels.by_runs_unseen": sum(not run.seen for run in changed),
        "levels.seen": len(seen),
        "levels.seen_explained": sum(each.explained is not None for each in seen),
        "levels.outside": sum(each.explained is None for each in seen),
        "outside.found": len(findings),
        "outside.closed": sum(entries[-1].type == "outside.close" for entries in findings),
        "outside.open": sum(entries[-1].type != "outside.close" for entries in findings),
    }


def _approvals(runs: list[tuple[Course, RunCourse]], commands: dict[int, Commands]) -> dict[str, int]:
    sent = [(course, run, commands.get(run.run, NO_COMMANDS)) for course, run in runs]
    ran = [(course, run, each) for course, run, each in sent if each.begun_seq is not None]
    late = [run for _, run, each in ran if ran_before_approval(run, each)]
    return {
        "approvals.runs": len(ran),
        "approvals.before": len(ran) - len(late),
        "approvals.late": len(late),
        "approvals.standard": sum(course.terms.get("change") == "standard" for course, _, _ in ran),
        "approvals.missing_then": sum(len(run.given) < run.needed for _, run, _ in ran),
        "duties.conflicts": sum(len(conflicts_of(run)) for _, run, _ in ran),
    }
