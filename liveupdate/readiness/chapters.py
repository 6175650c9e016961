"""The chapters that the handbook groups its requirements in."""

from collections.abc import Iterable

from liveupdate.readiness.base import Check

CHAPTERS = (
    (40, "Level, software, fixes"),
    (70, "Management console, network, RMC"),
    (100, "Processors, memory, profile"),
    (140, "Disks, I/O, file systems"),
    (160, "Security"),
    (1000, "Kernel, processes, workload"),
)
"""The first number that no longer belongs to a chapter, and the chapter's title."""


def chapter_of(check_id: str) -> str:
    """The chapter of a requirement, e.g. of `RQ-161`."""
    number = int(check_id.removeprefix("RQ-"))
    return next(title for end, title in CHAPTERS if number < end)


def by_chapter(checks: Iterable[Check]) -> dict[str, list[Check]]:
    """The checks under the titles of their chapters, in the order given."""
    chapters: dict[str, list[Check]] = {title: [] for _, title in CHAPTERS}
    for check in checks:
        chapters[chapter_of(check.id)].append(check)
    return chapters
