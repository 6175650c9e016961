"""Recognises by its content what a file is; names say nothing."""

import re

from liveupdate.diagnosis.base import Source

_LINE = r"^[. \t>\"']{0,20}(?:\d{2}/\d{2}/\d{4}-\d{2}:\d{2}:\d{2} +)?[. \t]{0,200}"
_SIGNS = (
    (Source.LVUPDLOG, r"LVUPD[A-Z]{0,16}\s+\d{9}|^[ \t]*\[RPP#|libhmc_\w+\.c:|^[ \t]*mcr:\s+cke_"),
    (
        Source.ERRPT,
        r"^[ \t]*IDENTIFIER[ \t]+TIMESTAMP|^[ \t]*[0-9A-F]{8}\s+\d{10}\s+[A-Z]\s+[A-Z]\s"
        r"|^LABEL:\s|^Resource Name:\s",
    ),
    (Source.NIM, r"\b0042-\d{3}\b|\bnim -o cust\b|^[ \t]*Cstate\s+=|\bc_cust\w*:"),
    (
        Source.PREVIEW,
        r"Live Update Requirement Verification|Live Update Preview Summary|End of Live Update PREVIEW"
        r"|\b1430-\d{3} FAILED",
    ),
    (
        Source.TERMINAL,
        _LINE + r"(?:Non-interrupt|Live AIX update |Blackout Time |Workload is running|Moving workload"
        r"|Shutting down the Orig|The live update oper|Notifying app"
        r"|1430-\d{3}(?! FAILED)|1020-\d{3}|geninstall:)",
    ),
    (Source.EMGR, r"(?i)efix manager|^epkg number|\bepkg\b|return status\s*[=:]|\bemgr\b"),
    (
        Source.ALT_DISK,
        r"alt_disk_(?:copy|install)|alt_rootvg_op|Calling mkszfile|\b0505-\d{3}\b|Creating \w+ alt_inst",
    ),
    (Source.INSTALL, r"install_all_updates:|\binstallp\b|\b0503-\d{3}\b|pre-installation Verification"),
    (Source.HMCAUTH, r"\bPMCSS\w+:|\bhmcauth\b"),
    (Source.HMC, r"\bHSC[A-Z]{0,2}[0-9A-F]{4}\b"),
    (Source.RMC, r"\b2610-\d{3}\b|rmcdomainstatus|recfgct|Peer Domain"),
    (
        Source.PRECHECK,
        r"^[ \t]*Subsystem\s+Group\s+PID|^[ \t]*\S+[ \t]+\S*[ \t]*(?:active|inoperative)[ \t]*$|WLM is ",
    ),
    (Source.TRANSPORT, r"(?i)connection (?:reset|closed|to \S+ closed)|broken pipe"),
)
_PATTERNS = tuple((source, re.compile(pattern, re.MULTILINE)) for source, pattern in _SIGNS)
_BEGUN = re.compile(
    _LINE + r"(?:Non-interrupt|Live AIX update is starting|Blackout Time|1430-045)", re.MULTILINE
)


def kind_of(head: str) -> Source:
    """What a file is by its beginning; `OTHER` for what is not recognised."""
    counts = {source: len(pattern.findall(head)) for source, pattern in _PATTERNS}
    if counts[Source.PREVIEW] and _BEGUN.search(head):
        counts[Source.TERMINAL] += counts.pop(Source.PREVIEW)
    spoken = counts[Source.TERMINAL] or counts[Source.NIM]
    if counts[Source.LVUPDLOG]:
        return Source.MIXED if spoken else Source.LVUPDLOG
    if spoken:
        return Source.NIM if counts[Source.NIM] else Source.TERMINAL
    best = max(counts, key=lambda source: counts[source])
    return best if counts[best] else Source.OTHER
