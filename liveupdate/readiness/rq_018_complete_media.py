"""RQ-018: the media must be complete, with a table of contents."""

from collections.abc import Collection

from liveupdate.lpar.subject import MediaContents, Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity

OF_EVERY_SERVICE_PACK = frozenset({"bos.mp64", "bos.rte.install"})


def _test(subject: Subject) -> Outcome:
    """What the NIM master's lpp_source holds can be told before it is mounted; other media cannot."""
    chosen = subject.choice("lpp_source")
    if not subject.media and not chosen:
        return Outcome(FindingState.NOT_APPLICABLE, "No media are named yet.")
    if subject.installs_ifixes_only:
        message = "Packages of interim fixes are read one by one (RQ-013); they need no table of contents."
        return Outcome(FindingState.NOT_APPLICABLE, message)
    contents = subject.media_contents
    if contents is None:
        message = f"{chosen or subject.media} is no lpp_source that the portal knows: its plan looks for the"
        return Outcome(FindingState.NOT_APPLICABLE, f"{message} table of contents before the preview.")
    if contents.packages is None or contents.has_toc is None:
        message = f"What lpp_source {contents.lpp_source} holds could not be read: {contents.problem}"
        return Outcome(FindingState.UNKNOWN, message)
    return _judged(contents, contents.packages)


def _judged(contents: MediaContents, packages: Collection[str]) -> Outcome:
    source = f"lpp_source {contents.lpp_source} (read {contents.read_at})"
    said = f"nim -o showres {contents.lpp_source}"
    evidence = (Evidence(contents.master, said, (f"{len(packages)} packages",)),)
    if not contents.has_toc:
        return Outcome(FindingState.BLOCKER, f"{source} has no table of contents (.toc).", evidence)
    if not packages:
        return Outcome(FindingState.BLOCKER, f"{source} holds no package.", evidence)
    missing = sorted(OF_EVERY_SERVICE_PACK.difference(packages))
    if missing:
        message = f"{source} lacks {', '.join(missing)}, which every service pack brings."
        return Outcome(FindingState.WARNING, message, evidence)
    return Outcome(FindingState.OK, f"{source} holds {len(packages)} packages.", evidence)


CHECK = Check(
    id="RQ-018",
    title="The media are complete",
    why="Without its table of contents nothing can be installed from a directory; with images missing the "
    "update stops at their requisites.",
    remedy="Write the table of contents anew (inutoc DIRECTORY, or nim -o check LPP_SOURCE), and copy the "
    "missing images into the directory.",
    see="ls DIRECTORY/.toc finds the file, and installp -L -d DIRECTORY lists the filesets of the level",
    severity=Severity.BLOCKER,
    varies="A warning where the images of a whole service pack are not all there.",
    test=_test,
    source="AIX administration: inutoc, lpp_source",
)
