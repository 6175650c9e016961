"""What a check after an update compares with: a run's record, else the facts held when it was asked for."""

from datetime import timedelta

import pytest

from inventory.models import FactReading
from liveupdate.records.before_images import before_of
from portal.lib.clock import now
from tests.fleet import make_fleet

pytestmark = pytest.mark.django_db


def test_the_facts_that_were_held_when_it_was_asked_for() -> None:
    fleet = make_fleet()
    request, lpar = fleet.asked(procedure="post_check", media="", target_level=""), fleet.lpars["pay01"]
    before = before_of(lpar, request)
    assert before is not None and before.of.startswith("the facts that were held when this was asked for")
    assert set(before.has) == {"mounts", "subsystems"} and before.has["mounts"]

    FactReading.objects.filter(subject=lpar.host).update(first_read_at=now() + timedelta(seconds=1))
    assert before_of(lpar, request) is None
