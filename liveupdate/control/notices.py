"""What people are told by mail: the occasions, and the words. A mail holds a link and a summary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from portal.lib.text import visible

LINE = 900
"""Characters that one line of a mail may have, of text that people wrote or hosts printed."""


class Occasion(StrEnum):
    """Why somebody gets a mail."""

    TO_DECIDE = "to_decide"
    EMERGENCY = "emergency"
    REMINDER = "reminder"
    APPROVED = "approved"
    REJECTED = "rejected"
    CHANGE_ASKED = "change_asked"
    TAKEN_BACK = "taken_back"
    HELD = "held"
    FREE_AGAIN = "free_again"
    VOIDED = "voided"
    CONTACT_LOST = "contact_lost"
    NEEDS_PERSON = "needs_person"
    FAILED = "failed"
    RESIDUE = "residue"
    SUCCEEDED = "succeeded"
    EXPIRED = "expired"
    CAMPAIGN_HALTED = "campaign_halted"
    CAMPAIGN_WAITS = "campaign_waits"
    REPORT_READY = "report_ready"


SAID = {
    Occasion.TO_DECIDE: "waits for your decision",
    Occasion.EMERGENCY: "is an emergency: it starts before everybody has decided, confirm or reject it",
    Occasion.REMINDER: "still waits for a decision",
    Occasion.APPROVED: "is approved",
    Occasion.REJECTED: "was rejected",
    Occasion.CHANGE_ASKED: "is to be changed",
    Occasion.TAKEN_BACK: "is no longer approved",
    Occasion.HELD: "is approved and cannot start",
    Occasion.FREE_AGAIN: "can start again",
    Occasion.VOIDED: "is planned again, its approval is void",
    Occasion.CONTACT_LOST: "is out of contact",
    Occasion.NEEDS_PERSON: "waits for a person",
    Occasion.FAILED: "failed",
    Occasion.RESIDUE: "succeeded and left something behind",
    Occasion.SUCCEEDED: "succeeded",
    Occasion.EXPIRED: "expired",
    Occasion.CAMPAIGN_HALTED: "is halted, and goes on only by a decision",
    Occasion.CAMPAIGN_WAITS: "waits for a decision before it goes on",
    Occasion.REPORT_READY: "is ready",
}
INFORMATION = frozenset(
    {
        *(Occasion.APPROVED, Occasion.SUCCEEDED, Occasion.EXPIRED),
        *(Occasion.TAKEN_BACK, Occasion.FREE_AGAIN),
    }
)
"""Occasions on which nobody has to act: these mails a person may do without."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a mail is about: its number, a name to know it by (an LPAR), what is said of it, and its page."""

    number: str
    name: str
    facts: Mapping[str, str]
    address: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail: one line of subject, and plain text."""

    subject: str
    text: str


def letter(occasion: Occasion, summary: Summary, reasons: Sequence[str], choices: str) -> Letter:
    """The mail for an occasion; `choices` is the address where a person says what they want to hear of.

    What people wrote and hosts printed stays within its line: no header and no paragraph can be forged.
    """
    said = f"{summary.number} {summary.name}: {SAID[occasion]}"
    lines = [
        f"{one_line(summary.number)} {SAID[occasion]}.",
        *(f"  {one_line(reason)}" for reason in reasons if reason),
        "",
        *(f"{name + ':':<10}{one_line(text)}" for name, text in summary.facts.items()),
        "",
        f"Open it: {summary.address}",
        "",
        "The link opens a page and decides nothing: you sign in and read first.",
        f"What you are told by mail: {choices}",
    ]
    return Letter(one_line(said)[:200], "\n".join(lines) + "\n")


def joint_letter(
    occasion: Occasion, campaign: Summary, requests: Sequence[tuple[Summary, Sequence[str]]], choices: str
) -> Letter:
    """One mail about several requests of a campaign, each with the reasons that are its own, and its link."""
    said = f"each of {len(requests)} requests {SAID[occasion]}"
    lines = [
        f"{one_line(campaign.number)}: {said}.",
        "",
        *(f"{name + ':':<10}{one_line(text)}" for name, text in campaign.facts.items()),
        "",
    ]
    for request, reasons in requests:
        lines.append(f"{one_line(f'{request.number} {request.name}')}: {request.address}")
        lines.extend(f"  {one_line(reason)}" for reason in reasons)
    lines += [
        "",
        f"All of the campaign: {campaign.address}",
        "",
        "A link opens a page and decides nothing: you sign in and read first.",
        f"What you are told by mail: {choices}",
    ]
    return Letter(one_line(f"{campaign.number} {campaign.name}: {said}")[:200], "\n".join(lines) + "\n")


def reasons_in(text: str) -> list[str]:
    """The reasons that a letter gives."""
    return [line.strip() for line in takewhile(bool, text.splitlines()[1:])]


def one_line(text: str) -> str:
    """Text as one line that hides nothing: line breaks are blanks, control characters their numbers."""
    return visible(" ".join(text.split("\n")).replace("\r", " "))[:LINE]
