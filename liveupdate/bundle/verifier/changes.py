"""The change register, and what was out of the ordinary in changes: figures and rows that entries give."""

from __future__ import annotations

from typing import Any

from liveupdate.bundle.verifier.figures import NO_COMMANDS, conflicts_of
from liveupdate.bundle.verifier.marks import marks_of
from liveupdate.bundle.verifier.people import both_sides_of
from liveupdate.bundle.verifier.population import Commands, Course, Population, RunCourse
from liveupdate.bundle.verifier.sampling import SIZE
from liveupdate.bundle.verifier.statistics import percentile

NOT_WELL = frozenset(["failed", "aborted", "refused", "succeeded_with_residue", "not_over"])
BEGUN_OUTSIDE = "began outside its change window"
OTHER_PLAN = "another plan than the one handed in"


def changes_of(population: Population, commands: dict[int, Commands], until: str) -> dict[str, Any]:
    """Figures of the changes of a period as they could be known until a moment."""
    runs = runs_in_order(population)
    return {
        "register.runs": len(runs),
        **{f"register.without_{what}": _without(runs, what) for what in ("reason", "impact", "fallback")},
        **_duties(population, runs),
        **_deviations(population, runs, commands),
        **_emergencies(population, runs, until[:10]),
        "failures.all": sum(run.state in NOT_WELL for _, run in runs),
        **_blackouts(runs),
        "sample.population": len(runs),
        "sample.size": min(len(runs), SIZE),
    }


def runs_in_order(population: Population) -> list[tuple[Course, RunCourse]]:
    """The runs made in the period, with their requests, in the order of the ledger."""
    found = [(course, course.run) for course in population.queued() if course.run is not None]
    return sorted(found, key=lambda each: each[1].queued_seq)


def register_of(population: Population, commands: dict[int, Commands]) -> list[list[Any]]:
    """The change register: a row of cells for each run."""
    return [
        register_row(course, run, commands.get(run.run, NO_COMMANDS))
        for course, run in runs_in_order(population)
    ]


def register_row(course: Course, run: RunCourse, sent: Commands) -> list[Any]:
    """One run: who asked, who approved, what was approved, when it ran and how it ended."""
    given = [f"{each.stage} ({each.role}), {each.at[:10]} {each.at[11:19]} UTC" for each in run.given]
    return [
        run.run,
        course.number,
        run.plan,
        run.state,
        [each.person for each in run.given],
        sent.first_seq,
        sent.last_seq,
        str(course.terms.get("change", "")),
        str(course.terms.get("risk", "")),
        course.team,
        course.lpar,
        str(course.wish.get("procedure", "")),
        course.requester,
        given,
        str(course.wish.get("starts_at", "")),
        str(course.wish.get("ends_at", "")),
        sent.begun_at,
        sent.last_at,
        str(run.result.get("level_before") or ""),
        str(run.result.get("level_after") or ""),
        [mark.title for mark in marks_of(course, run, sent)],
    ]


def emergency_state(due: str, day: str, reviewed: bool) -> str:
    """Whether an emergency was looked back at by its day, which `day` is: of the review, or today."""
    if reviewed:
        return "in time" if day <= due else "late"
    return "overdue" if day > due else "open"


def _without(runs: list[tuple[Course, RunCourse]], what: str) -> int:
    return sum(not course.wish.get(what) for course, _ in runs)


def _duties(population: Population, runs: list[tuple[Course, RunCourse]]) -> dict[str, int]:
    return {
        "duties.conflicts": sum(bool(conflicts_of(run)) for _, run in runs),
        "duties.refused": sum(len(each.refused) for each in population.asked()),
        "duties.both_sides": len(both_sides_of(population.history.people)),
        "duties.role_changes": len(population.role_changes),
        "duties.new_roles": sum(bool(given.note) for _, run in runs for given in run.given),
    }


def _deviations(
    population: Population, runs: list[tuple[Course, RunCourse]], commands: dict[int, Commands]
) -> dict[str, int]:
    titles = [
        mark.title
        for course, run in runs
        for mark in marks_of(course, run, commands.get(run.run, NO_COMMANDS))
    ]
    return {
        "deviations.all": len(titles),
        "deviations.outside_window": titles.count(BEGUN_OUTSIDE),
        "deviations.other_plan": titles.count(OTHER_PLAN),
        "deviations.host_keys": len(population.host_keys),
    }


def _emergencies(population: Population, runs: list[tuple[Course, RunCourse]], today: str) -> dict[str, Any]:
    opened = population.emergencies()
    states = [
        emergency_state(
            str(entry.said["d"].get("due_on", "")),
            str(review.said["at"])[:10] if review else today,
            review is not None,
        )
        for _, entry, review in opened
    ]
    reviewed = sum(review is not None for _, _, review in opened)
    among = sum(course.terms.get("change") == "emergency" for course, _ in runs)
    return {
        "emergencies.opened": len(opened),
        "emergencies.share": {"part": among, "whole": len(runs)},
        "emergencies.reviewed": reviewed,
        "emergencies.reviewed_in_time": states.count("in time"),
        "emergencies.open": len(opened) - reviewed,
        "emergencies.overdue": states.count("overdue"),
    }


def _blackouts(runs: list[tuple[Course, RunCourse]]) -> dict[str, int | None]:
    lengths = [run.result.get("blackout_ms") for _, run in runs]
    ordered = sorted(each for each in lengths if each is not None)
    return {
        "blackout.measured": len(ordered),
        "blackout.p50": percentile(ordered, 50),
        "blackout.p90": percentile(ordered, 90),
        "blackout.max": ordered[-1] if ordered else None,
    }
