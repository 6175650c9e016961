"""What explains a failed Live Update, brought home before anything else is tried (handbook 5.12 C1, C2)."""

from dataclasses import replace

from inventory.command import Command, aix, hmc
from inventory.facts.aix.liveupdate_cf import PATH as CONFIGURATION
from liveupdate.procedures import words
from liveupdate.procedures.draft import Draft, look, once
from liveupdate.procedures.step import Expect, Fetch, OnFailure, Phase, Step, StepHost

DIRECTORY = "/var/adm/ras/liveupdate"
ARCHIVE = "/var/tmp/liveupdate_logs.tar"  # noqa: S108 - an archive of logs, readable by root alone as they are
KEEP_CONFIGURATION = (
    f"test ! -f {CONFIGURATION} || cp -p {CONFIGURATION} {CONFIGURATION}.$(date +%Y%m%d%H%M%S)"
)
"""liveupdate.cf of an older attempt is what `clvupdate -f` wants after a second one."""
ERRORS = "errpt -a -s $(errpt -j 9A74C7AB | awk 'NR == 2 { print $2 }')"
"""Every entry of the error log since the newest Live Update began."""
LOGS = (
    ("lvupdlog", f"{DIRECTORY}/logs/lvupdlog"),
    ("liveupdate.cf", CONFIGURATION),
    ("lvupdate.data", f"{DIRECTORY}/lvupdate.data"),
    ("install_all_updates.log", "/var/adm/ras/install_all_updates.log"),
    ("emgr.log", "/var/adm/ras/emgr.log"),
    ("alt_disk_inst.log", "/var/adm/ras/alt_disk_inst.log"),
)
MAYBE = Expect(statuses=(0, 1, 2))
"""Of a file that the failure may have come before."""
SNAP_DEADLINE_S = 3600


def failure_evidence(draft: Draft) -> None:
    """What a plan collects by itself when its Live Update has failed, before it restores anything."""
    draft.explain(*collected(draft))


def collected(draft: Draft) -> tuple[Step, ...]:
    """The steps; each goes on when it fails, and none changes anything but for adding files of its own."""
    steps = (*_probes(draft), *_logs(), *_files())
    return tuple(replace(step, on_failure=OnFailure.CONTINUE) for step in steps)


def _probes(draft: Draft) -> tuple[Step, ...]:
    """Handbook 1.4: who runs the workload, what the disks and the kernel are, what is still at work."""
    system = words.system_name(draft.subject.managed_system)
    return (
        _probe("processes", "Record the processes", "Is Live Update still at work?", aix("ps", "-ef")),
        _probe("partition", "Record the partition", "Its id tells which of two it is.", aix("uname", "-L")),
        _probe("boot", "Record the kernel's start", "A restart since then matters.", aix("who", "-b")),
        _probe("level", "Record the level of the disk", "It may be the new one.", aix("oslevel", "-s")),
        _probe("kernel", "Record the kernel", "It may be the old one.", aix("cat", "/proc/version")),
        _probe("disks", "Record the disks", "Clone and mirror may be left.", aix("lspv")),
        _probe("rootvg", "Record rootvg's disks", "The mirror may be left.", aix("lsvg", "-p", "rootvg")),
        _probe("volumes", "Record rootvg's volumes", "So may its copies.", aix("lsvg", "-l", "rootvg")),
        _probe("session", "Record the sessions with HMCs", "A cleanup needs one.", aix("hmcauth", "-l")),
        _probe(
            "partitions",
            "Record what the HMC shows",
            "Original and surrogate may both be there.",
            hmc("lssyscfg", "-r", "lpar", "-m", system, "-F", "name,lpar_id,state,rmc_state"),
            StepHost.HMC,
        ),
        _probe(
            "connections",
            "Record the HMC's connections",
            "RMC tells which partition answers.",
            hmc("lspartition", "-dlpar"),
            StepHost.HMC,
        ),
    )  # fmt: skip


def _probe(name: str, title: str, why: str, command: Command, host: StepHost = StepHost.LPAR) -> Step:
    return look(
        f"evidence_{name}", Phase.COLLECT, title, why, command, host=host, expect=MAYBE, deadline_s=600
    )


def _logs() -> tuple[Step, ...]:
    return (
        once(
            "evidence_configuration_kept",
            Phase.COLLECT,
            "Keep a copy of liveupdate.cf beside it",
            "A second attempt would write it anew, and clvupdate needs that of the attempt to clean up.",
            aix("sh", "-c", KEEP_CONFIGURATION),
        ),
        look(
            "evidence_errors",
            Phase.COLLECT,
            "Record the error log since the Live Update began",
            "The first error of the time is often the cause.",
            aix("sh", "-c", ERRORS),
            expect=MAYBE,
        ),
        look(
            "evidence_room",
            Phase.COLLECT,
            "Prove that /tmp has 200 MB to spare",
            "snap collects there.",
            aix("df", "-m", "/tmp"),  # noqa: S108 - of the LPAR
            expect=Expect(has=(r"^\S+\s+[\d.]+\s+(?:[2-9]\d{2}|\d{4,})(?:\.\d+)?\s.*\s/tmp\s*$",)),
        ),
        once(
            "evidence_snap",
            Phase.COLLECT,
            "Collect the Live Update's data for IBM",
            "It stays below /tmp/ibmsupt. snap looks for room by itself.",
            aix("snap", "-U"),
            deadline_s=SNAP_DEADLINE_S,
        ),
        once(
            "evidence_archive",
            Phase.COLLECT,
            "Put everything below the Live Update's directory into one archive",
            "It holds the logs of earlier attempts too.",
            aix("tar", "-cvf", ARCHIVE, DIRECTORY),
            deadline_s=600,
        ),
    )


def _files() -> tuple[Step, ...]:
    whole = fetched("archive", "liveupdate_logs.tar", ARCHIVE, Expect())
    return (*(fetched(name, name, path, MAYBE) for name, path in LOGS), whole)


def fetched(step: str, name: str, path: str, expect: Expect) -> Step:
    """The step that brings a file home as evidence."""
    title, why = f"Bring {name} home", f"{path}, as evidence with its digest."
    plain = step.replace(".", "_")
    seen = look(
        f"fetched_{plain}", Phase.COLLECT, title, why, aix("cat", path), expect=expect, deadline_s=600
    )
    return replace(seen, action=Fetch(path, name))
