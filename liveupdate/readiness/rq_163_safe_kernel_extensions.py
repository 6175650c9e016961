"""RQ-163: kernel extensions that did not come with AIX should be declared safe for Live Update."""

from inventory.facts.aix.kernel_extensions import KERNEL_EXTENSIONS, OF_AIX
from inventory.facts.aix.safe_extensions import SAFE_EXTENSIONS
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where, quoted


def _test(subject: Subject) -> Outcome:
    """AIX's own extensions carry the safe flag; whether another does, only the preview sees."""
    safe = subject.value(SAFE_EXTENSIONS)
    loaded = [path for path in subject.value(KERNEL_EXTENSIONS) if not OF_AIX.fullmatch(path)]
    doubtful = [path for path in loaded if path not in safe]
    if not doubtful:
        evidence = (quoted(subject, KERNEL_EXTENSIONS), quoted(subject, SAFE_EXTENSIONS))
        return Outcome(FindingState.OK, "Every loaded kernel extension is AIX's or declared safe.", evidence)
    evidence = (
        lines_where(subject, KERNEL_EXTENSIONS, keep=lambda line: line.split()[-1] in doubtful),
        quoted(subject, SAFE_EXTENSIONS),
    )
    message = (
        f"Kernel extensions are loaded that nobody declared safe: {', '.join(doubtful)}. The preview decides."
    )
    return Outcome(FindingState.WARNING, message, evidence)


CHECK = Check(
    id="RQ-163",
    title="Kernel extensions are safe for Live Update",
    why="Live Update does not carry the data of a kernel extension over; it stops at one that is not known "
    "to be safe, unless kext_check = no stands in lvupdate.data.",
    remedy="With a statement of the vendor: lvupdateSafeKE -a PATH. Or unload the extension for the update.",
    see="genkex shows no extension from outside AIX that lvupdateSafeKE -l does not list",
    varies="Never more than a warning here: an extension can carry the safe flag itself, which only the "
    "preview sees. Nothing is tested with kext_check = no.",
    severity=Severity.BLOCKER,
    test=_test,
    source="IBM: lvupdateSafeKE command",
)
