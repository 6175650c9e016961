"""Times as people read them: in the site's zone, with the zone named, and how long ago."""

from datetime import datetime, timedelta

from django.utils import timezone

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def absolute(at: datetime, now: datetime) -> str:
    """`at` in the site's zone, e.g. `22 Nov 02:11 CET`; the year only when it is another one."""
    local = timezone.localtime(at)
    year = "" if local.year == timezone.localtime(now).year else f" {local.year}"
    return f"{local.day} {local:%b}{year} {local:%H:%M %Z}"


def exact(at: datetime) -> str:
    """`at` to the second with its weekday, e.g. `Sun 22 Nov 2026 02:11:42 CET`."""
    return f"{timezone.localtime(at):%a %d %b %Y %H:%M:%S %Z}"


def relative(at: datetime, now: datetime) -> str:
    """How far `at` lies from `now`: `now`, `3 min ago`, `in 2 h`, `8 d ago`."""
    distance = abs(now - at)
    if distance < timedelta(seconds=10):
        return "now"
    span = duration(distance)
    return f"{span} ago" if at < now else f"in {span}"


def duration(length: timedelta) -> str:
    """A length in its largest whole unit: `41 s`, `12 min`, `2 h`, `8 d`."""
    seconds = int(length.total_seconds())
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def clock(length: timedelta) -> str:
    """A length to the second: `7 s`, `6 m 41 s`, `1 h 02 m 03 s`."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} m {seconds:02} s"
    return f"{minutes} m {seconds:02} s" if minutes else f"{seconds} s"


def lasting(length: timedelta) -> str:
    """`length` in days, hours and minutes, those that are none left out: `1 d 4 h`, `30 min`."""
    minutes = int(length.total_seconds()) // 60
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"
