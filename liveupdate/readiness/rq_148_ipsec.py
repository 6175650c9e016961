"""RQ-148: IP security devices must go before AIX 7300-03; from there on they may migrate."""

from inventory.facts.aix.ipsec import IPSEC
from inventory.facts.aix.lvupdate_template import LVUPDATE_TEMPLATE
from inventory.facts.aix.oslevel import OSLEVEL
from liveupdate.knowledge.levels import TABLE_NAME, Feature, allows
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.lvupdate_data import IPSEC_KEY, carries_ip_security
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import lines_with, quoted


def _test(subject: Subject) -> Outcome:
    """Look for devices; the level decides what they mean."""
    devices = subject.value(IPSEC)
    evidence = (quoted(subject, IPSEC),)
    if not devices:
        return Outcome(FindingState.OK, "There is no IP security device.", evidence)
    found = ", ".join(f"{device.name} ({device.state})" for device in devices)
    level = subject.value(OSLEVEL)
    if carries_ip_security(subject):
        template = lines_with(subject, LVUPDATE_TEMPLATE, having=(IPSEC_KEY,))
        message = f"{found}: Live Update carries it over, as the plan sets ipsec_auto_migrate = yes."
        return Outcome(FindingState.NOT_APPLICABLE, message, (*evidence, template))
    if allows(Feature.IPSEC_AUTO_MIGRATE, level):
        message = f"{found}: tunnels drop during the update unless ipsec_auto_migrate is yes."
        return Outcome(FindingState.WARNING, message, evidence)
    return Outcome(
        FindingState.BLOCKER,
        f"IP security is set up: {found}.",
        evidence,
        curable=True,
        consent=Consent.IPSEC_OFF,
    )


CHECK = Check(
    id="RQ-148",
    title="No IP security device",
    why="Before AIX 7300-03 Live Update cannot carry IP security filters and tunnels over.",
    remedy="Save the filter rules, remove the devices (rmdev -dl ipsec_v4 -R), set them up again afterwards.",
    see="lsdev -Cc ipsec prints nothing",
    varies="From AIX 7300-03 on a warning, and nothing where lvupdate.template knows ipsec_auto_migrate.",
    severity=Severity.BLOCKER,
    test=_test,
    source=f"IBM: AIX Live Update, restrictions; {TABLE_NAME}",
)
