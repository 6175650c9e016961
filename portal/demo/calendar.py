"""The demo's calendar: a window and a freeze to come, neither of which is in the story's way."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from inventory.models import Lpar
from liveupdate.actions.periods import PeriodWish, write_period
from liveupdate.control.calendar import Kind
from liveupdate.models import StoredPeriod
from portal.access.models import User

SATURDAY = 5
TO_FREEZE = timedelta(days=10)
"""How far off the freeze lies whenever the demo is made."""


def fill_calendar(lpar_name: str) -> None:
    """A night each week for one LPAR, and a freeze of two days for all; once."""
    if StoredPeriod.objects.exists():
        return
    person, today = User.objects.get(username="adm"), timezone.localdate()
    zone = timezone.get_current_timezone_name()
    saturday = today + timedelta(days=(SATURDAY - today.weekday()) % 7 or 7)
    night = datetime.combine(saturday, time(22))
    window = PeriodWish(
        Kind.WINDOW, "Saturday night", zone, night, night + timedelta(hours=8), rule="FREQ=WEEKLY",
        lpar=Lpar.objects.select_related("host", "team").get(host__name=lpar_name),
    )  # fmt: skip
    write_period(person, window, "Agreed with the owners: nobody works then.")
    close = datetime.combine(today + TO_FREEZE, time())
    freeze = PeriodWish(Kind.FREEZE, "Quarter close", zone, close, close + timedelta(days=2))
    write_period(person, freeze, "Finance closes the books.")
