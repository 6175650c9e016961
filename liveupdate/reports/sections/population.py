"""Section 2: whether the population is whole, by equations whose sides are counted on their own."""

from django.db.models import Q

from liveupdate.bundle.verifier.figures import REQUEST_STATES, RUN_STATES
from liveupdate.models import Request, Run
from liveupdate.reports.counting import counted, term
from liveupdate.reports.coverage import coverage_of
from liveupdate.reports.document import (
    Column,
    ColumnType,
    Equation,
    Evidence,
    EvidenceKind,
    Row,
    Section,
    Table,
    Term,
)
from liveupdate.reports.source import Source, entry_link, evidence_of

UNSEEN = (
    Column("run", "Run", ColumnType.RUN),
    Column("request", "Request", ColumnType.REQUEST),
    Column("lpar", "LPAR", ColumnType.LPAR),
    Column("level_before", "Level before", ColumnType.LEVEL),
    Column("level_after", "Level that the run says", ColumnType.LEVEL),
)
OUTSIDE = (
    Column("lpar", "LPAR", ColumnType.LPAR),
    Column("found_at", "Found", ColumnType.TIME),
    Column("level_before", "Level before", ColumnType.LEVEL),
    Column("level", "Level seen", ColumnType.LEVEL),
    Column("state", "State", ColumnType.STATE),
    Column("ticket", "Ticket"),
    Column("explained_by", "Explained by", ColumnType.PERSON),
    Column("closed_by", "Closed by", ColumnType.PERSON),
)


COUNTS = (
    ("requests.asked", "Requests made in the period"),
    *((f"requests.{state}", f"Requests: {state}") for state in REQUEST_STATES),
    ("runs.queued", "Runs made in the period"),
    *((f"runs.{state}", f"Runs: {state.replace('_', ' ')}") for state in RUN_STATES),
    ("commands.intended", "Commands entered before they were sent"),
    ("commands.ended", "Commands with an end"),
    ("commands.unknown", "Commands whose end nobody knows"),
    ("commands.unsent", "Commands held back"),
    ("commands.not_over", "Commands not over"),
    ("levels.by_runs", "Runs that brought another level"),
    ("levels.by_runs_seen", "Of these seen by a look"),
    ("levels.by_runs_unseen", "Of these not seen"),
    ("levels.seen", "Changes of software that looks found"),
    ("levels.seen_explained", "Of these explained by a run"),
    ("levels.outside", "Of these outside the process"),
    ("outside.found", "Findings of changes outside the process"),
    ("outside.closed", "Findings that somebody has closed"),
)


def section(source: Source) -> Section:
    """Requests, runs, commands, changes of software and entries: each counted from two sides."""
    figures, tables = coverage_of(source)
    return Section(
        2,
        "population",
        "Is the population whole?",
        "Runs say what they changed; looks at LPARs say what is there. Both are counted on their own and "
        "compared, so that a change outside the process and a run without effect are seen.",
        figures=(
            *(counted(source, key, title) for key, title in COUNTS),
            counted(source, "outside.open", "Findings that nobody has closed", must_be=0),
            *figures,
        ),
        equations=_equations(source),
        tables=(_unseen(source), _outside(source), *tables),
    )


def _equations(source: Source) -> tuple[Equation, ...]:
    period, until = source.period, source.until
    team = Q(team__slug=source.scope.team) if source.scope.team else Q()
    made = Request.objects.filter(team, created_at__gte=period.begin, created_at__lt=source.cut)
    of_team = Q(request__team__slug=source.scope.team) if source.scope.team else Q()
    queued = Run.objects.filter(of_team, queued_at__gte=period.begin, queued_at__lt=source.cut)
    commands = (("ended", "with an end"), ("unknown", "whose end nobody knows"), ("unsent", "held back"))
    return (
        Equation(
            "equation.request_rows",
            "Requests that pages show and requests in the ledger",
            (Term("rows of requests", made.count()),),
            (term(source, "requests.asked", "requests entered"),),
        ),
        Equation(
            "equation.requests",
            "Requests by what became of them",
            (term(source, "requests.asked", "requests entered"),),
            tuple(term(source, f"requests.{state}", state) for state in REQUEST_STATES),
            "Approved are those that led to a run; those that may still do are open.",
        ),
        Equation(
            "equation.run_rows",
            "Runs that pages show and runs in the ledger",
            (Term("rows of runs", queued.count()),),
            (term(source, "runs.queued", "runs entered"),),
        ),
        Equation(
            "equation.runs",
            "Runs by how they ended",
            (term(source, "runs.queued", "runs entered"),),
            tuple(term(source, f"runs.{state}", state.replace("_", " ")) for state in RUN_STATES),
        ),
        Equation(
            "equation.commands",
            "Commands by how they ended",
            (term(source, "commands.intended", "commands entered before they were sent"),),
            (
                *(term(source, f"commands.{key}", title) for key, title in commands),
                term(source, "commands.not_over", "not over"),
            ),
        ),
        Equation(
            "equation.by_runs",
            "Runs that brought another level, and what looks saw of them",
            (term(source, "levels.by_runs", "runs that brought another level"),),
            (
                term(source, "levels.by_runs_seen", "seen by a look"),
                term(source, "levels.by_runs_unseen", "not seen: no look since, or no such level"),
            ),
        ),
        Equation(
            "equation.seen",
            "Changes of software that looks found",
            (term(source, "levels.seen", "changes seen"),),
            (
                term(source, "levels.seen_explained", "explained by a run"),
                term(source, "levels.outside", "outside the process"),
            ),
        ),
        Equation(
            "equation.outside",
            "Changes without a run, and the findings that the portal made of them",
            (term(source, "levels.outside", "changes without a run, recounted"),),
            (term(source, "outside.found", "findings"),),
        ),
        Equation(
            "equation.entries",
            "Entries of the ledger and their places",
            (Term("entries", source.ledger.placed()),),
            (Term("last place + 1", source.standing.size),),
            f"As of {until:%Y-%m-%d %H:%M} UTC.",
        ),
    )


def _unseen(source: Source) -> Table:
    rows = tuple(
        Row(
            (run.run, course.number, course.lpar, run.result["level_before"], run.result["level_after"]),
            evidence_of(course),
        )
        for course, run in source.runs()
        if run.new_level and not run.seen
    )
    return Table(
        "population.unseen",
        "Runs that no look has confirmed",
        UNSEEN,
        rows,
        "runs of the period that say they brought another level",
        "A look has confirmed every one.",
    )


def _outside(source: Source) -> Table:
    rows = []
    sights = {int(each.said["snapshot"]): each for each in source.population.sights}
    for entries in source.population.found():
        told = {each.type: each for each in entries}
        explained, closed = told.get("outside.explain"), told.get("outside.close")
        sight = sights.get(int(entries[0].said["d"]["snapshot"]))
        state = "closed" if closed else "explained" if explained else "open"
        evidence = Evidence(EvidenceKind.CHANGE_OUTSIDE, str(entries[0].said["d"]["outside_change"]))
        cells = (
            str(entries[0].said["sub"]["lpar"]),
            str(entries[0].said["at"]),
            str(sight.said["level_before"]) if sight else "",
            str(sight.said["level"]) if sight else "",
            state,
            str(explained.said["d"]["ticket"]) if explained else "",
            str(explained.said["actor"]["id"]) if explained else "",
            str(closed.said["actor"]["id"]) if closed else "",
        )
        rows.append(Row(cells, (evidence, *entry_link(*entries))))
    return Table(
        "population.outside",
        "Changes outside the process",
        OUTSIDE,
        tuple(rows),
        "findings that were made in the period",
        "Every change that looks saw is a run's.",
    )
