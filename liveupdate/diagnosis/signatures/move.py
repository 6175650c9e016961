"""Failures while the workload moves, in or around the blackout."""

from liveupdate.diagnosis.base import Next, Rank, Signature

MANAGEMENT_CONSOLE = (
    r"HSCL350B|OperationError::OP_PARAM_ERROR|No valid management console to execute the request"
    r"|Encountered an error related to the management console"
)
ENDED = (
    r"The live update operation succeeded\.|Live AIX update completed|1430-045\b"
    r"|The live update will not proceed because of an install failure"
)

SIGNATURES = (
    Signature(
        id="P1",
        title="A process holds a file below /proc open",
        pattern=r"(?P<pid>\d+)/\d+\s+DENY Blocking entry:\s*procfs open(?:,\s*count:\s*(?P<count>\d+))?",
        cause="The kernel refused to freeze the partition because this process (truss, dbx or a "
        "monitoring agent such as nmon, topas, lpar2rrd or zabbix) reads /proc. The workload went on "
        "running on the original.",
        remedy="Find the process with `ps -p PID -o pid,args`, stop it or its subsystem, and run the "
        "update again.",
        next=Next.RETRY,
        covers=("F30", "F32"),
    ),
    Signature(
        id="P6",
        title="The running kernel cannot release shared libraries of non-root users",
        pattern=r"1020-007 System call (?:mcrk_sys_spl_getfd error \(50\)"
        r"|MCR_GET_SHLIB_ASYNCINFO error \(52\))",
        details=(r"mcr: cke_errno 52 .* cke_buf (?P<library>\S+)",),
        cause="A defect of the kernel that runs now; its fix is in the level that was to be activated. "
        "Known at 7200-04-00 to 7200-04-02 (IJ29492) and 7200-05-00 to 7200-05-01 (IJ30267).",
        remedy="Stop the workload of non-root users and run again, or restart the LPAR in a window of "
        "its own: the update is installed, a restart activates it.",
        unless=MANAGEMENT_CONSOLE,
        covers=("F31",),
    ),
    Signature(
        id="P8",
        title="The LPAR lost its HMC",
        pattern=r"1020-154 Resource /old/dev/nvram is not checkpointable",
        details=(r"\(pid: (?P<pid>\d+)\) \(name: (?P<name>\S+)\)",),
        cause="The message about nvram misleads: the connection to the management console is broken, or "
        "the HMC's user may not ask for what Live Update needs.",
        remedy="Check `rmcdomainstatus -s ctrmc` on the LPAR and `lspartition -dlpar` on the HMC, and the "
        "role of the HMC's user. Rebuilding RMC (rmcctrl -z, uncfgct -n, recfgct, rmcctrl -p) needs a "
        "person's word and is forbidden with PowerHA, CAA or a peer domain.",
        needs=MANAGEMENT_CONSOLE,
        covers=("F29",),
    ),
    Signature(
        id="F02",
        title="Failed while moving the workload",
        pattern=r"1430-030 An error occurred while moving the workload",
        cause="The move or the blackout failed; the workload stays on the original.",
        remedy="The earliest ERROR or DENY line of lvupdlog names the cause.",
        rank=Rank.ENVELOPE,
    ),
    Signature(
        id="F29",
        title="A process holds a device that cannot be moved",
        pattern=r"1020-154 Resource (?P<resource>\S+) is not checkpointable"
        r"(?: \(pid: (?P<pid>\d+)\))?(?: \(name: (?P<name>\S+)\))?",
        cause="The named process has a device open that cannot be carried over to the surrogate.",
        remedy="Stop the process for the update. With /old/dev/nvram look for HSCL or RPP errors in "
        "lvupdlog first.",
    ),
    Signature(
        id="F30",
        title="The kernel vetoed the freeze",
        pattern=r"(?P<pid>\d+)/\d+\s+DENY Blocking entry:\s*(?P<what>[^,\n]+)",
        cause="A process does something that cannot be frozen at this moment.",
        remedy="Find the process with `ps -p PID -o pid,args` and end what it does.",
    ),
    Signature(
        id="F31",
        title="A checkpoint call failed",
        pattern=r"1020-007 System call (?P<call>\S+) error \((?P<error>\d+)\)",
        cause="The checkpoint of a process failed in the kernel.",
        remedy="Keep the logs (`snap -U`) and ask IBM; the workload stays on the original.",
    ),
    Signature(
        id="F32",
        title="The partition could not be checkpointed at this moment",
        pattern=r"1020-311\b.*",
        cause="The kernel refused the checkpoint; the DENY line of lvupdlog names why.",
        remedy="Look for `DENY Blocking entry` in lvupdlog; often a process reads /proc.",
        next=Next.RETRY,
    ),
    Signature(
        id="F40",
        title="The output ends without a verdict",
        pattern=r"Non-interrupt[ai]ble live update operation begins|Blackout Time started\.",
        cause="Live Update began and nothing says how it ended. It may still be running.",
        remedy="Look at the partition's names on the HMC, at lspv and at errpt before anything else. "
        "Never start it again blindly.",
        unless=ENDED,
    ),
)
