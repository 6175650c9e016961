"""Dates and moments as commands take them."""

from datetime import UTC, datetime

from django.utils.dateparse import parse_date, parse_datetime

from portal.lib.errors import Invalid


def moment(text: str) -> datetime:
    """A date or a moment, in UTC where it names no zone. Raises Invalid."""
    try:
        found = parse_datetime(text) if len(text) > 10 else None
        day = None if found else parse_date(text)
    except ValueError as error:
        raise Invalid(f"{text!r} is no date: {error}.", code="period_not_possible") from error
    if found is None and day is None:
        raise Invalid(
            f"{text!r} is no date.",
            remedy="Write 2026-01-31 or 2026-01-31T22:00:00Z.",
            code="period_not_possible",
        )
    if found is None:
        assert day is not None
        found = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
