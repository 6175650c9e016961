"""RQ-017: Live Update only moves forward, and never across a release."""

from inventory.facts.aix.oslevel import OSLEVEL
from inventory.facts.base import FactMissing
from inventory.facts.level import UNSPECIFIED, Level, vrmf
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted
from liveupdate.readiness.filesets import installed, listed, version

KERNEL = "bos.mp64"


def _test(subject: Subject) -> Outcome:
    """Compare the level that is asked for with the installed one."""
    if not subject.target_level:
        return Outcome(FindingState.NOT_APPLICABLE, "No level is asked for.")
    try:
        target = Level.parse(subject.target_level)
    except ValueError as error:
        return Outcome(FindingState.BLOCKER, str(error))
    level = subject.value(OSLEVEL)
    evidence = (quoted(subject, OSLEVEL),)
    state, message = _compared(level, target)
    if state == FindingState.BLOCKER:
        return Outcome(state, message, evidence)
    return _of_media(subject, evidence) or Outcome(state, message, evidence)


def _of_media(subject: Subject, evidence: tuple[Evidence, ...]) -> Outcome | None:
    """What the media really bring, whatever they are named: a kernel that is not newer is no update.

    None where they bring a newer one, or where nobody knows what they hold.
    """
    contents = subject.media_contents
    offered = contents.packages.get(KERNEL, ()) if contents is not None and contents.packages else ()
    kernel = installed(subject, KERNEL) if offered else None
    if contents is None or kernel is None:
        return None
    newest = max(offered, key=lambda level: _number(subject, level))
    ahead, here = _number(subject, newest), vrmf(version(subject, kernel))
    if ahead > here:
        return None
    message = f"lpp_source {contents.lpp_source} brings {KERNEL} {newest}; {kernel.level} is installed."
    state = FindingState.WARNING if ahead == here else FindingState.BLOCKER
    return Outcome(state, message, (*evidence, listed(subject, (kernel,))))


def _number(subject: Subject, level: str) -> tuple[int, int, int, int]:
    try:
        return vrmf(level)
    except ValueError as error:
        raise FactMissing(KERNEL, "", None, f"{subject.media}: {error}") from error


def _compared(level: Level, target: Level) -> tuple[FindingState, str]:
    """By release, technology level and service pack first; the week decides between equal ones only."""
    if not level.same_release(target):
        message = f"{target} is another release than {level}; Live Update does not migrate."
        return FindingState.BLOCKER, message
    if level.matches(target):
        return FindingState.BLOCKER, f"AIX is at {level} already: nothing to install."
    if target < level:
        return FindingState.BLOCKER, f"{target} is older than the installed {level}."
    if UNSPECIFIED < target.week < level.week:
        message = f"{target} was built before the installed {level}: installp refuses older builds."
        return FindingState.WARNING, message
    return FindingState.OK, f"The update leads from {level} to {target}."


CHECK = Check(
    id="RQ-017",
    title="The level asked for is newer than the installed one",
    why="Installed filesets are committed: there is no way back to an older level by an update.",
    remedy="Choose a source with a newer level of the same AIX release; its name need not say what it holds.",
    see="oslevel -s prints an older level of the same release than the one asked for; nim -o showres lists "
    "a newer bos.mp64 than lslpp -Lqc bos.mp64",
    severity=Severity.BLOCKER,
    varies="A warning where the technology level rises but its build is older (year and week), and where the "
    "media bring the very kernel that is installed.",
    test=_test,
    source="Practice of AIX administration",
    recalled=True,
)
