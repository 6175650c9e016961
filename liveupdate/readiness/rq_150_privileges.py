"""RQ-150: the portal's account may run each command that an update needs."""

import re

from inventory.facts.aix.account import ACCOUNT
from inventory.facts.base import Reading
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted

ROOT = 0
CANNOT_EXECUTE = 126
REFUSED = re.compile(
    r"0403-006|permission denied|not authorized|not privileged|must be (?:run as )?root|only root|root user",
    re.IGNORECASE,
)


def _test(subject: Subject) -> Outcome:
    """root may; another account may not if it was refused a command, and must be looked at otherwise."""
    account = subject.value(ACCOUNT)
    who = f"{account.name} (uid {account.uid})" if account.name else f"uid {account.uid}"
    evidence: tuple[Evidence, ...] = (quoted(subject, ACCOUNT),)
    if account.uid == ROOT:
        return Outcome(FindingState.OK, "The portal works as root.", evidence)
    refused = _refused(subject)
    if refused:
        commands = ", ".join(reading.command for reading in refused)
        evidence += tuple(_shown(reading) for reading in refused)
        return Outcome(
            FindingState.BLOCKER, f"The portal works as {who}, which may not run {commands}.", evidence
        )
    message = f"The portal works as {who}, not as root: its roles must allow every command of the plan."
    return Outcome(FindingState.WARNING, message, evidence)


def _refused(subject: Subject) -> list[Reading]:
    own = subject.reading(ACCOUNT)
    return [
        reading
        for reading in subject.facts.readings.values()
        if own is not None and reading.host == own.host and _is_refusal(reading)
    ]


def _is_refusal(reading: Reading) -> bool:
    output = reading.output
    return output.status == CANNOT_EXECUTE or (bool(output.status) and bool(REFUSED.search(output.stderr)))


def _shown(reading: Reading) -> Evidence:
    return Evidence(reading.host, reading.command, tuple(reading.output.stderr.splitlines()[:3]))


CHECK = Check(
    id="RQ-150",
    title="The portal's account may run each command",
    why="Live Update and its preparation are root's commands; one refused leaves the LPAR half prepared.",
    remedy="Give the portal root's account on this LPAR, or roles for each command of the plan (RBAC).",
    see="id shows uid=0(root); otherwise rolelist -e shows roles for every command of the plan",
    varies="A warning where no command was refused so far.",
    severity=Severity.BLOCKER,
    settled_by_preview=True,
    test=_test,
)
