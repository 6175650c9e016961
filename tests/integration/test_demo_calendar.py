"""The demo's calendar shows something and stands in the way of nothing that the demo starts."""

import pytest

from liveupdate.models import StoredPeriod
from portal.demo.calendar import fill_calendar
from tests.fleet import make_fleet

pytestmark = pytest.mark.django_db


def test_the_demos_calendar_is_made_once_and_lets_the_story_start() -> None:
    fleet = make_fleet()
    for _ in range(2):
        fill_calendar("pay02")
    assert sorted(StoredPeriod.objects.values_list("kind", flat=True)) == ["freeze", "window"]
    assert fleet.queued("pay01").state == "queued"
