"""Findings as people read them: what stands in the way first, what the plan cures, what is in order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from liveupdate.lpar.consents import CONSENT_TITLES, Consent
from liveupdate.readiness.base import shown_state
from liveupdate.readiness.catalogue import QUESTIONS

Finding = Mapping[str, Any]
"""A finding as requests and plans store it."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings of one look. `weighty` ones need attention; `met` and `idle` (do not apply) do not."""

    weighty: list[dict[str, Any]]
    met: list[dict[str, Any]]
    idle: list[dict[str, Any]]

    @property
    def count(self) -> int:
        """How many requirements were looked at."""
        return len(self.weighty) + len(self.met) + len(self.idle)

    @property
    def in_the_way(self) -> int:
        """How many of them no plan can cure."""
        return sum(not finding["curable"] for finding in self.weighty)


def findings_of(findings: Iterable[Finding], consents: Iterable[str] = ()) -> Findings:
    """Sorted by weight; `consents` are those that the request gives."""
    given = set(consents)
    rows = [_row(finding, given) for finding in findings]
    weighty = [row for row in rows if row["state"] not in ("ok", "not_applicable")]
    return Findings(
        weighty=sorted(weighty, key=_weight),
        met=[row for row in rows if row["state"] == "ok"],
        idle=[row for row in rows if row["state"] == "not_applicable"],
    )


def consents_needed(findings: Iterable[Finding]) -> list[str]:
    """The consents without which no plan can be made of what was found."""
    needed = {finding["consent"] for finding in findings if finding["curable"] and finding["consent"]}
    return [consent.value for consent in Consent if consent.value in needed]


def _row(finding: Finding, given: set[str]) -> dict[str, Any]:
    consent = finding["consent"]
    title = CONSENT_TITLES[Consent(consent)] if consent else ""
    question = QUESTIONS[finding["id"]].question if finding["id"] in QUESTIONS else ""
    return {
        **finding,
        "shown": shown_state(finding["state"], finding["curable"], consent),
        "consent_title": title,
        "consent_given": consent in given,
        "question": question,
    }


def _weight(finding: Finding) -> int:
    if finding["curable"]:
        return 3 if finding["consent"] else 4
    return ("blocker", "unknown", "warning").index(finding["state"])
