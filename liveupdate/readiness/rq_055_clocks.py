"""RQ-055: the clocks of LPAR and HMC agree with the portal's."""

from datetime import timedelta
from typing import Any

from inventory.facts.aix.date import DATE
from inventory.facts.base import Fact, FactMissing
from inventory.facts.hmc.hmc_date import HMC_DATE
from liveupdate.lpar.clocks import ahead, offsets
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, Evidence, FindingState, Outcome, Severity
from liveupdate.readiness.evidence import quoted

TOLERATED = timedelta(seconds=60)


def _test(subject: Subject) -> Outcome:
    evidence: list[Evidence] = []
    wrong: list[str] = []
    strange: list[str] = []
    missing: list[FactMissing] = []
    for name, fact in ((subject.name, DATE), (subject.hmc, HMC_DATE)):
        try:
            away, zone = _away(subject, fact)
        except FactMissing as unknown:
            missing.append(unknown)
            continue
        evidence.append(quoted(subject, fact))
        if abs(away) > TOLERATED:
            wrong.append(f"{name} is {abs(away)} {'ahead' if away > timedelta() else 'behind'}")
        if not offsets(zone):
            strange.append(zone)
    if wrong:
        return Outcome(FindingState.WARNING, f"Clocks are wrong: {', '.join(wrong)}.", tuple(evidence))
    if missing:
        raise missing[0]
    message = "The clocks of LPAR and HMC agree with the portal's"
    if strange:
        message += f", as far as minutes and seconds go (no known offset for {', '.join(strange)})"
    return Outcome(FindingState.OK, f"{message}.", tuple(evidence))


def _away(subject: Subject, fact: Fact[Any]) -> tuple[timedelta, str]:
    """How far a clock is ahead of the portal's, in whole seconds, and its zone. Raises FactMissing."""
    shown = subject.value(fact)
    reading = subject.reading(fact)
    assert reading is not None
    try:
        away = ahead(shown.local, shown.zone, reading.read_at)
    except ValueError as impossible:
        raise FactMissing(fact.name, "", reading, f"{shown.local} is no time") from impossible
    return timedelta(seconds=round(away.total_seconds())), shown.zone


CHECK = Check(
    id="RQ-055",
    title="Clocks agree",
    why="After a failure the logs of LPAR, HMC and portal are laid side by side; that needs one time.",
    remedy="Set the clocks by NTP (xntpd on AIX, chhmc -c xntp on the HMC). Step no clock during an update.",
    severity=Severity.WARNING,
    test=_test,
    source="RQ-055",
    see="date on LPAR and HMC at the same moment: at most 60 seconds apart, time zones taken into account.",
    recalled=True,
)
