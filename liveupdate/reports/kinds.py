"""The ready reports: what each is called, what it tells, and of which sections it is made."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One ready report. `sections` are keys of sections in order; empty: all of them."""

    key: str
    title: str
    about: str
    sections: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind(
            "compliance",
            "Compliance report",
            "The whole of it for an auditor: population, change register, approvals, duties, deviations, "
            "latency, exceptions, access, health of the ledger, and how each control stands.",
        ),
        Kind(
            "changes",
            "Calendar and what happened",
            "Every change of the period with its window, what was executed, and what was done outside of the "
            "process.",
            ("calendar", "register", "deviations"),
        ),
        Kind(
            "approvals",
            "Approvals",
            "How long decisions took, denials, refused self-approvals, emergencies and their reviews.",
            ("approvals", "duties", "emergencies"),
        ),
        Kind(
            "fleet",
            "Fleet and patch latency",
            "How far the fleet was at a moment: levels and fixes against what was asked, and how long "
            "they took.",
            ("fleet", "latency", "exceptions"),
        ),
        Kind(
            "failures",
            "Failures by cause",
            "What failed, was stopped or left something, why, and what else was out of the ordinary.",
            ("failures", "deviations"),
        ),
        Kind(
            "blackout",
            "Blackout against budget",
            "The seconds in which each workload stood still, and whether they kept to their budget.",
            ("blackout",),
        ),
        Kind(
            "exceptions",
            "Exceptions and their expiry",
            "Who accepted which delay, on what grounds, until when, and what is over and still used.",
            ("exceptions",),
        ),
        Kind(
            "access",
            "Access review",
            "Who holds which role, who could approve what, what changed, and when somebody last looked.",
            ("access", "duties"),
        ),
    )
}
