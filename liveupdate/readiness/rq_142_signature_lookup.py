"""RQ-142: trusted signatures that come from a read-only LDAP server cannot be updated."""

from inventory.facts.aix.secorder import SECORDER
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted

LOCAL = ("files",)


def _test(subject: Subject) -> Outcome:
    """Only local files may be looked up; an order that is not set means just that."""
    order = subject.value(SECORDER)
    evidence = (quoted(subject, SECORDER),)
    if order in ((), LOCAL):
        return Outcome(FindingState.OK, "Trusted signatures are looked up in local files.", evidence)
    return Outcome(
        FindingState.WARNING,
        f"Trusted signatures are looked up in {', '.join(order)}.",
        evidence,
        curable=True,
        consent=Consent.SECURITY_LOOKUP_LOCAL,
    )


CHECK = Check(
    id="RQ-142",
    title="Trusted signatures are looked up in local files",
    why="An update writes signatures of the files it replaces, which a read-only LDAP server refuses.",
    remedy="For the update: chsec -f /etc/nscontrol.conf -s tsddat -a secorder=files",
    see="lssec -f /etc/nscontrol.conf -s tsddat -a secorder shows secorder=files",
    severity=Severity.WARNING,
    test=_test,
)
