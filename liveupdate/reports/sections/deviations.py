"""Section 6: everything that was out of the ordinary in runs of the period."""

from collections import Counter

from liveupdate.bundle.verifier.figures import NO_COMMANDS
from liveupdate.bundle.verifier.opening import Entry
from liveupdate.models import RunStep
from liveupdate.reports.document import Column, ColumnType, Evidence, Figure, Row, Section, Table
from liveupdate.reports.marks import marks_of
from liveupdate.reports.source import Source, entry_link, evidence_of

DEVIATIONS = (
    Column("run", "Run", ColumnType.RUN),
    Column("request", "Request", ColumnType.REQUEST),
    Column("what", "What"),
    Column("who", "Who"),
    Column("why", "Why"),
)
HOST_KEYS = (
    Column("at", "When", ColumnType.TIME),
    Column("host", "Host"),
    Column("what", "What"),
    Column("by", "By"),
)
HOST_KEY_WORDS = {
    "hostkey.pin": "accepted",
    "hostkey.propose": "proposed in place of the accepted one",
    "hostkey.change": "another was shown",
    "hostkey.reject": "refused",
}


def section(source: Source) -> Section:
    """Outside the window, another plan, taken over, decided by a person, skipped, repeated, unknown ends."""
    rows, kinds = [], Counter[str]()
    for course, run in source.runs():
        for what, entry in marks_of(course, run, source.commands.get(run.run, NO_COMMANDS)):
            kinds[what.partition(":")[0]] += 1
            evidence: tuple[Evidence, ...] = (*evidence_of(course), *(entry_link(entry) if entry else ()))
            rows.append(Row((run.run, course.number, what, *_who_and_why(entry)), evidence))
    ids = [run.run for _, run in source.runs()]
    first, last = (min(ids), max(ids)) if ids else (0, -1)
    repeated = RunStep.objects.filter(
        run__gte=first, run__lte=last, attempts__gt=1, ended_at__lte=source.until
    )
    wanted = set(ids)
    repeats = sum(run in wanted for run in repeated.values_list("run_id", flat=True))
    edited = sum(kinds[each] for each in kinds if each.startswith("another plan"))
    outside = kinds["began outside its change window"]
    return Section(
        6,
        "deviations",
        "Deviations",
        "A plan that was changed after its approval is another plan and cannot run; what does happen in runs "
        "and is not in the plan is listed here.",
        figures=(
            Figure("deviations.all", "Deviations", len(rows), denominator="runs made in the period"),
            Figure("deviations.outside_window", "Begun outside the change window", outside, must_be=0),
            Figure(
                "deviations.other_plan", "Run with another plan than the one handed in", edited, must_be=0
            ),
            Figure("deviations.repeated", "Steps that took more than one attempt", repeats),
            Figure(
                "deviations.host_keys",
                "Host keys accepted, changed or refused",
                len(source.population.host_keys),
            ),
        ),
        tables=(
            Table("deviations", "Deviations", DEVIATIONS, tuple(rows), "runs made in the period"),
            Table(
                "deviations.host_keys",
                "Host keys",
                HOST_KEYS,
                tuple(_host_key(entry) for entry in source.population.host_keys),
                "entries of the period",
            ),
        ),
        notes=("Output is stored as it came; where secrets were masked their length stayed.",),
    )


def _who_and_why(entry: Entry | None) -> tuple[str, str]:
    if entry is None:
        return "", ""
    said = entry.said["d"]
    return str(entry.said["actor"]["id"]), str(
        said.get("reason") or said.get("why") or said.get("message") or ""
    )


def _host_key(entry: Entry) -> Row:
    host = str(entry.said["sub"].get("host", ""))
    what = HOST_KEY_WORDS[entry.type]
    return Row((str(entry.said["at"]), host, what, str(entry.said["actor"]["id"])), entry_link(entry))
