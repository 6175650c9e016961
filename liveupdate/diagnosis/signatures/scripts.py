"""Notification scripts that vetoed the update."""

from liveupdate.diagnosis.base import Next, Rank, Signature, Source
from liveupdate.knowledge.levels import Defect, Feature

_WHERE = (Source.TERMINAL, Source.NIM, Source.LVUPDLOG)


def failed(script: str) -> str:
    """The message that a script (regex from its first letter on) failed, in any language."""
    return rf"\b1430-134\b[^'\"]{{0,120}}['\"] ?(?P<script>{script}) ?['\"]\D{{0,120}}(?P<status>[1-9]\d*)"


def named(script: str) -> str:
    """The same, also without its message number."""
    return rf"{failed(script)}|Notification script '{script}' failed"


SIGNATURES = (
    Signature(
        id="P3",
        title="The PFC daemon is not running",
        anchors=("1430-134",),
        pattern=failed(r"/opt/triton/daemon-stop[^']*"),
        cause="The script STOP_PFCD fails while pfcdaemon is down; after an update the daemon needs about "
        "five minutes to start.",
        remedy="Start it, wait until it is active, then run Live Update with nothing to install: the update "
        "itself may be installed already.",
        commands=("installp -c ALL", "startsrc -s pfcdaemon", "lssrc -s pfcdaemon", "geninstall -k"),
        next=Next.RETRY,
        where=_WHERE,
        defect=Defect.PFC_DAEMON,
        procedure="separate_update",
        example="1430-134 Notification script '/opt/triton/daemon-stop' failed with exit status 1",
    ),
    Signature(
        id="P5",
        title="A notification script of AutoFS is missing",
        anchors=("1430-134",),
        pattern=failed(r"/usr/lpp/nfs/autofs/autofs_(?:lku|Live Update)\b[^']*"),
        cause="The script is registered and does not exist (status 127).",
        remedy="Take its registration out, once on the NIM master and on each LPAR; then run again.",
        commands=("lvupdateRegScript -r -n AUTOFS_UMOUNT -d orig -P LVUP_CHECK",),
        next=Next.RETRY,
        where=_WHERE,
        defect=Defect.AUTOFS_SCRIPT,
        example="1430-134 Notification script '/usr/lpp/nfs/autofs/autofs_lku orig' failed with exit status "
        "127",
    ),
    Signature(
        id="P7",
        title="domainname fails",
        anchors=("domainname",),
        pattern=failed(r"[^']*\bdomainname\b[^']*")
        + r"|\b(?:/usr/bin/)?domainname\b(?!\.).{0,120}(?:\bfail|exit (?:status|code)[ :=]*[1-9]"
        r"|\brc ?[:=] ?[1-9]"
        r"|\breturn(?:ed|s| code| value)[ :=]*(?:code |status )?[1-9]|\bnot set\b|\bnot defined\b)"
        r"|(?:fail|\berror\b).{0,80}/usr/bin/domainname\b",
        cause="bos.net.nis.client is installed and no NIS domain is configured.",
        remedy="Remove the fileset, or configure the domain. A script with `exit 0` in place of the command "
        "is a stopgap: the command belongs to a fileset and comes back afterwards.",
        commands=("lslpp -w /usr/bin/domainname", "installp -u bos.net.nis.client"),
        errors_only=True,
        where=_WHERE,
        example="1430-134 Notification script '/usr/bin/domainname' failed with exit status 1",
    ),
    Signature(
        id="F04",
        title="A notification script failed",
        anchors=("1430-134",),
        pattern=failed(r"[^']+"),
        cause="Status 127 means that the script is missing, 126 that it cannot be executed; another status "
        "is the script's own.",
        remedy="Correct the script, or take its registration out.",
        commands=("lvupdateRegScript -r -n LABEL -d orig -P PHASE",),
        rank=Rank.GENERIC,
        where=_WHERE,
        example="1430-134 Notification script '/opt/vendor/stop' failed with exit status 126",
    ),
    Signature(
        id="F42",
        title="The flash cache could not be stopped",
        anchors=("1430-134", "/cache_mgt"),
        pattern=named(r"/usr/sbin/cache_mgt[^']*"),
        cause="Server-side flash caching is active.",
        remedy="Stop it, then run again.",
        commands=("cache_mgt cache stop -t all",),
        where=_WHERE,
        example="1430-134 Notification script '/usr/sbin/cache_mgt lvup' failed with exit status 1",
    ),
    Signature(
        id="F43",
        title="IP security is active",
        anchors=("1430-134", "/chkipseclku"),
        pattern=named(r"/usr/sbin/chkipseclku[^']*"),
        cause="Before 7300-03 Live Update refuses active IPsec devices.",
        remedy="Remove them for the update, with their rules saved.",
        commands=(
            "lsdev -l ipsec_v4",
            "expfilt -v4 -f DIRECTORY",
            "rmdev -dl ipsec_v4",
            "rmdev -dl ipsec_v6",
        ),
        next=Next.PREPARE,
        until=Feature.IPSEC_AUTO_MIGRATE,
        where=_WHERE,
        example="1430-134 Notification script '/usr/sbin/chkipseclku' failed with exit status 1",
    ),
    Signature(
        id="F44",
        title="The cluster software vetoed the update",
        anchors=("1430-134", "/ctlvupdate"),
        pattern=named(r"/opt/rsct/bin/ctlvupdate[^']*"),
        cause="RSCT, PowerHA or CAA is in a state that cannot be moved.",
        remedy="Check PowerHA and the RMC state; a cluster node has to be unmanaged first.",
        commands=("/usr/sbin/rsct/bin/rmcdomainstatus -s ctrmc", "lssrc -ls clstrmgrES"),
        where=_WHERE,
        example="1430-134 Notification script '/opt/rsct/bin/ctlvupdate check' failed with exit status 1",
    ),
    Signature(
        id="F45",
        title="A forbidden security profile is applied",
        anchors=("1430-134", "aixpert_lku"),
        pattern=named(r"[^']*aixpert_lku[^']*"),
        cause="One of the profiles HLS, MLS, SOX-COBIT, PCI, DoD or database is applied.",
        remedy="The security owner decides whether it may be taken back for the update.",
        commands=("aixpert -t", "aixpert -u"),
        where=_WHERE,
        example="1430-134 Notification script '/etc/security/aixpert/bin/aixpert_lku' failed with exit "
        "status 1",
    ),
    Signature(
        id="F46",
        title="The network configuration cannot be moved",
        anchors=("1430-134", "/lvup_network"),
        pattern=named(r"/usr/sbin/lvup_network[^']*"),
        cause="An adapter or an address is not of a kind that Live Update carries over.",
        remedy="Compare the adapters and addresses with the restrictions of Live Update.",
        commands=("lsdev -Cc adapter", "netstat -in"),
        where=_WHERE,
        example="1430-134 Notification script '/usr/sbin/lvup_network' failed with exit status 1",
    ),
)
