"""Failures of NIM itself, between the master and its client."""

from liveupdate.diagnosis.base import Mark, Marks, Next, Rank, Signature, Source, once_failed
from liveupdate.diagnosis.licences import ANCHORS, LICENCE
from liveupdate.knowledge.levels import Defect

_NIM = (Source.NIM,)


def key_exchange(marks: Marks) -> bool:
    """The output speaks of dkeyexch."""
    return Mark.KEY_EXCHANGE in marks


def customizing(marks: Marks) -> bool:
    """A customization through NIM failed."""
    return Mark.NIM_CUSTOMIZES in marks and once_failed(marks)


SIGNATURES = (
    Signature(
        id="P4",
        title="A licence was not accepted through NIM",
        anchors=ANCHORS,
        pattern=LICENCE,
        cause="NIM's method for Live Update, c_cust_lku on the client, does not pass the acceptance of "
        "licences on.",
        remedy="Install the APAR of the level. Editing IBM's method on the client, near line 892, is a "
        "person's decision: with a copy kept and restored afterwards.",
        commands=(
            "cp -p /usr/lpp/bos.sysmgt/nim/methods/c_cust_lku /var/tmp/c_cust_lku.orig",
            'geninstall_cmd="${{geninstall_cmd}} ${{VERBOSE:+-D}} -k -Y"',
        ),
        rank=Rank.CLUE,
        when=customizing,
        errors_only=True,
        covers=("F17",),
        inferred=True,
        where=_NIM,
        defect=Defect.LICENCE_THROUGH_NIM,
        example="0042-175 c_cust_lku: the license agreement was not accepted.",
    ),
    Signature(
        id="F23",
        title="The client does not answer NIM",
        anchors=("0042-006",),
        pattern=r"\b0042-006\b.{0,80}\(From_Master\) connect",
        cause="nimsh on the client cannot be reached.",
        remedy="Start it on the client; check firewall and name resolution.",
        commands=("startsrc -s nimsh", "lssrc -s nimsh"),
        next=Next.RETRY,
        where=_NIM,
        example="0042-006 m_cust: (From_Master) connect Error 0",
    ),
    Signature(
        id="F25",
        title="A NIM resource could not be allocated",
        anchors=("0042-207",),
        pattern=r"\b0042-207\b(?:.*Unable to allocate the (?P<resource>\S+) resource)?",
        cause="The resource is allocated to another operation, or does not exist.",
        remedy="See who uses it, and run again when it is free.",
        commands=("lsnim -l {resource}", "lsnim -a Cstate"),
        next=Next.RETRY,
        where=_NIM,
        example='0042-207 m_cust: Unable to allocate the liveupdate_data_laboh resource to "laboh".',
    ),
    Signature(
        id="F26",
        title="There is no such NIM object",
        anchors=("0042-053",),
        pattern=r"\b0042-053\b(?:.*\"(?P<name>[^\"]+)\")?",
        cause="A name in the command is not one that the NIM master knows.",
        remedy="Define the object, or correct its name.",
        commands=("lsnim",),
        next=Next.PREPARE,
        where=_NIM,
        procedure="nim_setup",
        example='0042-053 lsnim: there is no NIM object named "laboh"',
    ),
    Signature(
        id="F27",
        title="dkeyexch fails with a newer OpenSSH",
        anchors=("nullpointerexception",),
        pattern=r"\bNullPointerException\b",
        cause="dkeyexch does not understand the key format of newer OpenSSH.",
        remedy="Bring the key to the HMC the other way round.",
        commands=('mkauthkeys -u liveupdate -a "PUBLIC_KEY_OF_ROOT_ON_THE_NIM_MASTER"',),
        when=key_exchange,
        where=_NIM,
        procedure="nim_setup",
        example='Exception in thread "main" java.lang.NullPointerException at com.ibm.dsm.dkeyexch.main',
    ),
    Signature(
        id="F37",
        title="NIM holds the client as busy",
        anchors=("cstate",),
        pattern=r"\bCstate = (?!ready for a NIM operation)(?P<state>\S.*)",
        cause="An operation on the client still runs, or stuck.",
        remedy="Look at the LPAR itself first; only then reset its state on the NIM master.",
        commands=("lsnim -l CLIENT", "nim -Fo reset CLIENT"),
        rank=Rank.PRECONDITION,
        where=_NIM,
        example="   Cstate          = customization is being performed",
    ),
    Signature(
        id="F28",
        title="RMC cannot be rebuilt on a cluster node",
        anchors=("peer",),
        pattern=r"Cannot run if an online Peer Domain exists",
        cause="The LPAR belongs to a peer domain (PowerHA, CAA).",
        remedy="Never force it: have the cluster's owner repair RMC.",
        commands=("lsrpdomain", "lssrc -ls clstrmgrES"),
        where=(Source.RMC, Source.TERMINAL),
        example="Cannot run if an online Peer Domain exists.",
    ),
)
