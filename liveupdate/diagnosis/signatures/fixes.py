"""Failures around interim fixes."""

from liveupdate.diagnosis.base import Mark, Marks, Next, Signature, Source, unless_installed

_LOGS = (Source.TERMINAL, Source.NIM, Source.EMGR, Source.INSTALL)


def last_failed(marks: Marks) -> bool:
    """The last operation on interim fixes did not succeed."""
    return Mark.FIXES_SUCCEEDED not in marks


SIGNATURES = (
    Signature(
        id="F15",
        title="Interim fixes lock filesets",
        anchors=("efix",),
        pattern=r"EFIX MANAGER LOCKS|locked by EFIX manager|emgr -r -L <EFIX label>",
        cause="Installed interim fixes lock filesets that the update has to replace.",
        remedy="Remove them, the one installed last first.",
        commands=("/usr/sbin/emgr -P", "/usr/sbin/emgr -r -L LABEL"),
        next=Next.PREPARE,
        when=unless_installed,
        where=_LOGS,
        procedure="remove_ifixes",
        example="  # /usr/sbin/emgr -r -L <EFIX label>",
    ),
    Signature(
        id="F41",
        title="An operation on interim fixes failed",
        anchors=("return",),
        pattern=r"Return Status ?[=:] ?FAILURE",
        cause="emgr reports the failure in its summary, even with exit status 0.",
        remedy="Read what stands above it in emgr's log.",
        commands=("tail -200 /var/adm/ras/emgr.log", "/usr/sbin/emgr -l"),
        when=last_failed,
        where=_LOGS,
        example="Return Status = FAILURE",
    ),
    Signature(
        id="F54",
        title="Two interim fixes want the same file",
        anchors=("preventing",),
        pattern=r"installed efix (?P<label>\S+) is locking (?P<file>\S+) preventing the installation",
        cause="An installed interim fix holds a file that the new one replaces.",
        remedy="Remove the older one first.",
        commands=("/usr/sbin/emgr -r -L {label}",),
        covers=("F41",),
        where=_LOGS,
        procedure="remove_ifixes",
        example="installed efix IJ12345s1a is locking /usr/lib/boot/unix_64 preventing the installation of "
        "the efix IJ23456s1a",
    ),
)
