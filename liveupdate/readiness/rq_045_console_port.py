"""RQ-045: the LPAR gets through to port 12443 of its HMC."""

from inventory.facts.aix.console_port import CONSOLE_PORT, PORT
from inventory.facts.base import FactMissing
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_where
from liveupdate.readiness.powervc import NOT_THROUGH_HMC


def _test(subject: Subject) -> Outcome:
    if subject.through_powervc:
        return NOT_THROUGH_HMC
    consoles = subject.facts.keys(CONSOLE_PORT)
    if not consoles:
        raise FactMissing(CONSOLE_PORT.name, "", None, "the port of the HMC has not been tried yet")
    for console in consoles:
        found = subject.value(CONSOLE_PORT, console)
        if not found.connected:
            message = f"{subject.name} does not get through to {console} on port {PORT}."
            seen = lines_where(subject, CONSOLE_PORT, console, keep=lambda line: True)
            return Outcome(FindingState.BLOCKER, message, (seen,))
    evidence = tuple(
        lines_where(subject, CONSOLE_PORT, console, keep=lambda line: line.startswith("CONNECTED"))
        for console in consoles
    )
    message = f"{subject.name} gets through to {', '.join(consoles)} on port {PORT}."
    return Outcome(FindingState.OK, message, evidence)


CHECK = Check(
    id="RQ-045",
    title="Port 12443 of the HMC",
    why="Live Update talks to the HMC's REST interface at this port from the first logon to the last step.",
    remedy="Open TCP 12443 from the LPAR to the HMC in every firewall between them. A firewall that throws "
    "packets away makes the attempt hang instead of fail.",
    severity=Severity.BLOCKER,
    test=_test,
    source="RQ-045",
    see="On the LPAR: openssl s_client -connect HMC:12443 </dev/null prints CONNECTED(00000003).",
    settled_by_preview=True,
    varies="Through PowerVC the check does not apply.",
)
