"""RQ-047: the HMC is at a version that knows Live Update."""

import re

from inventory.facts.hmc.hmc_version import HMC_VERSION, HmcVersion
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted

NEEDED = (8, 4, 0, 1)
NEEDED_TEXT = "V8R8.4.0 SP1"


def _test(subject: Subject) -> Outcome:
    found = subject.value(HMC_VERSION)
    pack = f" SP{found.service_pack}" if found.service_pack else ""
    name = f"{subject.hmc} runs {found.base_version or found.release}{pack}"
    evidence = (quoted(subject, HMC_VERSION),)
    if _key(found) >= NEEDED:
        return Outcome(FindingState.OK, f"{name}.", evidence)
    message = f"{name}, older than {NEEDED_TEXT}, the version recalled as the first that knows Live Update."
    return Outcome(FindingState.WARNING, message, evidence)


def _key(found: HmcVersion) -> tuple[int, ...]:
    """Version, release without a repeated version (`8.8.4.0`), service pack, as numbers."""
    version = int(found.version)
    release = [int(part) for part in found.release.split(".") if part]
    if release[:1] == [version]:
        del release[0]
    minor, fix = ([*release, 0, 0])[:2]
    pack = re.match(r"[0-9]+", found.service_pack)
    return version, minor, fix, int(pack[0]) if pack else 0


CHECK = Check(
    id="RQ-047",
    title="Version of the HMC",
    why="Older HMCs do not know the role and the requests of Live Update.",
    remedy="Update the HMC.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-047",
    see=f"On the HMC: lshmc -V shows {NEEDED_TEXT} or newer.",
    recalled=True,
)
