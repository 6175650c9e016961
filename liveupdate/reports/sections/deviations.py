"""Section 6: everything that was out of the ordinary in runs of the period."""

from liveupdate.bundle.verifier.figures import NO_COMMANDS
from liveupdate.bundle.verifier.marks import marks_of
from liveupdate.bundle.verifier.opening import Entry
from liveupdate.models import RunStep
from liveupdate.reports.counting import counted
from liveupdate.reports.document import Column, ColumnType, Evidence, Figure, Row, Section, Table
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
    rows = []
    for course, run in source.runs():
        for what, entry in marks_of(course, run, source.commands.get(run.run, NO_COMMANDS)):
            evidence: tuple[Evidence, ...] = (*evidence_of(course), *(entry_link(entry) if entry else ()))
            rows.append(Row((run.run, course.number, what, *_who_and_why(entry)), evidence))
    ids = [run.run for _, run in source.runs()]
    first, last = (min(ids), max(ids)) if ids else (0, -1)
    repeated = RunStep.objects.filter(
        run__gte=first, run__lte=last, attempts__gt=1, ended_at__lte=source.until
    )
    wanted = set(ids)
    repeats = sum(run in wanted for run in repeated.values_list("run_id", flat=True))
    return Section(
        6,
        "deviations",
        "Deviations",
        "A plan that was changed after its approval is another plan and cannot run; what does happen in runs "
        "and is not in the plan is listed here.",
        figures=(
            counted(source, "deviations.all", "Deviations", "runs made in the period"),
            counted(source, "deviations.outside_window", "Begun outside the change window", must_be=0),
            counted(
                source, "deviations.other_plan", "Run with another plan than the one handed in", must_be=0
            ),
            Figure("deviations.repeated", "Steps that took more than one attempt", repeats),
            counted(source, "deviations.host_keys", "Host keys accepted, changed or refused"),
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
