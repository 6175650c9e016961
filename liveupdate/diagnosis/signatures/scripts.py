"""Notification scripts that vetoed the update."""

from liveupdate.diagnosis.base import Next, Rank, Signature

FAILED = r"failed with exit status (?P<status>\d+)"

SIGNATURES = (
    Signature(
        id="P3",
        title="The PFC daemon is not running",
        pattern=r"1430-134 Notification script '/opt/triton/daemon-stop' " + FAILED,
        cause="The script STOP_PFCD fails while pfcdaemon is down; after an update the daemon needs about "
        "five minutes to start.",
        remedy="`startsrc -s pfcdaemon`, wait until it is active, then run the Live Update again; the "
        "update itself may be installed already.",
        next=Next.RETRY,
        covers=("F04",),
    ),
    Signature(
        id="P5",
        title="A notification script of AutoFS is missing",
        pattern=r"1430-134 Notification script '/usr/lpp/nfs/autofs/autofs_(?:lku|Live Update) orig' "
        + FAILED,
        cause="The script is registered and does not exist (status 127). Fixed by IJ04531 "
        "(7200-02-02-1832), IJ04532 (7200-03-00-1837) and IV89963 (7200-01-02-1717).",
        remedy="`lvupdateRegScript -r -n AUTOFS_UMOUNT -d orig -P LVUP_CHECK`, then run again.",
        next=Next.RETRY,
        covers=("F04",),
    ),
    Signature(
        id="P7",
        title="domainname fails",
        pattern=r"1430-134 Notification script '[^']*domainname[^']*' "
        + FAILED
        + r"|/usr/bin/domainname\b.*fail",
        cause="bos.net.nis.client is installed and no NIS domain is configured.",
        remedy="Remove bos.net.nis.client, or configure the domain.",
        covers=("F04",),
    ),
    Signature(
        id="F03",
        title="Failed while notifying applications",
        pattern=r"1430-025 An error occurred while notifying applications",
        cause="A notification script failed.",
        remedy="The line with 1430-134 names the script.",
        rank=Rank.ENVELOPE,
    ),
    Signature(
        id="F04",
        title="A notification script failed",
        pattern=r"1430-134 Notification script '(?P<script>[^']+)' " + FAILED,
        cause="Status 127 means that the script is missing, 126 that it cannot be executed; another status "
        "is the script's own.",
        remedy="Correct the script, or take it out with `lvupdateRegScript -r -n LABEL -d orig -P PHASE`.",
    ),
    Signature(
        id="F42",
        title="The flash cache could not be stopped",
        pattern=r"Notification script '/usr/sbin/cache_mgt[^']*'",
        cause="Server-side flash caching is active.",
        remedy="Stop it with `cache_mgt cache stop -t all`, then run again.",
        covers=("F04",),
    ),
    Signature(
        id="F43",
        title="IP security is active",
        pattern=r"Notification script '/usr/sbin/chkipseclku[^']*'",
        cause="Before 7300-03 Live Update refuses active IPsec devices.",
        remedy="Remove ipsec_v4 and ipsec_v6 for the update, with their rules saved.",
        next=Next.PREPARE,
        covers=("F04",),
    ),
    Signature(
        id="F44",
        title="The cluster software vetoed the update",
        pattern=r"Notification script '/opt/rsct/bin/ctlvupdate[^']*'",
        cause="RSCT, PowerHA or CAA is in a state that cannot be moved.",
        remedy="Check PowerHA and the RMC state; a cluster node has to be unmanaged first.",
        covers=("F04",),
    ),
    Signature(
        id="F45",
        title="A forbidden security profile is applied",
        pattern=r"Notification script '[^']*aixpert_lku[^']*'",
        cause="One of the profiles HLS, MLS, SOX-COBIT, PCI, DoD or database is applied.",
        remedy="The security owner decides whether it may be taken back for the update.",
        covers=("F04",),
    ),
    Signature(
        id="F46",
        title="The network configuration cannot be moved",
        pattern=r"Notification script '/usr/sbin/lvup_network[^']*'",
        cause="An adapter or an address is not of a kind that Live Update carries over.",
        remedy="Compare `lsdev -Cc adapter` and `netstat -in` with the restrictions of Live Update.",
        covers=("F04",),
    ),
)
