"""A report with one of everything, hostile text in it, and tables that are longer than a page."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from liveupdate.models import StoredReport
from liveupdate.reports.document import (
    Chart,
    ChartKind,
    Column,
    ColumnType,
    Control,
    Equation,
    Evidence,
    EvidenceKind,
    Figure,
    Period,
    Report,
    Row,
    Scope,
    Section,
    Series,
    Share,
    Standing,
    Status,
    Table,
    Term,
)
from portal.access.models import Team, User
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.canonical import digest
from portal.lib.clock import now, rfc3339

BEGIN = datetime(2026, 9, 30, 22, tzinfo=UTC)
ROOT = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
HOSTILE = (
    '=HYPERLINK("http://evil.example","pay01")',
    "<b>Ana</b> & <script>alert(1)</script>",
    "\u202egpj.exe\x1b[31m red",
    "Ωμέγα Жуков Łódź 中文 ✓",
    "+" + "w" * 400,
)
PEOPLE = {"u_ana": HOSTILE[1], "u_ivy": "Ivy Жуков", "u_bo": "@Bo"}
CHECKPOINT = f"portal.example/ledger\n12345\n{'a' * 43}=\n\n— portal.example/ledger {'Q' * 96}\n"


def sample_report(rows: int = 180) -> Report:
    """The report; `rows` is the length of its register."""
    return Report(
        kind="compliance",
        title="Compliance evidence",
        period=Period(BEGIN, BEGIN + timedelta(days=31), "Europe/Berlin"),
        scope=Scope("payroll"),
        as_of=BEGIN + timedelta(days=32),
        standing=Standing("portal.example/ledger", 12_345, ROOT, CHECKPOINT, "sha256:" + "0c" * 32),
        sections=(_population(), _register(rows), _limits()),
        people=PEOPLE,
        made_at=BEGIN + timedelta(days=33),
        made_by="Aud Ítor",
        product="Live Update portal 0.1.0",
    )


def _population() -> Section:
    months = tuple(f"2026-{month:02}" for month in range(4, 11))
    seconds = (21, 18, None, 19, 23, 17, 18)
    return Section(
        number=2,
        key="population",
        title="Population",
        about="Every request and run of the period, counted twice, from two sides that share no writer.",
        figures=(
            Figure("runs", "Runs", 180, denominator="runs queued in the period"),
            Figure("scanned", "LPARs scanned", Share(37, 40), ColumnType.SHARE, "LPARs in the inventory"),
            Figure("unmatched", "Changes without a run", 2, must_be=0, denominator="level changes seen"),
            Figure("conflicts", "Conflicts of duties", 0, must_be=0, denominator="runs"),
            Figure("clock", "Clock offset", None, ColumnType.MILLISECONDS, "workers"),
        ),
        equations=(
            Equation(
                "requests",
                "Requests",
                (Term("approved", 170), Term("denied", 6), Term("withdrawn", 4)),
                (Term("submitted", 180),),
                "counted from decisions, and from submissions",
            ),
            Equation(
                "commands",
                "Commands",
                (Term("started", 900), Term("not started", 1)),
                (Term("intended", 902),),
            ),
        ),
        charts=(
            Chart(
                "causes",
                "Failures by cause",
                ChartKind.BARS,
                ("capacity not released", "rootvg clone failed", "no answer of the HMC"),
                (Series("runs", (7, 4, 1)),),
                denominator="failed runs of the period",
            ),
            Chart(
                "months",
                "Requests by outcome",
                ChartKind.STACKED,
                months,
                (Series("approved", (20, 24, 31, 18, 22, 29, 26)), Series("denied", (1, 0, 3, 0, 2, 0, 0))),
                denominator="requests decided in the month",
            ),
            Chart(
                "blackout",
                "Blackout, median",
                ChartKind.LINE,
                months,
                (Series("AIX 7.2", seconds), Series("AIX 7.3", (12, 13, 14, 12, 11, None, 9))),
                ColumnType.SECONDS,
                "runs that reached the blackout",
                mark=25,
                mark_title="budget",
            ),
            Chart(
                "spread",
                "Blackout, distribution",
                ChartKind.HISTOGRAM,
                ("5 s", "10 s", "15 s", "20 s", "30 s", "more"),
                (Series("runs", (0, 12, 60, 71, 30, 7)),),
            ),
            Chart("nothing", "Nothing measured", ChartKind.LINE, (), ()),
        ),
        notes=("A run that failed before its first command changed nothing.",),
    )


def _register(rows: int) -> Section:
    columns = (
        Column("run", "Run", ColumnType.RUN),
        Column("request", "Request", ColumnType.REQUEST),
        Column("lpar", "LPAR", ColumnType.LPAR),
        Column("requester", "Requester", ColumnType.PERSON),
        Column("approvers", "Approvers", ColumnType.PEOPLE),
        Column("plan", "Plan", ColumnType.DIGEST),
        Column("begun_at", "First command", ColumnType.TIME),
        Column("lasted", "Lasted", ColumnType.SECONDS),
        Column("state", "Outcome", ColumnType.STATE),
        Column("in_window", "In window", ColumnType.YES_NO),
        Column("hit", "Steps done", ColumnType.SHARE),
        Column("flags", "Flags", ColumnType.TEXTS),
    )
    made = tuple(
        Row(
            (
                str(number),
                f"R-{number:06}",
                HOSTILE[number % 5] if number < 10 else f"pay{number:03}",
                "u_ana",
                ("u_ivy", "u_bo"),
                f"sha256:{number:064x}",
                rfc3339(BEGIN + timedelta(hours=number)),
                400 + number,
                "failed" if number % 9 == 0 else "succeeded",
                None if number % 7 == 0 else number % 5 != 0,
                Share(number % 12, 12),
                ("outside the window", "skipped check") if number % 10 == 0 else (),
            ),
            (
                Evidence(EvidenceKind.RUN, str(number)),
                Evidence(EvidenceKind.ENTRIES, f"{number * 40}-{number * 40 + 22}"),
            ),
        )
        for number in range(1, rows + 1)
    )
    return Section(
        number=3,
        key="register",
        title="Change register",
        about="Every run of the period with who asked, who approved, what was executed and how it ended.",
        tables=(
            Table("changes", "Changes", columns, made, "runs of the period"),
            Table(
                "outside",
                "Changes outside the process",
                columns[:3],
                (),
                empty="No change without a run was seen.",
            ),
        ),
    )


def _limits() -> Section:
    said = [
        (
            "NIST SP 800-53 r5",
            "CM-3",
            Status.SATISFIED,
            "All 180 runs were approved before they began.",
            ("cm-3",),
        ),
        (
            "NIST SP 800-53 r5",
            "CM-5",
            Status.NOT_SATISFIED,
            "2 changes outside the process.\nNobody explained them.",
            ("cm-5",),
        ),
        ("PCI DSS", "6.5.1", Status.SATISFIED, "Reason, impact, approval and way back are there.", ("cm-3",)),
        (
            "ISO 27001:2022",
            "A.8.32",
            Status.NOT_SATISFIED,
            "One review of an emergency is overdue.",
            ("cm-3", "si-2"),
        ),
        (
            "ISO 27001:2022",
            "A.8.17",
            Status.NOT_ASSESSED,
            "The portal does not see the time servers.",
            ("au-8",),
        ),
    ]
    return Section(
        number=14,
        key="limits",
        title="Limits and controls",
        about="What the log cannot prove, and how each control stands.",
        controls=tuple(
            Control(
                standard,
                name,
                "Changes are controlled, approved and retained.",
                status,
                because,
                ("runs",),
                ids,
            )
            for standard, name, status, because, ids in said
        ),
        notes=("Whoever controls the portal's machine and the signer's key can write what is false.",),
    )


def store_sample(
    person: User, team: Team | None, report: Report | None = None, **values: Any
) -> StoredReport:
    """The sample as a report that was made for a person, about a team, and entered."""
    made = report or sample_report()
    stored = StoredReport.objects.create(
        kind=made.kind,
        team=team,
        begin=made.period.begin,
        end=made.period.end,
        time_zone=made.period.time_zone,
        as_of=made.as_of,
        asked_by=person,
        asked_at=now(),
        state=StoredReport.State.READY,
        made_at=made.made_at,
        digest=made.digest,
        ledger_size=made.standing.size,
        ledger_root=made.standing.root,
        content=made.content,
        product=made.product,
        **{"people": dict(made.people), **values},
    )
    standing = made.standing
    data = {"digest": made.digest, "ledger_size": standing.size, "ledger_root": standing.root}
    data["pdf_sha256"] = digest(bytes(stored.pdf or b""))
    subject = {"report": stored.number, "kind": stored.kind, "team": team.slug if team else ""}
    with transaction.atomic():
        record(Event.REPORT_CREATE, Actor.worker("w1"), subject, data)
    return stored
