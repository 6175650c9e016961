"""The axis of a campaign's picture: times as a clock is read, of the site's zone, also when it is changed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from liveupdate.pages.campaign_timeline import Span, timeline_of

BEGIN = datetime(2026, 3, 28, 23, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "labels"),
    [
        (1, ["00:15", "00:30", "00:45", "01:00"]),
        (4, ["01:00", "03:00", "04:00", "05:00"]),
        (30, ["29 Mar 06:00", "29 Mar 12:00", "29 Mar 18:00", "30 Mar 00:00", "30 Mar 06:00"]),
        (24 * 21, ["01 Apr 00:00", "04 Apr 00:00", "07 Apr 00:00"]),
    ],
)
def test_times_are_round_and_of_the_sites_zone(hours: int, labels: list[str]) -> None:
    span = Span("pay01", "P10-A", 1, BEGIN, BEGIN + timedelta(hours=hours), 8192, "ok", planned=True)
    with timezone.override("Europe/Berlin"):
        drawn = timeline_of([span], {}, BEGIN)
    assert drawn is not None
    assert [tick.label for tick in drawn.ticks][: len(labels)] == labels
    assert len(drawn.ticks) <= 8
    assert [tick.x for tick in drawn.ticks] == sorted({tick.x for tick in drawn.ticks})
    assert drawn.zone == "Europe/Berlin"
