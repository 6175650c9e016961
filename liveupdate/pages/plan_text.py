"""A plan as plain text, to be copied into mails and change records."""

from collections.abc import Iterable, Iterator

from liveupdate.models import Plan, Request
from liveupdate.pages.plan import StepRow, phases_of
from liveupdate.pages.review import said_in
from liveupdate.procedures.document import read_plan
from portal.lib.text import visible
from portal.web.times import exact


def plan_text(request: Request, plan: Plan) -> str:
    """The whole plan: every command, file and expectation, what it is for, and its digest."""
    return visible("\n".join(_lines(request, plan))) + "\n"


def _lines(request: Request, row: Plan) -> Iterator[str]:
    plan = read_plan(row.document)
    yield f"{request.number}  {request.lpar}: {request.what}"
    yield f"Plan      {row.digest}"
    yield f"Asked by  {request.requester} for team {request.team}"
    yield f"Window    {exact(request.starts_at)} to {exact(request.ends_at)}"
    yield from (f"{label}: {said}" for label, said in said_in(request))
    yield f"Why: {request.reason}"
    if plan.warnings:
        yield from ("", "KNOW BEFORE YOU DECIDE", *(f"- {warning}" for warning in plan.warnings))
    number = 0
    for phase in phases_of(plan):
        yield from ("", phase.title.upper())
        for step in phase.rows:
            number += 1
            yield from _step(step, f"{number:>3}  ")
            for way in step.ways_out:
                yield f"     If it fails, a person may choose: {way.title}. {way.why}"
                yield from _steps(way.rows)


def _steps(rows: Iterable[StepRow]) -> Iterator[str]:
    for row in rows:
        yield from _step(row, "       - ")


def _step(row: StepRow, lead: str) -> Iterator[str]:
    room = " " * len(lead)
    yield f"{lead}{row.host}  {row.command}   [{row.kind}]"
    yield f"{room}{row.title}. {row.why} {row.answers}".rstrip()
    yield from (f"{room}goes on only if {words} {pattern}".rstrip() for words, pattern in row.expects)
    if row.file:
        yield f"{room}content, {row.file_digest}:"
        yield from (f"{room}| {line}" for line in row.file.splitlines())
