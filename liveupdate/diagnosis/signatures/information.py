"""Messages that look like failures and are none: never the cause."""

from liveupdate.diagnosis.base import Rank, Signature, Source

SIGNATURES = (
    Signature(
        id="F22",
        title="State of a volume group or disk",
        anchors=("0516-",),
        pattern=r"\b0516-(?:010|320|1396)\b",
        cause="A volume group is not varied on, or a disk belongs to none: a state, not a failure.",
        remedy="Nothing has to be done.",
        rank=Rank.INFORMATION,
        errors_only=True,
        where=(Source.PRECHECK, Source.TERMINAL),
        example="0516-010 : Volume group must be varied on; use varyonvg command.",
    ),
    Signature(
        id="F47",
        title="State of a subsystem",
        anchors=("0513-029", "0513-004", "0513-085"),
        pattern=r"\b0513-(?:029|004|085)\b",
        cause="A subsystem is active already, inoperative, or not known: a state, not a failure.",
        remedy="Nothing has to be done.",
        rank=Rank.INFORMATION,
        errors_only=True,
        inferred=True,
        where=(Source.PRECHECK, Source.TERMINAL),
        example="0513-029 The sshd Subsystem is already active.",
    ),
    Signature(
        id="F49",
        title="RMC has no cluster yet",
        anchors=("2610-656",),
        pattern=r"\b2610-656\b",
        cause="recfgct prints this while it makes the configuration anew; it is harmless.",
        remedy="Nothing has to be done.",
        rank=Rank.INFORMATION,
        errors_only=True,
        where=(Source.RMC, Source.TERMINAL),
        example="2610-656 Could not obtain information about the cluster: cu_obtain_cluster_info:Invalid "
        "current cluster pointer.",
    ),
    Signature(
        id="F51",
        title="Updates take effect with the new kernel",
        anchors=("0503-292",),
        pattern=r"\b0503-292\b",
        cause="installp says so during every Live Update that installs something.",
        remedy="Nothing has to be done.",
        rank=Rank.INFORMATION,
        errors_only=True,
        where=(Source.TERMINAL, Source.INSTALL, Source.NIM),
        example="0503-292 This update will not fully take effect until after a system reboot.",
    ),
)
