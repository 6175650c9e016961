"""Preparation: software, file systems and devices that stand in the way of a Live Update."""

import re
from dataclasses import replace

from inventory.command import aix
from inventory.facts.aix.cdroms import CDROMS
from inventory.facts.aix.emgr_list import EMGR_LIST
from inventory.facts.aix.emgr_packages import EMGR_PACKAGES
from inventory.facts.aix.lslpp import LSLPP
from inventory.facts.aix.lssrc import LSSRC
from inventory.facts.aix.mount import Mount
from inventory.facts.aix.wpars import WPARS
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.mounts import unsupported_mounts
from liveupdate.procedures import words
from liveupdate.procedures.draft import ANY_WAY, Draft, change, look, once, restore_once, restored
from liveupdate.procedures.step import Expect, Phase, Run, Step

FORBIDDEN_FILESETS = {"cas.agent": "RQ-008", "security.pkcs11": "RQ-009", "bos.mls": "RQ-010"}
OF_EVERY_AIX = frozenset({"bos.mls.lib"})
INSTALLP_DEADLINE_S = 3600
PFC_DAEMON = "pfcdaemon"
PFC_DAEMON_S = 300
COMMITTED = Expect(statuses=(0, 1), has=(r"\bCOMMIT\s+SUCCESS\b|0503-439",), lacks=(r"\bCOMMIT\s+FAILED\b",))
"""What `installp -c ALL` says when everything is committed, now or before."""


def workload_partitions(draft: Draft) -> None:
    """Handbook 5.1 row 10 (RQ-160)."""
    active = [words.subsystem(wpar.name) for wpar in draft.subject.value(WPARS) if wpar.state == "A"]
    if not active or not draft.may(Consent.STOP_WPARS, f"Workload partitions run: {', '.join(active)}."):
        return
    states = aix("lswpar", "-c", "-q", "-a", "name,state")
    for name in active:
        draft.add(
            once(
                f"wpar_{name}_stopped",
                Phase.PREPARE,
                f"Stop the workload partition {name}",
                "Live Update does not move active workload partitions.",
                aix("stopwpar", "-F", name),
                deadline_s=900,
                cures=("RQ-160",),
            ),
            look(
                f"wpar_{name}_is_stopped",
                Phase.PREPARE,
                f"Prove that the workload partition {name} is stopped",
                "The preview would fail with 1430-254.",
                states,
                expect=Expect(has=(rf"^{re.escape(name)}:D\b",)),
            ),
        )
        draft.undo(
            restore_once(
                f"wpar_{name}_started",
                f"wpar_{name}_stopped",
                f"Start the workload partition {name}",
                "It ran before.",
                aix("startwpar", name),
                deadline_s=900,
                expect=ANY_WAY,
            ),
            restored(
                f"wpar_{name}_is_back",
                f"wpar_{name}_stopped",
                f"Prove that the workload partition {name} runs",
                "Whoever uses it expects it.",
                states,
                expect=Expect(has=(rf"^{re.escape(name)}:A\b",)),
            ),
        )


def interim_fixes(draft: Draft) -> None:
    """Handbook 5.1 row 11 (RQ-012): each that locks a fileset once, the one installed last first.

    One that locks nothing hinders no update and stays, for there is no way back from a removal.
    """
    locking = {words.ifix_label(locked.label) for locked in draft.subject.value(EMGR_PACKAGES)}
    if not locking:
        return
    installed = {ifix.label: ifix.id for ifix in draft.subject.value(EMGR_LIST)}
    unlisted = sorted(locking - installed.keys())
    if unlisted:
        draft.refuse(f"emgr -P names interim fixes that emgr -l does not: {', '.join(unlisted)}.")
        return
    labels = sorted(locking, key=lambda label: installed[label], reverse=True)
    if not draft.may(Consent.REMOVE_IFIXES, f"Interim fixes lock filesets: {', '.join(labels)}."):
        return
    for label in labels:
        step = ifix_removed(label, Phase.PREPARE, "It locks filesets that the update replaces.")
        draft.add(replace(step, cures=("RQ-012",)))
    draft.add(
        look(
            "no_ifix_left",
            Phase.PREPARE,
            "Prove that no interim fix locks a fileset",
            "emgr's exit status alone proves nothing.",
            aix("emgr", "-P"),
            expect=Expect(
                statuses=(0, 1),
                has=(r"There is no efix data on this system\.|^PACKAGE\s+INSTALLER\s+LABEL",),
                lacks=(r"^(?!PACKAGE\b|=)\S+\s+\S+\s+\S+\s*$",),
            ),
        )
    )
    draft.parameters["interim_fixes_removed"] = labels
    draft.warnings.append(
        f"Interim fixes are removed for good: {', '.join(labels)}. Decide after the update whether the new "
        "level still needs them, and do not restart the LPAR before."
    )


def ifix_removed(label: str, phase: Phase, why: str) -> Step:
    """A step that removes an interim fix; what emgr prints decides, not its exit status (F41)."""
    return once(
        f"ifix_{label}_removed",
        phase,
        f"Remove the interim fix {label}",
        why,
        aix("emgr", "-r", "-L", label),
        expect=Expect(has=(r"Return Status\s*[=:]\s*SUCCESS",), lacks=(r"Return Status\s*[=:]\s*FAIL",)),
        deadline_s=1800,
        reversible=False,
    )


def forbidden_filesets(draft: Draft) -> None:
    """Handbook 5.1 row 12 (RQ-008 to RQ-010)."""
    installed = [each.name for each in draft.subject.value(LSLPP) if each.name not in OF_EVERY_AIX]
    found, cured = [], []
    for prefix, check in FORBIDDEN_FILESETS.items():
        names = [name for name in installed if name == prefix or name.startswith(f"{prefix}.")]
        found += [words.fileset(name) for name in names]
        cured += [check] if names else []
    names_found = sorted(dict.fromkeys(found))
    if not found or not draft.may(
        Consent.REMOVE_FILESETS, f"Live Update forbids filesets that are installed: {', '.join(names_found)}."
    ):
        return
    draft.add(
        once(
            "forbidden_filesets_removed",
            Phase.PREPARE,
            f"Remove {len(names_found)} forbidden filesets",
            f"Live Update forbids {', '.join(names_found)}.",
            aix("installp", "-ugw", *names_found),
            expect=Expect(has=(r"\bDEINSTALL\s+SUCCESS\b",), lacks=(r"\bDEINSTALL\s+FAILED\b",)),
            deadline_s=INSTALLP_DEADLINE_S,
            cures=tuple(cured),
            reversible=False,
        )
    )
    draft.warnings.append(f"Filesets are removed for good: {', '.join(names_found)}.")


def file_systems(draft: Draft) -> None:
    """Handbook 5.1 row 13 (RQ-115, RQ-116): unmounted, and mounted again with the same options."""
    mounts = unsupported_mounts(draft.subject)
    named = ", ".join(f"{each.mount_point} ({each.vfs})" for each in mounts)
    if not mounts or not draft.may(
        Consent.UNMOUNT_FILE_SYSTEMS, f"File systems of unsupported types are mounted: {named}."
    ):
        return
    for number, each in enumerate(mounts, start=1):
        _unmounted(draft, each, f"file_system_{number}")


def _unmounted(draft: Draft, each: Mount, step: str) -> None:
    point, kind = words.directory(each.mount_point), words.subsystem(each.vfs)
    draft.add(
        once(
            f"{step}_unmounted",
            Phase.PREPARE,
            f"Unmount {point}",
            f"Live Update does not carry {kind} over (1430-244).",
            aix("umount", point),
            cures=("RQ-116",) if kind == "ahafs" else ("RQ-115",),
        )
    )
    draft.undo(
        restore_once(
            f"{step}_mounted",
            f"{step}_unmounted",
            f"Mount {point} again",
            "It was mounted before.",
            aix("mount", *_mount_words(each)),
            expect=ANY_WAY,
        ),
        restored(
            f"{step}_is_back",
            f"{step}_unmounted",
            f"Prove that {point} is mounted as it was",
            "Whoever uses it expects it.",
            aix("mount"),
            expect=Expect(has=(rf"\s{re.escape(point)}\s+{kind}\s{_options_as_before(each)}",)),
        ),
    )


def _options_as_before(each: Mount) -> str:
    """A pattern for the rest of mount's line that has every option, in whatever order."""
    options = words.mount_options(each.options).split(",") if each.options else []
    return "".join(rf"(?=.*[\s,]{re.escape(option)}(?:[,\s]|$))" for option in options)


def _mount_words(each: Mount) -> tuple[str, ...]:
    if each.vfs == "ahafs":
        return ("-v", "ahafs", "/aha", "/aha")
    device = words.directory(each.device)
    options = ("-o", words.mount_options(each.options)) if each.options else ()
    node = ("-n", words.host_address(each.node)) if each.node else ()
    return ("-v", each.vfs, *node, *options, device, each.mount_point)


def optical_devices(draft: Draft) -> None:
    """RQ-112."""
    names = [words.device(device.name) for device in draft.subject.value(CDROMS)]
    if not names or not draft.may(
        Consent.REMOVE_OPTICAL_DEVICES, f"Optical devices are configured: {', '.join(names)}."
    ):
        return
    for name in names:
        draft.add(
            once(
                f"{name}_removed",
                Phase.PREPARE,
                f"Remove the optical device {name}",
                "Live Update does not carry it over.",
                aix("rmdev", "-dl", name),
                expect=Expect(has=(f"{name} deleted",)),
                cures=("RQ-112",),
                reversible=False,
            )
        )
    draft.warnings.append(f"{', '.join(names)} stays away until its mapping is seen by cfgmgr again.")


def applied_filesets(draft: Draft) -> None:
    """Handbook 5.1 row 14 (RQ-016)."""
    applied = sorted(fileset.name for fileset in draft.subject.value(LSLPP) if fileset.state == "A")
    if not applied or not draft.may(
        Consent.COMMIT_FILESETS, f"{len(applied)} filesets are applied, not committed."
    ):
        return
    draft.add(
        once(
            "filesets_committed",
            Phase.PREPARE,
            f"Commit {len(applied)} applied filesets",
            "Live Update commits what it installs; what was only applied before could not be told from it.",
            aix("installp", "-c", "ALL"),
            expect=COMMITTED,
            deadline_s=INSTALLP_DEADLINE_S,
            cures=("RQ-016",),
            reversible=False,
        )
    )
    draft.warnings.append(
        f"Filesets that are only applied ({len(applied)}) are committed and cannot be rejected any more."
    )


def pfc_daemon(draft: Draft) -> None:
    """Handbook 5.1 row 18 (P3): its notification script vetoes the update while it is down."""
    if any(each.name == PFC_DAEMON and each.status == "inoperative" for each in draft.subject.value(LSSRC)):
        draft.add(*daemon_started("pfc_daemon", Phase.PREPARE))


def daemon_started(step: str, phase: Phase) -> tuple[Step, Step]:
    """pfcdaemon is started unless it runs, and waited for."""
    return (
        change(
            f"{step}_started",
            phase,
            f"Start {PFC_DAEMON}",
            "Its notification script vetoes the update while it is down.",
            Run(aix("startsrc", "-s", PFC_DAEMON)),
            expect=Expect(statuses=(0, 1), has=("0513-059|0513-029",)),
            cures=("RQ-022",),
        ),
        look(
            f"{step}_runs",
            phase,
            f"Wait until {PFC_DAEMON} is active",
            "After an update it takes up to five minutes.",
            aix("lssrc", "-s", PFC_DAEMON),
            expect=Expect(has=(rf"^\s*{PFC_DAEMON}\s.*\sactive\b",)),
            patience_s=PFC_DAEMON_S,
        ),
    )


def room(draft: Draft) -> None:
    """Handbook 5.1 row 19 (RQ-117): the minimum of 100 MB is asked for; 500 MB are recommended."""
    free = r"^\S+\s+\S+\s+[1-9]\d{2,}(?:\.\d+)?\s.*\s"
    draft.add(
        look(
            "room",
            Phase.CHECK,
            "Prove that / and /var have 100 MB free",
            "Live Update writes its logs and state there.",
            aix("df", "-m"),
            expect=Expect(has=(rf"{free}/\s*$", rf"{free}/var\s*$")),
        )
    )
