"""What a run's commands tell of the LPAR's level and kernel, and what an update that failed has left."""

import re
from pathlib import PurePosixPath

from liveupdate.engine.judge import Outcome
from liveupdate.models import Run
from liveupdate.procedures import step as words

LEVEL = re.compile(r"^\d{4}-\d{2}-\d{2}-\d{4}(?=\s*$)", re.MULTILINE)
KERNEL = re.compile(r"^\d{2}:\d{2}:\d{2}\s*\n(\S+)", re.MULTILINE)
BEFORE_UPDATE = frozenset(
    {
        words.Phase.CHECK,
        words.Phase.MEDIA,
        words.Phase.AUTHENTICATE,
        words.Phase.PREPARE,
        words.Phase.PREVIEW,
    }
)


def told(step: words.Step, outcome: Outcome) -> dict[str, str]:
    """The field of the run that a step's output fills: the disk's level, or the running kernel's build."""
    if step.host is not words.StepHost.LPAR or not isinstance(step.action, words.Run):
        return {}
    argv = step.action.command.argv
    match PurePosixPath(argv[0]).name, *argv[1:]:
        case "oslevel", "-s":
            name, pattern = "level", LEVEL
        case "cat", "/proc/version":
            name, pattern = "kernel", KERNEL
        case _:
            return {}
    found = pattern.search(next(outcome.windows()).text)
    when = "before" if step.phase in BEFORE_UPDATE else "after"
    return {f"{name}_{when}": found.group(found.lastindex or 0)} if found else {}


def left_behind(run: Run) -> str:
    """What a run that did not succeed has left on the LPAR, empty when nobody asked (handbook 1.2).

    Live Update commits its updates before it moves the workload: the disk may hold the new level while
    the old kernel runs.
    """
    if not (run.level_before and run.level_after and run.kernel_after):
        return ""
    new_level, new_kernel = run.level_after != run.level_before, run.kernel_after != run.kernel_before
    if new_level and not new_kernel:
        return (
            f"The updates are installed but not active: the disk holds {run.level_after}, and the kernel "
            f"of {run.level_before} ({run.kernel_after}) still runs. The LPAR works; to activate them "
            "repeat the Live Update or restart it."
        )
    if new_level:
        return f"The updates are installed and active: {run.level_after}, kernel {run.kernel_after}."
    if new_kernel:
        return f"Another kernel runs ({run.kernel_after}) at the old level {run.level_after}."
    return f"The level is unchanged: {run.level_after}."
