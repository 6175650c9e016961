"""Interim fixes to be installed: which packages, what they say of themselves, and the proofs of it."""

from collections.abc import Iterator

from inventory.command import aix
from liveupdate.lpar.ifix_packages import NamedIfix, named_ifixes, obstacles, sharing
from liveupdate.procedures import verification, words
from liveupdate.procedures.draft import Draft, look
from liveupdate.procedures.step import Expect, OnFailure, Phase, Step, StepHost

SUCCEEDED = r"Return Status\s*[=:]\s*SUCCESS"
FAILED = r"Return Status\s*[=:]\s*FAIL"
"""What `emgr` did not do, whatever its exit status says (F41)."""
LOCKED = r"installed efix \S+ is locking \S+ preventing the installation"
"""Two interim fixes want one file (F54)."""
LOG = "/var/adm/ras/emgr.log"
LOG_LINES = "40"


def level(draft: Draft) -> None:
    """Interim fixes leave the level as it is; RQ-001 and RQ-002 say where Live Update installs them."""
    verification.present_level(draft)
    draft.add(
        look(
            "ifixes_before",
            Phase.CHECK,
            "Record the interim fixes that are installed",
            "What is there afterwards is compared with it by people.",
            aix("emgr", "-l"),
            expect=Expect(statuses=(0, 1)),
        ),
    )


def packages(draft: Draft) -> None:
    """Handbook 5.7 I2 to I4: what the packages say of themselves must suit this LPAR."""
    named = named_ifixes(draft.subject)
    if not named:
        draft.refuse("The request names no package of an interim fix.")
        return
    for reason in obstacles(draft.subject, named):
        draft.refuse(reason)
    draft.warnings.extend(
        f"{shared} emgr installs both unless they replace the same file."
        for shared in sharing(draft.subject, named)
    )
    draft.parameters["ifixes"] = {words.ifix_label(ifix.label): words.ifix_file(ifix.file) for ifix in named}
    draft.parameters["kernel_ifix"] = next((ifix.label for ifix in named if ifix.brings_kernel), "")


def live_update_capable(draft: Draft) -> None:
    """RQ-013, and whether a Live Update is needed at all (handbook 5.7 I3)."""
    named = named_ifixes(draft.subject)
    described = [ifix.package for ifix in named if ifix.package is not None]
    for package in described:
        if not package.lu_capable:
            draft.refuse(f"Live Update cannot apply {package.label}: its package says LU CAPABLE: no.")
    if described and len(described) == len(named) and all(one.reboot_required is False for one in described):
        draft.warnings.append(
            "None of these interim fixes asks for a restart: they can be installed without a Live Update."
        )


def without_restart(draft: Draft) -> None:
    """Handbook 5.7 I3: without Live Update only what is active at once."""
    for ifix in named_ifixes(draft.subject):
        if ifix.package is None:
            draft.refuse(
                f"Whether {ifix.label} asks for a restart is not known: {draft.subject.media} cannot be read "
                "before it is mounted. Name a directory of the LPAR or of its NIM master."
            )
        elif ifix.package.reboot_required is not False:
            draft.refuse(
                f"{ifix.label} becomes active by a restart (REBOOT REQUIRED: yes): install it by Live Update."
            )


def capable_on_lpar(draft: Draft) -> None:
    """Handbook 5.7 I2 once more where the packages lie now, and emgr's own preview of each."""
    for ifix, path in _on_lpar(draft):
        draft.add(capable(ifix, path, StepHost.LPAR), _fits(ifix, path))


def restart_free_on_lpar(draft: Draft) -> None:
    """Handbook 5.7 I3 once more where the packages lie now, and emgr's own preview of each."""
    says = r"(?i)^\s*REBOOT REQUIRED:\s*no\s*$"
    for ifix, path in _on_lpar(draft):
        draft.add(_described(ifix, path, StepHost.LPAR, "which asks for no restart", says), _fits(ifix, path))


def capable(ifix: NamedIfix, path: str, host: StepHost) -> Step:
    """A step that lets the package at `path` say that it is this interim fix, made for Live Update."""
    return _described(ifix, path, host, "made for Live Update", r"(?i)^\s*LU CAPABLE:\s*yes\s*$")


def _described(ifix: NamedIfix, path: str, host: StepHost, what: str, says: str) -> Step:
    return look(
        f"ifix_{ifix.label}_described",
        Phase.MEDIA,
        f"Prove that {ifix.file} is the interim fix {ifix.label}, {what}",
        "A file's name proves nothing; the package itself says it.",
        aix("emgr", "-d", "-e", path, "-v2"),
        expect=Expect(has=(rf"^\s*LABEL:\s*{ifix.label}\s*$", says)),
        host=host,
    )


def _fits(ifix: NamedIfix, path: str) -> Step:
    return look(
        f"ifix_{ifix.label}_fits",
        Phase.MEDIA,
        f"Let emgr preview the installation of {ifix.label}",
        "It looks at prerequisites and at files that other interim fixes hold; it changes nothing.",
        aix("emgr", "-e", path, "-p"),
        expect=Expect(has=(SUCCEEDED,), lacks=(FAILED, LOCKED)),
        deadline_s=900,
    )


def _on_lpar(draft: Draft) -> Iterator[tuple[NamedIfix, str]]:
    """The packages with their paths, none where the media themselves are refused."""
    if "directory" in draft.parameters:
        for ifix in named_ifixes(draft.subject):
            yield ifix, path_on_lpar(draft, ifix)


def path_on_lpar(draft: Draft, ifix: NamedIfix) -> str:
    """Where the package lies on the LPAR: below the media's directory, as deep as on the server."""
    root = words.media(draft.subject.media).directory.rstrip("/")
    below = draft.subject.package_paths.get(ifix.file, f"{root}/{ifix.file}").removeprefix(f"{root}/")
    return words.directory(f"{draft.parameters['directory'].rstrip('/')}/{below}")


def installed(draft: Draft) -> None:
    """Handbook 5.7 I9: each is there and stable, the level is the same, a kernel of theirs runs."""
    labels = list(draft.parameters["ifixes"])
    before, kernel = draft.parameters["level_before"], draft.parameters["kernel_ifix"]
    tag = (rf"^{kernel}(?:\s|$)",) if kernel else ()
    draft.add(
        look(
            "ifixes_installed",
            Phase.VERIFY,
            f"Prove that {', '.join(labels)} is installed and stable",
            "Exit statuses of emgr prove nothing; Q would mean: installed, not active.",
            aix("emgr", "-l"),
            expect=Expect(has=tuple(rf"^\s*\d+\s+S[PN]?\s+{label}\s" for label in labels)),
        ),
        verification.at_level(
            "level_after",
            Phase.VERIFY,
            before,
            f"Prove that the level is {before} still",
            "Interim fixes replace single files.",
        ),
        look(
            "kernel_after",
            Phase.VERIFY,
            f"Prove that the kernel of {kernel} runs" if kernel else "Record the kernel that runs",
            "Its tag is the label of the interim fix that brought it, else that of the level.",
            aix("cat", "/proc/version"),
            expect=Expect(has=("_kdb_buildinfo", *tag)),
        ),
        look(
            "emgr_log_after",
            Phase.VERIFY,
            "Read the end of emgr's log",
            "A failure stands there even when the exit status was 0.",
            aix("tail", "-n", LOG_LINES, LOG),
            expect=Expect(lacks=(FAILED,)),
            on_failure=OnFailure.CONTINUE,
        ),
    )


def left_after_failure(draft: Draft) -> None:
    """Which interim fixes are there after a failed Live Update; emgr's log comes home as all logs do."""
    draft.explain(
        look(
            "ifixes_left",
            Phase.COLLECT,
            "Record the interim fixes that are installed",
            "A Live Update that failed leaves them as they were.",
            aix("emgr", "-l"),
            expect=Expect(statuses=(0, 1)),
            on_failure=OnFailure.CONTINUE,
        )
    )
