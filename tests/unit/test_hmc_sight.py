"""Original and surrogate on the HMC: which is which, and the alarm when both stay."""

from datetime import UTC, datetime, timedelta

import pytest

from liveupdate.lpar.hmc_sight import partitions_seen, too_long

MOVED = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
BOTH = [
    "viodev1,3,Running,active",
    "pay01_lku0,26,Running,inactive",
    "pay01,31,Running,active",
    "pay01x,9,Running,",
]


def test_both_have_their_roles() -> None:
    seen = partitions_seen("pay01", BOTH)
    assert [(lpar.name, lpar.id, lpar.role, lpar.rmc) for lpar in seen] == [
        ("pay01_lku0", "26", "original", "inactive"),
        ("pay01", "31", "surrogate", "active"),
    ]


def test_one_alone_has_no_role() -> None:
    assert [lpar.role for lpar in partitions_seen("pay01", BOTH[2:])] == [""]


@pytest.mark.parametrize(
    ("lines", "moved_at", "minutes", "alarm"),
    [
        (BOTH, MOVED, 61, True),
        (BOTH, MOVED, 60, False),
        (BOTH, None, 600, False),
        (BOTH[2:], MOVED, 600, False),
    ],
)
def test_the_alarm(lines: list[str], moved_at: datetime | None, minutes: int, alarm: bool) -> None:
    said = too_long(partitions_seen("pay01", lines), moved_at, MOVED + timedelta(minutes=minutes))
    assert bool(said) is alarm
    if alarm:
        assert "moved 61 minutes ago" in said and "pay01_lku0 (id 26, Running)" in said
