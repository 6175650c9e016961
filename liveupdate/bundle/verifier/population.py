"""Every request, run and change of software of a period, followed from the first entry to the last.

The portal's compliance report and the stand-alone verifier count with this one file, so it needs nothing
but the standard library of Python 3.8. Times are texts of the ledger (RFC 3339 in UTC, all of one length,
so that they sort as they are).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from liveupdate.bundle.verifier.approvals import VERDICTS, History
from liveupdate.bundle.verifier.opening import Entry

CHANGES_LEVEL = ("level_before", "level_after")
ENDS_OF_COMMANDS = {"cmd.end": "ended", "cmd.unknown": "unknown", "cmd.unsent": "unsent"}
FOLLOWED = frozenset(
    [
        *("request.create", "request.edit", "request.submit", "request.cancel", "plan.freeze", "plan.void"),
        *("approval.grant", "approval.deny", "approval.change", "approval.withdraw", "approval.expire"),
        *("approval.refused", "quorum.lost", "drift.found", "breakglass.open", "breakglass.review"),
        *("user.change", "role.change", "delegation.give", "delegation.end", "policy.change", "policy.write"),
        *("template.write", "template.approve", "template.end"),
        *("run.queue", "run.start", "run.end", "run.stuck", "run.adopt", "run.decision", "run.abort_req"),
        *("run.diagnosis", "run.sign_off", "run.alarm", "run.pause", "step.skip"),
        *("target.snapshot", "outside.found", "outside.explain", "outside.close"),
        *("hostkey.change", "hostkey.pin", "hostkey.propose", "hostkey.reject"),
        *("access.review", "exception.grant", "exception.expire"),
    ]
)
"""Kinds of entries that it follows one by one; commands and output come as sums (`Commands`)."""


class Commands(NamedTuple):
    """What a run sent: places of its first and last entry and of its first command, times, counts.

    `ended`, `unknown` and `unsent` are how commands came out; each is one of them, or not over yet.
    """

    first_seq: int
    last_seq: int
    begun_seq: int | None
    begun_at: str
    last_at: str
    intended: int
    ended: int
    unknown: int
    unsent: int


class Given(NamedTuple):
    """An approval that counted when the run began."""

    seq: int
    at: str
    person: str
    giver: str
    stage: str
    role: str
    factor: str
    note: str


class RunCourse:
    """A run as its entries tell it. `refusal` says why it was not allowed when it began, if it was not."""

    def __init__(self, entry: Entry) -> None:
        self.run = int(entry.said["sub"]["run"])
        self.plan = str(entry.said["sub"].get("plan", ""))
        self.queued_seq, self.queued_at = entry.seq, str(entry.said["at"])
        self.begun_seq: int | None = None
        self.begun_at = self.ended_at = ""
        self.ended_seq: int | None = None
        self.given: list[Given] = []
        self.needed = 0
        self.owners: set[str] = set()
        self.refusal = ""
        self.window = ["", ""]
        self.result: dict[str, Any] = {}
        self.notes: list[tuple[str, Entry]] = []
        self.seen = False

    @property
    def state(self) -> str:
        """How it ended, or `not_over`."""
        return str(self.result.get("state", "not_over"))

    @property
    def new_level(self) -> bool:
        """Whether it says that it brought another level."""
        before, after = (self.result.get(name) or "" for name in CHANGES_LEVEL)
        return bool(before and after and before != after)


class Course:
    """A request as its entries tell it, with its run."""

    def __init__(self, entry: Entry) -> None:
        subject = entry.said["sub"]
        self.number = str(subject["request"])
        self.team, self.lpar = str(subject.get("team", "")), str(subject.get("lpar", ""))
        self.requester = str(entry.said["actor"]["id"])
        self.asked_seq, self.asked_at = entry.seq, str(entry.said["at"])
        self.state = "open"
        self.wish: dict[str, Any] = {}
        self.terms: dict[str, Any] = {}
        self.decisions: list[Entry] = []
        self.refused: list[Entry] = []
        self.emergencies: list[Entry] = []
        self.run: RunCourse | None = None
        self.last_seq = entry.seq


class Sight(NamedTuple):
    """A look that found other software than the one before; `explained` by the run, None for none."""

    entry: Entry
    explained: int | None

    @property
    def said(self) -> dict[str, Any]:
        """What the look saw."""
        said: dict[str, Any] = self.entry.said["d"]
        return said


class Population:
    """Reads entries in the order of the ledger; `begin` (in it) and `end` (not in it) bound the period.

    `texts` gives plans and policies by their file names in a bundle. With `team` nothing counts that
    belongs to another team.
    """

    def __init__(self, begin: str, end: str, texts: Any, team: str = "") -> None:
        self.begin, self.end, self.team = begin, end, team
        self.history = History(texts)
        self.courses: dict[str, Course] = {}
        self.runs: dict[int, RunCourse] = {}
        self.sights: list[Sight] = []
        self.outside: dict[int, list[Entry]] = {}
        self.reviews: dict[int, Entry] = {}
        self.host_keys: list[Entry] = []
        self.role_changes: list[Entry] = []
        self.access_reviews: list[Entry] = []
        self.exceptions: list[Entry] = []
        self.last_sight: dict[str, int] = {}
        self.of_lpar: dict[str, list[RunCourse]] = {}

    def see_all(self, entries: Iterable[Entry]) -> None:
        """Follow these entries."""
        for entry in entries:
            self.see(entry)

    def see(self, entry: Entry) -> None:
        """Follow the next entry."""
        self.history.see(entry)
        kind = entry.type
        if kind.startswith(("request.", "approval.", "quorum.", "drift.", "breakglass.")):
            self._see_request(entry)
        elif kind.startswith(("run.", "step.")):
            self._see_run(entry)
        elif kind == "target.snapshot":
            self._see_sight(entry)
        elif kind.startswith("outside."):
            self.outside.setdefault(int(entry.said["d"]["outside_change"]), []).append(entry)
        elif kind.startswith("hostkey.") and self.within(entry):
            self.host_keys.append(entry)
        elif kind == "role.change" and self.within(entry):
            self.role_changes.append(entry)
        elif kind == "access.review":
            self.access_reviews.append(entry)
        elif kind.startswith("exception."):
            self.exceptions.append(entry)

    def within(self, entry: Entry) -> bool:
        """Whether it was entered in the period."""
        return self.begin <= str(entry.said["at"]) < self.end

    def asked(self) -> list[Course]:
        """The requests that were made in the period."""
        return [each for each in self._ours() if self.begin <= each.asked_at < self.end]

    def queued(self) -> list[Course]:
        """The requests whose run was made in the period."""
        ours = ((each, each.run) for each in self._ours())
        return [each for each, run in ours if run is not None and self.begin <= run.queued_at < self.end]

    def seen(self) -> list[Sight]:
        """The changes of software that looks found in the period."""
        return [each for each in self.sights if self.within(each.entry) and self.is_ours(each.entry)]

    def found(self) -> list[list[Entry]]:
        """The findings of changes outside the process that were made in the period, each with its entries."""
        return [
            entries
            for _, entries in sorted(self.outside.items())
            if entries[0].type == "outside.found" and self.within(entries[0]) and self.is_ours(entries[0])
        ]

    def emergencies(self) -> list[tuple[Course, Entry, Entry | None]]:
        """The emergencies that were opened in the period, each with the entry of its review."""
        return [
            (course, opened, self.reviews.get(int(opened.said["d"]["emergency"])))
            for course in self._ours()
            for opened in course.emergencies
            if self.within(opened)
        ]

    def is_ours(self, entry: Entry) -> bool:
        """Whether it belongs to the team that is asked for."""
        return self.team in ("", entry.said["sub"].get("team", ""))

    def _ours(self) -> list[Course]:
        return [each for each in self.courses.values() if self.team in ("", each.team)]

    def _see_request(self, entry: Entry) -> None:
        number = str(entry.said["sub"].get("request", ""))
        if entry.type == "request.create":
            self.courses[number] = Course(entry)
        course = self.courses.get(number)
        if course is None:
            return
        course.last_seq = entry.seq
        kind, said = entry.type, entry.said["d"]
        if kind in ("request.create", "request.edit"):
            course.wish, course.state = said, "open"
        elif kind == "request.submit":
            course.terms, course.state = said, "open"
        elif kind in VERDICTS:
            course.decisions.append(entry)
            course.state = "denied" if kind == "approval.deny" else course.state
        elif kind == "approval.refused":
            course.refused.append(entry)
        elif kind == "breakglass.open":
            course.emergencies.append(entry)
        elif kind == "breakglass.review":
            self.reviews[int(said["emergency"])] = entry
        else:
            course.state = {"request.cancel": "withdrawn", "approval.expire": "expired"}.get(
                kind, course.state
            )
        if course.run is not None and kind == "drift.found":
            course.run.notes.append((kind, entry))

    def _see_run(self, entry: Entry) -> None:
        subject = entry.said["sub"]
        course = self.courses.get(str(subject.get("request", "")))
        if entry.type == "run.queue" and course is not None:
            course.run, course.state = RunCourse(entry), "approved"
            self.runs[course.run.run] = course.run
            self.of_lpar.setdefault(course.lpar, []).append(course.run)
        run = self.runs.get(int(subject.get("run", 0)))
        if run is None or course is None:
            return
        if entry.type == "run.start" and run.begun_seq is None:
            self._begin(run, course, entry)
        elif entry.type == "run.end":
            run.ended_seq, run.ended_at, run.result = entry.seq, str(entry.said["at"]), entry.said["d"]
        elif entry.type not in ("run.queue", "run.start"):
            run.notes.append((entry.type, entry))

    def _begin(self, run: RunCourse, course: Course, entry: Entry) -> None:
        """Judge by what had been entered before whether it was allowed, and by whose approvals."""
        run.begun_seq, run.begun_at = entry.seq, str(entry.said["at"])
        run.refusal = self.history.why_not(entry)
        asked = self.history.asked.get(course.number)
        run.owners = {course.requester, *(asked.editors if asked else [])}
        run.window = [course.wish.get("starts_at", ""), course.wish.get("ends_at", "")]
        held = self.history.held_at(entry)
        if held is None:
            return
        seqs = {int(each.said["d"]["approval"]): each for each in course.decisions}
        for rung in held.rungs:
            run.needed += rung.stage["count"]
            for each in rung.counted:
                decided = seqs[each.decision["id"]]
                named = (each.decision["person"], each.decision["giver"], rung.stage["title"])
                role, factor = rung.stage["role"], each.decision["factor"]
                run.given.append(Given(decided.seq, decided.said["at"], *named, role, factor, each.note))

    def _see_sight(self, entry: Entry) -> None:
        """A run explains a change if it was under way since the look before and left this level.

        Of a run that was over before the period nothing was read: then what the look itself says counts.
        """
        said, lpar = entry.said["d"], str(entry.said["sub"]["lpar"])
        since = self.last_sight.get(lpar, -1)
        self.last_sight[lpar] = entry.seq
        if not said["level_before"]:
            return
        explained = None
        for run in reversed(self.of_lpar.get(lpar, [])):
            if run.begun_seq is None or (run.ended_seq is not None and run.ended_seq < since):
                continue
            after = run.result.get("level_after") or ""
            if said["level"] == said["level_before"] or after in ("", said["level"]):
                explained = run
                break
        if explained is not None and said["level"] != said["level_before"]:
            explained.seen = True
        named = int(said.get("run", 0))
        of_before = named if named not in self.runs else 0
        self.sights.append(Sight(entry, explained.run if explained else of_before or None))


def commands_in(runs: dict[int, list[Entry]]) -> dict[int, Commands]:
    """What each run sent, from its entries."""
    found = {}
    for run, entries in runs.items():
        intents = [entry for entry in entries if entry.type == "cmd.intent"]
        last = [entry.said["at"] for entry in entries if entry.type in ("cmd.intent", *ENDS_OF_COMMANDS)]
        came_out: dict[int, str] = {}
        for entry in entries:
            if entry.type in ENDS_OF_COMMANDS:
                came_out[int(entry.said["d"]["command"])] = ENDS_OF_COMMANDS[entry.type]
        counts = [list(came_out.values()).count(word) for word in ENDS_OF_COMMANDS.values()]
        first = intents[0] if intents else None
        found[run] = Commands(
            entries[0].seq,
            entries[-1].seq,
            first.seq if first else None,
            str(first.said["at"]) if first else "",
            max(last, default=""),
            len(intents),
            *counts,
        )
    return found
