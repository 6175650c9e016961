"""Failures of the installation that precedes the move."""

from liveupdate.diagnosis.base import Next, Rank, Signature

FILESET_ROW = r"\s*[\w.+-]+\s+\d+(?:\.\d+){3}\s"
"""A line of installp's lists, such as `bos.sysmgt.loginlic 7.2.5.100  # License Management`."""
FAILURE = (
    r"install_all_updates: Result = FAILURE|not proceed because of an install failure"
    r"|1430-045\b|1430-\d{3} FAILED|0042-175"
)

SIGNATURES = (
    Signature(
        id="P4",
        title="A licence was not accepted through NIM",
        pattern=r"(?i)\b(?:c_cust_lku|0042-\d{3})\b[^\n]*licen[sc]e",
        cause="IJ08917: NIM's method for Live Update does not pass the acceptance of licences.",
        remedy="Install IJ02913, IJ08917 or IJ05198; editing IBM's method is a person's decision.",
        covers=("F17",),
    ),
    Signature(
        id="F14",
        title="The installation failed",
        pattern=r"geninstall:\s+The live update will not proceed because of an install failure"
        r"|install_all_updates: Result = FAILURE",
        cause="The update was not installed, or only in part; Live Update did not begin.",
        remedy="Read install_all_updates.log and emgr.log; compare `oslevel -s` with the level before.",
        rank=Rank.ENVELOPE,
    ),
    Signature(
        id="F15",
        title="Interim fixes lock filesets",
        pattern=r"EFIX MANAGER LOCKS|locked by EFIX manager|emgr -r -L <EFIX label>",
        cause="Installed interim fixes lock filesets that the update has to replace.",
        remedy="Remove them with `emgr -r -L LABEL`, the one installed last first.",
        next=Next.PREPARE,
    ),
    Signature(
        id="F16",
        title="The media is not there",
        pattern=r"0503-105 geninstall:\s*The device or directory:\s*(?P<directory>\S+) does not exist",
        cause="The directory is not mounted, or does not exist on the server.",
        remedy="Mount the media, or correct its path in the request.",
        next=Next.PREPARE,
    ),
    Signature(
        id="F17",
        title="Licences may not have been accepted",
        pattern=rf"(?i)^(?!{FILESET_ROW})[^\n]*licen[sc]e.*",
        cause="The output speaks of licences and the run failed.",
        remedy="Accept them: -Y with geninstall, accept_licenses=yes through NIM.",
        next=Next.RETRY,
        rank=Rank.CATCH_ALL,
        needs=FAILURE,
    ),
    Signature(
        id="F18",
        title="installp refused the installation",
        pattern=r"(?:0503-(?:438|005|409|464)|0504-203)\b.*",
        cause="A requisite, the media or the software vital product data is not in order.",
        remedy="The line shown and those after it name what is missing.",
    ),
    Signature(
        id="F20",
        title="The media is older than what is installed",
        pattern=r"Already superseded by (?P<level>\S+)",
        cause="The source holds an older level: a downgrade, or a stale source.",
        remedy="Choose a source of a newer level.",
        needs=FAILURE,
    ),
    Signature(
        id="F21",
        title="The disk of the clone belongs to a volume group",
        pattern=r"0505-126.*target disk (?P<disk>hdisk\d+)",
        cause="The disk that should take the clone is in use, or still holds what an earlier run left.",
        remedy="Clear the disk, or choose another.",
    ),
    Signature(
        id="F41",
        title="An operation on interim fixes failed",
        pattern=r"Return Status\s*[=:]\s*FAILURE",
        cause="emgr reports the failure in its summary, even with exit status 0.",
        remedy="Read /var/adm/ras/emgr.log.",
    ),
    Signature(
        id="F52",
        title="Filesets or requisites are missing",
        pattern=r"FAILED pre-installation verification|Missing Filesets|Requisite Failures",
        cause="The media is incomplete, or requisites are not installed.",
        remedy="The lists below the line shown name them.",
        needs=FAILURE,
    ),
    Signature(
        id="F53",
        title="The media's table of contents is invalid",
        pattern=r"The format of the toc file is invalid",
        cause="The .toc file does not fit the images in the directory.",
        remedy="`inutoc DIRECTORY` on the server, or `nim -o check` on the lpp_source.",
        next=Next.PREPARE,
    ),
    Signature(
        id="F54",
        title="Two interim fixes want the same file",
        pattern=r"installed efix (?P<label>\S+) is locking (?P<file>\S+) preventing the installation",
        cause="An installed interim fix holds a file that the new one replaces.",
        remedy="Remove the older one first.",
    ),
)
