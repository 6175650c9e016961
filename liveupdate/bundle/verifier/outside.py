"""What of a compliance report no bundle can count anew, and why: it rests on more than entries."""

from __future__ import annotations

SIGNED = "a checkpoint holds no time; when it was signed is kept beside the ledger"
NOT_RECOUNTED = {
    **dict.fromkeys(
        [
            *("ledger.signed_at", "anchors.count", "anchors.gaps"),
            *("ledger.seal_p50", "ledger.seal_p99", "ledger.seal_slow"),
        ],
        SIGNED,
    ),
    "anchors.answers": "answers of anchors are kept beside the ledger",
    **dict.fromkeys(
        [f"coverage.{key}" for key in ("lpars", "fresh", "stale", "never", "excluded")],
        "a look that finds nothing new is not entered, and an LPAR that never changed has no entry",
    ),
    **dict.fromkeys(
        [f"latency.{key}" for key in ("cured", "in_time", "open", "overdue", "unexcused")],
        "which LPAR has which fault follows from filesets and IBM's list, which are not entered",
    ),
    "exceptions.expired_in_use": "levels of LPARs and whom a baseline is about come from the inventory",
}
"""Figures by their keys, each with the reason."""
TAKEN_AS_TOLD = {
    "budgets in blackout.runs": "what a campaign allows its runs is taken as that table names it",
}
ROWS_OF_PAGES = "what pages show are rows of the database, which are compared with entries and are none"
SIDES_NOT_RECOUNTED = {
    ("equation.request_rows", "left"): ROWS_OF_PAGES,
    ("equation.run_rows", "left"): ROWS_OF_PAGES,
    ("equation.entries", "left"): "a bundle holds some of the ledger's entries, proven by the root over all",
}
"""Sides of equations, each with the reason."""
PRUNABLE = frozenset(
    [
        *("ledger.entries", "ledger.reads", "ledger.starts", "deviations.repeated"),
        *("access.stale", "access.denied", "access.failed", "access.locked_out", "access.sessions"),
    ]
)
"""Figures that count entries whose bytes may be pruned."""
COUNTED_BY_ROWS = (
    (("approvals.runs",), "approvals.order"),
    (("levels.by_runs_unseen",), "population.unseen"),
    (("outside.found",), "population.outside"),
    (("coverage.stale", "coverage.never", "coverage.excluded"), "coverage.not_covered"),
    (("register.runs",), "register"),
    (("duties.conflicts",), "duties.conflicts"),
    (("duties.both_sides",), "duties.both_sides"),
    (("duties.role_changes",), "duties.role_changes"),
    (("duties.new_roles",), "duties.new_roles"),
    (("deviations.all",), "deviations"),
    (("deviations.host_keys",), "deviations.host_keys"),
    (("emergencies.opened",), "emergencies"),
    (("latency.overdue",), "latency.overdue"),
    (("exceptions.all",), "exceptions"),
    (("failures.all",), "failures"),
    (("blackout.measured",), "blackout.runs"),
    (("access.people",), "access.people"),
    (("access.apart",), "access.apart"),
    (("anchors.gaps",), "anchors.gaps"),
    (("ledger.gaps",), "ledger.gaps"),
    (("clocks.off",), "clocks"),
    (("sample.size",), "sample"),
)
"""Figures that are as many as the rows of a table of the report, together."""
COUNTED_BY_CHARTS = (
    ("blackout.measured", "blackout.distribution"),
    ("blackout.measured", "blackout.months"),
    ("runs.failed", "failures.by_cause"),
    ("latency.cured", "latency.trend"),
)
"""Figures that are as many as a chart of the report shows in all."""
