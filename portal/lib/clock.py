"""Time, read in one place and written in one form."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


def rfc3339(at: datetime) -> str:
    """`at` as RFC 3339 in UTC with microseconds, e.g. `2026-11-22T13:00:00.123456Z`.

    Raises ValueError for a naive datetime: it would say nothing about when.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone.")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
