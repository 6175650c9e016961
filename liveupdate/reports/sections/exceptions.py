"""Section 9: leave to stay below a baseline: who asked, who granted it, until when, and what came after."""

from datetime import date, datetime

from django.db.models import F, Q

from inventory.models import Baseline, LevelChange, LevelException
from liveupdate.reports.document import (
    Column,
    ColumnType,
    Evidence,
    EvidenceKind,
    Figure,
    Row,
    Section,
    Table,
)
from liveupdate.reports.inventory_then import LparThen
from liveupdate.reports.source import Source
from portal.audit.events import Event
from portal.audit.signs import entries_about

COLUMNS = (
    Column("lpar", "LPAR", ColumnType.LPAR),
    Column("owner", "Owner", ColumnType.PERSON),
    Column("reason", "Reason"),
    Column("compensation", "What is done meanwhile"),
    Column("granted_by", "Granted by", ColumnType.PERSON),
    Column("granted_at", "Granted", ColumnType.TIME),
    Column("starts_on", "From", ColumnType.DATE),
    Column("expires_on", "Until", ColumnType.DATE),
    Column("state", "State", ColumnType.STATE),
    Column("still_below", "Still below its baseline", ColumnType.YES_NO),
)


HOSTS = (
    Column("at", "When", ColumnType.TIME),
    Column("host", "Host"),
    Column("allowed", "Allowed"),
    Column("reason", "Reason"),
    Column("by", "By", ColumnType.PERSON),
)


def section(source: Source) -> Section:
    """Every exception that held in the period; one that is over with its LPAR still below is a finding."""
    day = source.last_day
    exceptions = _exceptions(source)
    levels, covered = (
        _levels(source.cut, exceptions),
        {each.lpar_id for each in exceptions if _holds(each, day)},
    )
    baselines = list(Baseline.objects.filter(Q(ended_at=None) | Q(ended_at__gt=source.cut)))
    rows, expired_in_use, by_owner = [], 0, 0
    for each in exceptions:
        lpar = source.inventory.lpars[each.lpar_id]
        below = _is_below(lpar, levels.get(each.lpar_id, ""), baselines, day)
        used = below and not _holds(each, day) and each.lpar_id not in covered
        expired_in_use += used
        by_owner += each.owner_id == each.granted_by_id
        rows.append(_row(each, lpar, "in force" if _holds(each, day) else "over", below))
    return Section(
        9,
        "exceptions",
        "Exceptions",
        "Leave for an LPAR to stay below its baseline until a day. Nobody grants one to themselves.",
        figures=(
            Figure("exceptions.all", "Exceptions that held in the period", len(rows)),
            Figure(
                "exceptions.in_force", "In force at its end", sum(_holds(each, day) for each in exceptions)
            ),
            Figure(
                "exceptions.expired_in_use", "Expired, and the LPAR still below", expired_in_use, must_be=0
            ),
            Figure("exceptions.own", "Granted by their owner", by_owner, must_be=0),
        ),
        tables=(
            Table(
                "exceptions",
                "Exceptions",
                COLUMNS,
                tuple(rows),
                "exceptions that held on a day of the period",
            ),
            Table(
                "exceptions.hosts",
                "Old SSH algorithms",
                HOSTS,
                _of_hosts(source),
                "settings of hosts that changed in the period",
            ),
        ),
    )


def _exceptions(source: Source) -> list[LevelException]:
    begin, end = source.period.begin, source.cut
    held = Q(starts_on__lte=source.last_day, expires_on__gte=begin.date(), granted_at__lt=end)
    rows = LevelException.objects.filter(held).exclude(ended_at__lt=begin)
    found = rows.select_related("owner", "granted_by").order_by("pk")
    return [each for each in found if each.lpar_id in source.inventory.lpars]


def _of_hosts(source: Source) -> tuple[Row, ...]:
    """What hosts may use below the floor of SSH, as it was entered."""
    kinds = [Event.ALGORITHM_ALLOW, Event.ALGORITHM_END]
    found = entries_about(source.standing.size, source.period.begin, source.period.end, kinds)
    return tuple(
        Row(
            (
                document["at"],
                str(document["sub"]["host"]),
                " ".join(document["d"]["algorithms"]) or "none any more",
                str(document["d"]["reason"]),
                document["actor"]["id"],
            ),
            (Evidence(EvidenceKind.ENTRIES, str(seq), f"entry {seq}"),),
        )
        for seq, document in found
    )


def _holds(exception: LevelException, day: date) -> bool:
    ended = exception.ended_at is not None and exception.ended_at.date() <= day
    return exception.starts_on <= day <= exception.expires_on and not ended


def _levels(at: datetime, exceptions: list[LevelException]) -> dict[int, str]:
    """The level of each LPAR as it was last read by then."""
    wanted = {each.lpar_id for each in exceptions}
    rows = LevelChange.objects.filter(lpar__in=wanted, seen_at__lte=at).order_by("pk")
    return dict(rows.values_list("lpar", F("level_after")))


def _is_below(lpar: LparThen, level: str, baselines: list[Baseline], day: date) -> bool:
    """Whether a baseline that was due asks for more than this level; one that is not known is below."""
    due = [each for each in baselines if each.due_on < day and each.applies_to(lpar)]
    return any(level < each.minimum_level for each in due)


def _row(exception: LevelException, lpar: LparThen, state: str, below: bool) -> Row:
    cells = (
        lpar.name,
        exception.owner.public_id,
        exception.reason,
        exception.compensation,
        exception.granted_by.public_id,
        f"{exception.granted_at:%Y-%m-%dT%H:%M:%S.%fZ}",
        exception.starts_on.isoformat(),
        exception.expires_on.isoformat(),
        state,
        below,
    )
    link = Evidence(EvidenceKind.LPAR, str(lpar.pk), lpar.name)
    return Row(cells, (Evidence(EvidenceKind.EXCEPTION, str(exception.pk)), link))
