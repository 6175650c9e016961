"""Section 1: what the report is about, and of which ledger its numbers are."""

from liveupdate.reports.document import (
    SCHEMA,
    Column,
    ColumnType,
    Evidence,
    EvidenceKind,
    Figure,
    Row,
    Section,
    Table,
)
from liveupdate.reports.source import Source
from portal.audit.signs import newest_about
from portal.audit.standing import receipts_between, seals_between
from portal.lib.clock import rfc3339

GAPS = (
    Column("from", "Signed", ColumnType.TIME),
    Column("to", "Signed again", ColumnType.TIME),
    Column("seconds", "Silent for", ColumnType.SECONDS),
)


ANCHORS = (
    Column("anchor", "Anchor"),
    Column("kind", "Answered with"),
    Column("count", "Answers", ColumnType.NUMBER),
    Column("size", "Up to entries", ColumnType.NUMBER),
    Column("last_at", "Last", ColumnType.TIME),
)


def section(source: Source) -> Section:
    """Period and filter, the ledger's size, root and key, and how it was signed meanwhile."""
    period, standing = source.period, source.standing
    seals = seals_between(period.begin, min(period.end, standing.signed_at))
    verified = newest_about(standing.size, "ledger.verify")
    gaps = tuple(
        Row((rfc3339(begin), rfc3339(end), int((end - begin).total_seconds()))) for begin, end in seals.gaps
    )
    receipts = receipts_between(period.begin, source.cut)
    answers = tuple(
        Row((each.anchor, each.kind, each.count, each.size, rfc3339(each.last_at))) for each in receipts
    )
    figures = (
        Figure("period.begin", "From", rfc3339(period.begin), ColumnType.TIME),
        Figure("period.end", "Up to", rfc3339(period.end), ColumnType.TIME),
        Figure("period.time_zone", "Time zone of its days", period.time_zone, ColumnType.TEXT),
        Figure("scope.team", "Team", source.scope.team or "all teams", ColumnType.TEXT),
        Figure("schema", "Version of the report's form", SCHEMA),
        Figure("ledger.origin", "Ledger", standing.origin, ColumnType.TEXT),
        Figure("ledger.size", "Entries of the ledger", standing.size),
        Figure("ledger.root", "Root over them", f"sha256:{standing.root}", ColumnType.DIGEST),
        Figure("ledger.signed_at", "Signed at", rfc3339(standing.signed_at), ColumnType.TIME),
        Figure("ledger.key", "Fingerprint of the key", f"sha256:{standing.key}", ColumnType.DIGEST),
        Figure("ledger.verified_at", "Last verified", verified[1]["at"] if verified else "", ColumnType.TIME),
        Figure(
            "ledger.verified_good",
            "Nothing was found altered then",
            verified[1]["d"]["ok"] if verified else None,
            ColumnType.YES_NO,
            evidence=(Evidence(EvidenceKind.ENTRIES, str(verified[0])),) if verified else (),
        ),
        Figure("anchors.answers", "Answers of anchors outside", sum(each.count for each in receipts)),
        Figure("anchors.count", "Checkpoints signed in the period", seals.count),
        Figure(
            "anchors.gaps",
            "Silences between them",
            len(gaps),
            denominator="times in which nothing was signed for longer than two ticks of 5 minutes",
        ),
    )
    return Section(
        1,
        "header",
        "What this report is about",
        "Every number below is of the first entries of this ledger, up to the checkpoint named here. "
        "Compare size and root with a copy of the checkpoint that was kept elsewhere.",
        figures=figures,
        tables=(
            Table(
                "anchors", "Anchors outside", ANCHORS, answers, "answers in the period", "No anchor answers."
            ),
            Table(
                "anchors.gaps",
                "Times without a checkpoint",
                GAPS,
                gaps,
                empty="There was a checkpoint at least at every second tick.",
            ),
        ),
    )
