"""Failures while the workload moves, in or around the blackout."""

from liveupdate.diagnosis.base import Mark, Marks, Next, Rank, Signature, Source
from liveupdate.knowledge.levels import Defect

_CHECKPOINT = r"1020-007 \D{0,80}(?:mcrk_sys_spl_getfd\D{0,40}\(50\)|MCR_GET_SHLIB_ASYNCINFO\D{0,40}\(52\))"
_LIBRARY = r"\bmcr: cke_errno 52 .{0,80}cke_buf (?P<library>\S*(?:\.a|\.so)\b\S*)"
_IN_THE_MOVE = (Source.TERMINAL, Source.NIM, Source.LVUPDLOG)


def console_kept(marks: Marks) -> bool:
    """The log does not say that the connection to the management console was lost."""
    return Mark.CONSOLE_LOST not in marks


def console_lost(marks: Marks) -> bool:
    """The log says that the console was lost, or was not read while the terminal shows the usual trace.

    A kernel's veto is a cause of its own: then only the trace on the terminal counts.
    """
    if Mark.CONSOLE_LOST in marks:
        return Mark.NVRAM in marks or Mark.DENIED not in marks
    return Mark.NVRAM in marks and Mark.LOGGED not in marks


SIGNATURES = (
    Signature(
        id="P1",
        title="A process holds a file below /proc open",
        anchors=("procfs", "deny"),
        pattern=r"(?:(?P<pid>\d+)/(?P<thread>\d+) )?DENY Blocking entry: ?procfs open"
        r"(?:, count: ?(?P<count>\d+))?",
        cause="The kernel refused to freeze the partition because a process (truss, dbx or a monitoring "
        "agent such as nmon, topas, lpar2rrd or zabbix) has files below /proc open. The workload went on "
        "running on the original.",
        remedy="Stop the process or its subsystem, see that nothing holds /proc, and run again.",
        commands=("ps -p {pid} -o pid,user,args", "kill {pid}", "lsof | grep proc"),
        next=Next.RETRY,
        covers=("F32",),
        where=(Source.LVUPDLOG,),
        example="KLVUPD 1610089744 DEBUG - 6750576/24904167 DENY Blocking entry: procfs open, count: 9",
    ),
    Signature(
        id="P6",
        title="The running kernel cannot release shared libraries of non-root users",
        anchors=("mcrk_sys_spl_getfd", "mcr_get_shlib_asyncinfo", "cke_errno 52"),
        pattern=rf"{_CHECKPOINT}|{_LIBRARY}",
        cause="A defect of the kernel that runs now; its fix is in the level that was to be activated.",
        remedy="Stop the workload of non-root users and run again; or install the update apart from Live "
        "Update and restart the LPAR; or have an interim fix for the level you update to.",
        commands=("genld -u", "lslpp -Lqc bos.mp64"),
        when=console_kept,
        covers=("F31",),
        where=_IN_THE_MOVE,
        defect=Defect.SHARED_LIBRARIES,
        procedure="separate_update",
        example="1020-007 System call MCR_GET_SHLIB_ASYNCINFO error (52). A file, file system or message "
        "queue is no longer available. [02.239.0142]",
    ),
    Signature(
        id="P8",
        title="The LPAR lost its HMC",
        anchors=(
            "/dev/nvram",
            "1020-007",
            "op_param_error",
            "console",
        ),
        pattern=r"1020-154 .{0,40}/dev/nvram\b(?:.{0,60}\(pid: (?P<pid>\d+)\) ?\(name: (?P<name>\S+)\))?"
        r"|OperationError::OP_PARAM_ERROR|No valid management console to execute the request"
        rf"|Encountered an error related to the management console|{_CHECKPOINT}",
        cause="The message about nvram or shared libraries misleads: the connection to the management "
        "console is broken, or the HMC's user may not ask for what Live Update needs.",
        remedy="Check RMC on the LPAR and on the HMC, and the role of the HMC's user. Rebuild RMC where it "
        "is broken, never on a node of PowerHA, CAA or a peer domain. Then run again.",
        commands=(
            "/usr/sbin/rsct/bin/rmcdomainstatus -s ctrmc",
            "lspartition -dlpar",
            "/usr/sbin/rsct/bin/rmcctrl -z",
            "/usr/sbin/rsct/install/bin/uncfgct -n",
            "/usr/sbin/rsct/install/bin/recfgct",
            "/usr/sbin/rsct/bin/rmcctrl -p",
        ),
        when=console_lost,
        covers=("F29", "F31"),
        explains=("F12",),
        where=_IN_THE_MOVE,
        procedure="rmc_repair",
        example="1020-154 Resource /old/dev/nvram is not checkpointable (pid: 19005844) (name: lscfg_chrp). "
        "Query returned 22 Invalid argument [02.229.0462]",
    ),
    Signature(
        id="F29",
        title="A process holds a device that cannot be moved",
        anchors=("1020-154",),
        pattern=r"\b1020-154\b[^/]{0,40}(?P<resource>/\S+)(?:.{0,60}?\(pid: (?P<pid>\d+)\))?"
        r"(?: ?\(name: (?P<name>\S+)\))?",
        cause="The named process has a device open that cannot be carried over to the surrogate.",
        remedy="Stop the process for the update. With /old/dev/nvram read lvupdlog: errors of RPP or the HMC "
        "there mean that the HMC was lost.",
        commands=("ps -p {pid} -o pid,user,args", "grep -nE 'RPP|HSC' /var/adm/ras/liveupdate/logs/lvupdlog"),
        rank=Rank.GENERIC,
        where=_IN_THE_MOVE,
        procedure="collect_logs",
        example="1020-154 Resource /dev/example0 is not checkpointable (pid: 19005844) (name: agent). Query "
        "returned 22 Invalid argument [02.229.0462]",
    ),
    Signature(
        id="F30",
        title="The kernel refused to freeze the partition",
        anchors=("deny",),
        pattern=r"(?:(?P<pid>\d+)/(?P<thread>\d+) )?DENY Blocking entry: ?(?P<what>[^,]+)",
        cause="A process does what the kernel cannot carry over; the line names what.",
        remedy="Find the process, stop it for the update, and run again.",
        commands=("ps -p {pid} -o pid,user,args",),
        rank=Rank.GENERIC,
        covers=("F32",),
        where=(Source.LVUPDLOG,),
        example="KLVUPD 1610089744 DEBUG - 6750576/24904167 DENY Blocking entry: raw socket, count: 1",
    ),
    Signature(
        id="F31",
        title="A checkpoint call failed",
        anchors=("1020-007",),
        pattern=r"\b1020-007\b(?: System call)? ?(?P<call>\w+)?(?:[^(]{0,60}\((?P<error>\d+)\))?",
        cause="The checkpoint of a process failed in the kernel.",
        remedy="Keep the logs and ask IBM; the workload stays on the original.",
        commands=("snap -U",),
        rank=Rank.GENERIC,
        where=_IN_THE_MOVE,
        procedure="collect_logs",
        example="1020-007 System call mcr_example error (22). [02.100.0001]",
    ),
    Signature(
        id="F32",
        title="The partition could not be checkpointed at this moment",
        anchors=("1020-311",),
        pattern=r"\b1020-311\b",
        cause="The kernel refused the checkpoint; the DENY record of lvupdlog names why.",
        remedy="Look for the veto in lvupdlog; often a process reads /proc.",
        commands=("grep -n 'DENY Blocking entry' /var/adm/ras/liveupdate/logs/lvupdlog",),
        next=Next.RETRY,
        rank=Rank.GENERIC,
        where=_IN_THE_MOVE,
        procedure="collect_logs",
        example="1020-311 The state of the LPAR is currently non-checkpointable. Checkpoint should be "
        "retried later. [02.229.0730]",
    ),
)
