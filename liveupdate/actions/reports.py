"""Reports as errands: a person or a schedule asks, a worker makes them, and what is taken away is entered."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import QuerySet

from liveupdate.actions.errands import free, held
from liveupdate.actions.notices import tell
from liveupdate.control.notices import Occasion
from liveupdate.dispatch import ring_on_commit
from liveupdate.models import ReportSchedule, StoredReport
from liveupdate.records.reports import may_read, question_of, require_reader
from liveupdate.reports.catalogue import Question, build, check_question
from liveupdate.reports.document import Report
from liveupdate.reports.formats.pdf.writing import pdf_of
from liveupdate.reports.naming import signed
from portal.access.models import Team, User
from portal.access.policies import visible_teams
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.canonical import digest
from portal.lib.clock import now, rfc3339
from portal.lib.errors import Invalid, PortalError

UNDER_WAY = (StoredReport.State.ASKED, StoredReport.State.RUNNING)
BROKEN_OFF = "The portal itself broke off; its log says why."
MOST_WAITING = 5
"""Reports of one person that may wait at a time."""


def ask_for_report(person: User, question: Question, schedule: ReportSchedule | None = None) -> StoredReport:
    """Have a worker make a report. Raises NotAllowed, Invalid."""
    check_question(question)
    team = _team(question.team, visible_teams(person))
    require_reader(person, team)
    if StoredReport.objects.filter(asked_by=person, state__in=UNDER_WAY).count() >= MOST_WAITING:
        raise Invalid(
            f"{MOST_WAITING} reports of yours wait already.",
            remedy="Wait until one is ready.",
            code="too_many_waiting",
        )
    period = question.period
    with transaction.atomic():
        stored = StoredReport.objects.create(
            kind=question.kind,
            team=team,
            begin=period.begin,
            end=period.end,
            time_zone=period.time_zone,
            as_of=question.as_of,
            asked_by=person,
            asked_at=now(),
            schedule=schedule,
        )
        actor = Actor.person(person.public_id) if schedule is None else Actor.portal()
        record(Event.REPORT_ASK, actor, _subject(stored), {"asked_by": person.public_id, **_asked(question)})
        ring_on_commit("report", stored.pk)
    return stored


def waiting_reports() -> list[int]:
    """Reports that somebody asked for and nobody makes."""
    waiting = StoredReport.objects.filter(free("making_until"), state__in=UNDER_WAY)
    return list(waiting.order_by("asked_at").values_list("pk", flat=True))


def do_report(report_id: int, worker: str) -> None:
    """Make a report if it still waits for that; a refusal is its result."""
    mine = StoredReport.objects.filter(pk=report_id, state__in=UNDER_WAY)
    with held(mine, "making_until") as is_mine:
        if not is_mine:
            return
        mine.update(state=StoredReport.State.RUNNING)
        try:
            _make(
                StoredReport.objects.select_related("team", "asked_by", "schedule").get(pk=report_id), worker
            )
        except PortalError as refused:
            mine.update(
                state=StoredReport.State.FAILED, problem=f"{refused.message} {refused.remedy}".strip()
            )
        except Exception:
            mine.update(state=StoredReport.State.FAILED, problem=BROKEN_OFF)
            raise
        finally:
            StoredReport.objects.filter(pk=report_id).update(making_until=None)


def take_file(person: User, stored: StoredReport, name: str, content: bytes) -> None:
    """Enter that a person takes a file of a report away."""
    with transaction.atomic():
        data = {"format": name, "sha256": digest(content), "report_digest": stored.digest}
        record(Event.EXPORT_DOWNLOAD, Actor.person(person.public_id), _subject(stored), data)


def make_now(
    question: Question, actor: Actor, told: Callable[[str, int, int], None], *, names: bool
) -> Report:
    """A report here and now, which is not kept; asking and making are entered. Raises Invalid, Conflict."""
    check_question(question)
    if question.team:
        _team(question.team, Team.objects.all())
    subject = {"kind": question.kind, "team": question.team}
    with transaction.atomic():
        record(Event.REPORT_ASK, actor, subject, {"asked_by": actor.id, **_asked(question)})
    report = signed(build(question, told), f"{actor.kind} {actor.id}", now(), names=names)
    with transaction.atomic():
        record(Event.REPORT_CREATE, actor, subject, {**_asked(question), **_result(report)})
    return report


def _make(stored: StoredReport, worker: str) -> None:
    question = question_of(stored)
    row = StoredReport.objects.filter(pk=stored.pk)

    def told(step: str, done: int, of: int) -> None:
        row.update(step=step[:80], steps_done=done, steps=of)

    report = signed(build(question, told), str(stored.asked_by), now())
    told("PDF", 0, 0)
    pdf = pdf_of(report)
    with transaction.atomic():
        mine = row.filter(state=StoredReport.State.RUNNING).update(
            state=StoredReport.State.READY,
            content=report.content,
            people=dict(report.people),
            product=report.product,
            pdf=pdf,
            digest=report.digest,
            ledger_size=report.standing.size,
            ledger_root=report.standing.root,
            as_of=report.as_of,
            made_at=report.made_at,
            step="",
        )
        if not mine:
            return
        data = {**_asked(question), **_result(report), "pdf_sha256": digest(pdf)}
        record(Event.REPORT_CREATE, Actor.worker(worker), _subject(stored), data)
        _tell_recipients(StoredReport.objects.select_related("team", "schedule").get(pk=stored.pk))


def _tell_recipients(stored: StoredReport) -> None:
    """Mail the link to those who still have the right to read it."""
    if stored.schedule is not None:
        people = stored.schedule.recipients.all()
        tell(Occasion.REPORT_READY, [each for each in people if may_read(each, stored.team)], stored)


def _team(slug: str, among: QuerySet[Team]) -> Team | None:
    team = among.filter(slug=slug).first() if slug else None
    if slug and team is None:
        raise Invalid(
            f"There is no team {slug}.",
            remedy="Name it by its short name, as in addresses.",
            code="unknown_name",
        )
    return team


def _subject(stored: StoredReport) -> dict[str, str | int]:
    return {"report": stored.number, "kind": stored.kind, "team": stored.team.slug if stored.team else ""}


def _asked(question: Question) -> dict[str, str]:
    period = question.period
    as_of = rfc3339(question.as_of) if question.as_of else ""
    return {
        "from": rfc3339(period.begin),
        "to": rfc3339(period.end),
        "zone": period.time_zone,
        "as_of": as_of,
    }


def _result(report: Report) -> dict[str, str | int]:
    standing = report.standing
    return {"digest": report.digest, "ledger_size": standing.size, "ledger_root": standing.root}
