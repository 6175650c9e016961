"""Which controls of which standards a report speaks to, and by which of its numbers (controls.md 2.1)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """One control. It is satisfied when every figure of `rests_on` is as it must be and every equation
    holds; not assessed where it rests on nothing (`because` says why) or where `about` is 0."""

    standard: str
    name: str
    asks: str
    rests_on: tuple[str, ...] = ()
    about: str = ""
    because: str = ""
    oscal: tuple[str, ...] = ()


BY_TESTS = "The product's tests show it, not the numbers of a period."
RUNS, ENTRIES = "runs.queued", "ledger.entries"
WHOLE = ("equation.requests", "equation.runs", "equation.commands", "equation.outside", "equation.entries")
PATCHED = ("latency.unexcused", "exceptions.expired_in_use")
UNALTERED = ("ledger.bad", "ledger.alarms")
LOGGED = ("ledger.alarms", "ledger.spool_alarms", "ledger.gaps")
APART = ("duties.conflicts", "access.apart")
PCI, SOX, ISO, NIST = "PCI DSS 4.0", "SOX ITGC", "ISO/IEC 27001:2022", "NIST SP 800-53 r5"

CONTROLS = (
    Asked(PCI, "6.5.1", "Changes follow procedures: reason, impact, approval, testing, a way back",
          ("register.without_reason", "approvals.late", "deviations.other_plan"), RUNS),
    Asked(PCI, "6.3.3", "Patches are installed in time", PATCHED, "coverage.lpars"),
    Asked(PCI, "10.2", "What is logged, and with which content", because=BY_TESTS),
    Asked(PCI, "10.3", "Logs are protected from alteration", UNALTERED, "ledger.verified"),
    Asked(PCI, "10.4", "Anomalies are reviewed and followed up",
          ("outside.open", "emergencies.overdue"), ENTRIES),
    Asked(PCI, "10.5.1", "Logs are kept for 12 months", because="Retention is a setting of the site."),
    Asked(PCI, "10.6", "Clocks are synchronised", ("clocks.off",), "clocks.measured"),
    Asked(PCI, "10.7", "Failures of logging are seen", LOGGED, ENTRIES),
    Asked(SOX, "Change management", "The population is whole; each change was approved before",
          (*WHOLE, "outside.open", "approvals.late"), RUNS),
    Asked(SOX, "Segregation of duties", "Nobody approves what they asked for", APART, RUNS),
    Asked(SOX, "Access", "Access is reviewed", ("access.review_overdue",), "access.people"),
    Asked(ISO, "A.8.32", "Changes are classified, authorised and reviewed",
          ("approvals.late", "emergencies.overdue", "equation.requests"), RUNS),
    Asked(ISO, "A.8.15", "Logs are protected", UNALTERED, "ledger.verified"),
    Asked(ISO, "A.8.17", "Clocks are synchronised", ("clocks.off",), "clocks.measured"),
    Asked(ISO, "A.8.8", "Vulnerabilities are treated in time", PATCHED, "coverage.lpars"),
    Asked(ISO, "A.5.3", "Duties are separated", APART, RUNS),
    Asked(ISO, "A.8.2", "Privileged rights are reviewed", ("access.review_overdue",), "access.people"),
    Asked(NIST, "CM-3", "Configuration change control", ("approvals.late", "deviations.other_plan", *WHOLE),
          RUNS, oscal=("cm-3", "cm-3.1")),
    Asked(NIST, "CM-4", "Impact analyses", because="Impact is written in requests; people judge it.",
          oscal=("cm-4",)),
    Asked(NIST, "CM-5", "Access restrictions for change", ("approvals.late", "deviations.outside_window"),
          RUNS, oscal=("cm-5",)),
    Asked(NIST, "CM-5(1)", "Restrictions are enforced, and what was denied is entered",
          ("approvals.late", "access.apart"), "access.denied", oscal=("cm-5.1",)),
    Asked(NIST, "AC-5", "Separation of duties", APART, RUNS, oscal=("ac-5",)),
    Asked(NIST, "AC-6(9)", "Use of privileged functions is logged", ("equation.commands",), RUNS,
          oscal=("ac-6.9",)),
    Asked(NIST, "AC-2", "Accounts are reviewed", ("access.review_overdue",), "access.people",
          oscal=("ac-2",)),
    Asked(NIST, "AU-2, AU-3", "Which events are logged with which content", because=BY_TESTS,
          oscal=("au-2", "au-3")),
    Asked(NIST, "AU-5", "Failures of audit logging are answered", LOGGED, ENTRIES, oscal=("au-5",)),
    Asked(NIST, "AU-8", "Time stamps are those of one clock", ("clocks.off",), "clocks.measured",
          oscal=("au-8",)),
    Asked(NIST, "AU-9(2)", "Audit records are kept on another system", ("ledger.anchor_alarms",),
          "anchors.answers", oscal=("au-9.2",)),
    Asked(NIST, "AU-9(4)", "Who audits has no part in what is audited", ("access.apart",), "access.people",
          oscal=("au-9.4",)),
    Asked(NIST, "AU-6", "Audit records are reviewed", ("outside.open", "emergencies.overdue"), ENTRIES,
          oscal=("au-6",)),
    Asked(NIST, "AU-9(3), AU-10", "Audit records are protected by cryptography", UNALTERED,
          "ledger.verified", oscal=("au-9.3", "au-10")),
    Asked(NIST, "SI-2", "Flaws are remedied in time; what was not seen lately is unknown",
          (*PATCHED, "coverage.stale", "coverage.never"), "coverage.lpars", oscal=("si-2", "si-2.2")),
    Asked("NIS2 IR 2024/2690", "6.4", "Emergency changes are documented and explained afterwards",
          ("emergencies.overdue", "approvals.late"), RUNS),
    Asked("NIS2 IR 2024/2690", "6.6", "Patches in reasonable time; what stays open is accepted", PATCHED,
          "coverage.lpars"),
    Asked("DORA RTS 2024/1774", "Article 17", "Approval is independent; emergencies are approved afterwards",
          ("duties.conflicts", "emergencies.overdue"), RUNS),
    Asked("DORA RTS 2024/1774", "Articles 10 and 12", "Patch deadlines; integrity of logs",
          (*PATCHED, *UNALTERED), ENTRIES),
    Asked("CIS, STIG for AIX", "Audit, SSH, sudo", "Hardening of LPARs",
          because="Readiness checks record what concerns Live Update alone."),
    Asked("21 CFR Part 11", "11.10, 11.70", "Records cannot be altered unseen; signatures belong to them",
          (*UNALTERED, "deviations.other_plan"), ENTRIES),
)  # fmt: skip
