"""RQ-048: the system firmware is at a level that knows Live Update."""

from inventory.facts.aix.firmware import FIRMWARE, Firmware
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted

POWER7 = "A"
NEEDED = {730: 66, 740: 43, 770: 63, 773: 56, 780: 56}
"""The service pack that each release of POWER7 needs; newer generations begin above all of them."""
OLDER_GENERATIONS = "E"


def _test(subject: Subject) -> Outcome:
    found = subject.value(FIRMWARE)
    evidence = (quoted(subject, FIRMWARE),)
    needed = _needed(found)
    if needed is None:
        return Outcome(FindingState.OK, f"The system firmware is {found.image}.", evidence)
    message = f"The system firmware is {found.image}; as recalled, Live Update needs {needed}."
    return Outcome(FindingState.WARNING, message, evidence)


def _needed(found: Firmware) -> str | None:
    """What a firmware that is too old should be; None for one that is not."""
    if found.family[0] == OLDER_GENERATIONS:
        return "a server of POWER7 or newer"
    if found.family[0] != POWER7 or found.release > max(NEEDED):
        return None
    minimum = NEEDED.get(found.release)
    if minimum is None:
        return "one of the releases " + ", ".join(str(release) for release in NEEDED)
    return None if found.service_pack >= minimum else f"{found.family}{found.release}_{minimum:03d}"


CHECK = Check(
    id="RQ-048",
    title="Level of the system firmware",
    why="The hypervisor moves adapters and memory between original and surrogate; old ones cannot.",
    remedy="Update the system firmware.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-048",
    see="On the LPAR: lsmcode -c shows Ax730_066, Ax740_043, Ax770_063, Ax773_056, Ax780_056 or newer; "
    "POWER8 and later always do.",
    recalled=True,
)
