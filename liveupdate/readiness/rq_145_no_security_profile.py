"""RQ-145: none of the forbidden profiles of AIX Security Expert or PowerSC may be applied."""

import re

from inventory.facts.aix.hardening_rules import HARDENING_RULES
from inventory.facts.aix.security_profile import SECURITY_PROFILE
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted

FORBIDDEN = re.compile(
    r"\b(?:HLS|high|MLS|medium|SCBPS|SOX(?:-?COBIT)?|COBIT|PCI(?:v?\d\w*)?|database|DoD(?:v?\d\w*)?|STIG)(?![a-z])",
    re.IGNORECASE,
)
HARMLESS = re.compile(
    r"\b(?:LLS|low|DLS|default|none|prereq|custom)(?![a-z])|\bno\b.*\bprofile|\bprofile\b.*\bnot\b.*\bapplied",
    re.IGNORECASE,
)
DENIED = re.compile(r"\b(?:no|not|none)\b", re.IGNORECASE)


def _test(subject: Subject) -> Outcome:
    """What pscxpert says decides; without PowerSC, or where it is silent, the rules that were applied."""
    said = subject.value(SECURITY_PROFILE)
    if said:
        return _judge(subject, [line.replace("_", " ") for line in said], from_rules=False)
    rules = subject.value(HARDENING_RULES)
    if rules:
        return _judge(subject, list(rules), from_rules=True)
    evidence = (quoted(subject, SECURITY_PROFILE), quoted(subject, HARDENING_RULES))
    return Outcome(FindingState.OK, "No security profile is applied.", evidence)


def _judge(subject: Subject, said: list[str], *, from_rules: bool) -> Outcome:
    evidence = (quoted(subject, HARDENING_RULES if from_rules else SECURITY_PROFILE),)
    asserted = [text for text in said if not DENIED.search(text)]
    forbidden = dict.fromkeys(match[0] for text in asserted for match in FORBIDDEN.finditer(text))
    if forbidden:
        message = f"A security profile is applied that Live Update does not support: {', '.join(forbidden)}."
        return Outcome(FindingState.BLOCKER, message, evidence)
    if any(HARMLESS.search(text) for text in said):
        message = f"No forbidden security profile is applied: {'; '.join(said)}."
        return Outcome(FindingState.OK, message, evidence)
    message = f"Not known: whether Live Update supports the security profile {'; '.join(said)}."
    return Outcome(FindingState.UNKNOWN, message, evidence)


CHECK = Check(
    id="RQ-145",
    title="No forbidden security profile",
    why="Live Update refuses systems hardened by the high, medium, SOX-COBIT, PCI, database or DoD profile: "
    "its own script aixpert_lku fails.",
    remedy="The owner of security undoes the profile (pscxpert -u or aixpert -u), or this LPAR is updated "
    "with a reboot.",
    see="pscxpert -t names none of them; /etc/security/aixpert/core/appliedaixpert.xml has no rule of type "
    "HLS, MLS, SCBPS, PCI, DoD",
    severity=Severity.BLOCKER,
    settled_by_preview=True,
    test=_test,
    source="IBM: AIX Live Update, restrictions",
)
