"""How LPARs stand to their baselines: the same rules for lists (in SQL) and for one LPAR (in words)."""

from collections.abc import Iterable, Sequence

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils.timezone import localdate

from inventory.compliance.levels import Compliance, Minimum, Standing, judge_level
from inventory.facts.level import Level
from inventory.freshness import STALE
from inventory.models import Baseline, LevelException, Lpar
from portal.lib.clock import now


def baselines_in_force() -> list[Baseline]:
    """The baselines that ask something today."""
    return list(Baseline.objects.filter(ended_at=None).select_related("team"))


def exceptions_in_force() -> QuerySet[LevelException]:
    """The exceptions that have begun and whose last day is not over."""
    today = localdate()
    return LevelException.objects.filter(ended_at=None, starts_on__lte=today, expires_on__gte=today)


def with_compliance(rows: QuerySet[Lpar]) -> QuerySet[Lpar]:
    """The LPARs with `compliance`, a value of `Compliance`.

    Level strings have fixed widths, so that they sort as text as they do as numbers (handbook 6.1);
    an open part of a minimum sorts before every value of it.
    """
    baselines = baselines_in_force()
    excused = Exists(exceptions_in_force().filter(lpar=OuterRef("pk")))
    overdue = [baseline for baseline in baselines if baseline.due_on < localdate()]
    whens = [
        When(~_any(baseline.scope for baseline in baselines), then=Value(Compliance.NO_BASELINE.value)),
        When(_unknown(), then=Value(Compliance.UNKNOWN.value)),
        When(~_any(map(_below, baselines)), then=Value(Compliance.COMPLIANT.value)),
        When(excused, then=Value(Compliance.EXCEPTED.value)),
        When(_any(map(_below, overdue)), then=Value(Compliance.OVERDUE.value)),
    ]
    behind = Value(Compliance.BEHIND.value)
    return rows.annotate(compliance=Case(*whens, default=behind, output_field=CharField()))


def standing_of(
    lpar: Lpar, baselines: Sequence[Baseline] | None = None, excuse: str | None = None
) -> Standing:
    """How one LPAR stands, in words. Who explains many passes what `excuses_of` says of each."""
    known = baselines_in_force() if baselines is None else baselines
    return judge_level(
        lpar.level,
        [_minimum(baseline) for baseline in known if baseline.applies_to(lpar)],
        stale=why_level_is_stale(lpar),
        exception=excuses_of([lpar]).get(lpar.pk, "") if excuse is None else excuse,
        today=localdate(),
    )


def excuses_of(lpars: Iterable[Lpar]) -> dict[int, str]:
    """The sentence on the exception of each LPAR that has one in force."""
    exceptions = exceptions_in_force().filter(lpar__in=[lpar.pk for lpar in lpars]).select_related("owner")
    return {exception.lpar_id: _excuse(exception) for exception in exceptions}


def why_level_is_stale(lpar: Lpar) -> str:
    """Why the level counts no longer as known, as a sentence; empty while it does."""
    if lpar.level_read_at is None:
        return "The level was never read."
    if lpar.facts_read_at is not None and lpar.level_read_at < lpar.facts_read_at:
        return f"The level could not be read since {lpar.level_read_at:%Y-%m-%d}."
    if lpar.stale_at is not None and lpar.stale_at <= now():
        return f"The facts are older than their schedule allows: read on {lpar.level_read_at:%Y-%m-%d}."
    return ""


def _minimum(baseline: Baseline) -> Minimum:
    return Minimum(baseline.name, Level.parse(baseline.minimum_level), baseline.due_on)


def _excuse(exception: LevelException) -> str:
    return f"Excepted until {exception.expires_on} for {exception.owner}: {exception.reason}"


def _unknown() -> Q:
    unread = Q(level="") | Q(level_read_at=None) | Q(level_read_at__lt=F("facts_read_at"))
    return unread | STALE


def _below(baseline: Baseline) -> Q:
    return baseline.scope & Q(level__lt=baseline.minimum_level)


def _any(conditions: Iterable[Q]) -> Q:
    """At least one; nothing when there is none."""
    one = Q(pk__in=[])
    for condition in conditions:
        one |= condition
    return one
