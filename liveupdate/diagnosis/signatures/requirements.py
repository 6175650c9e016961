"""Requirements that the preview, or the start of the run, found unmet."""

from liveupdate.diagnosis.base import Next, Rank, Signature

SIGNATURES = (
    Signature(
        id="P2",
        title="The Workload Manager runs",
        pattern=r"^WLM is running",
        cause="WLM was started by /etc/rc.netwlm; the surrogate would start it again from inittab.",
        remedy="`wlmcntrl -o`, and set rcnetwlm to off in inittab; both come back after the update.",
        next=Next.PREPARE,
    ),
    Signature(
        id="F05",
        title="Auditing in stream mode",
        pattern=r"1430-143 FAILED:\s*Audit in stream mode is not supported",
        cause="Before 7300-03 Live Update refuses auditing in stream mode.",
        remedy="`audit shutdown`, or streammode = off in /etc/security/audit/config and audit started anew.",
        next=Next.PREPARE,
    ),
    Signature(
        id="F07",
        title="lvupdate.data names no management console",
        pattern=r"1430-237 FAILED:\s*No management console specified",
        cause="management_console is empty, or its line does not begin with white space and was ignored.",
        remedy="Fill the hmc stanza; each attribute line begins with a tab.",
        next=Next.PREPARE,
    ),
    Signature(
        id="F08",
        title="File systems of unsupported types are mounted",
        pattern=r"1430-244 FAILED:.*file system\(s\) of unsupported type are mounted",
        cause="Typical are /aha (ahafs), a mounted ISO image (cdrfs) or cachefs.",
        remedy="Unmount the listed ones for the update.",
        next=Next.PREPARE,
    ),
    Signature(
        id="F09",
        title="No valid authentication with the HMC",
        pattern=r"1430-246 FAILED:\s*No valid authentication with an HMC console",
        cause="The kernel holds no token, or the hmc stanza names another console or user than `hmcauth -l`.",
        remedy="Authenticate with hmcauth; console and user must be those of lvupdate.data.",
        next=Next.RETRY,
    ),
    Signature(
        id="F34",
        title="A kernel extension is not known to be safe",
        pattern=r"(?i)kernel extension.*(?:not safe|unsafe|not known to be safe)",
        cause="A loaded kernel extension is not marked as safe for Live Update.",
        remedy="Ask its vendor; then `lvupdateSafeKE -a PATH`, or kext_check = no.",
    ),
    Signature(
        id="F39",
        title="A requirement of Live Update is not met",
        pattern=r"1430-\d{3} FAILED:\s*(?P<text>.*)",
        cause="Live Update names it in the line shown; no signature says more about it.",
        remedy="Correct what the line names, then preview again.",
        rank=Rank.CATCH_ALL,
    ),
    Signature(
        id="F01",
        title="Live Update failed",
        pattern=r"1430-045\b.*",
        cause="The message closes every failure and is followed by a log capture and the clean-up.",
        remedy="The cause stands further up, or in lvupdlog.",
        rank=Rank.ENVELOPE,
    ),
)
