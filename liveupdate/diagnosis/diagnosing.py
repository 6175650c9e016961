"""What the logs of one update say of its failure: the root cause first."""

import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from typing import Any, BinaryIO

from inventory.facts.level import Level
from liveupdate.diagnosis import affected
from liveupdate.diagnosis.base import Mark, Marks, Rank, Signature, Source
from liveupdate.diagnosis.catalogue import SIGNATURES
from liveupdate.diagnosis.records import LOUD
from liveupdate.diagnosis.scan import Attempt, Scanner, Trace

FOUND = frozenset({Rank.CAUSE, Rank.GENERIC})
EXPLAINED = FOUND | {Rank.CLUE, Rank.PRECONDITION, Rank.LOST}
MOST_TELLING = 8
"""Lines that are shown of a failure that no signature knows."""
_SERIOUS = re.compile(r"\b1020-\d{3}\b|\b1430-\d{3}\b(?! (?:INFO|WARNING))")
_BLANK = re.compile(r"\{(\w+)\}")


class Outcome(StrEnum):
    """What the logs say of the update as a whole."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A signature found in logs: the lines that show it, the telling one first, and what they name."""

    signature: Signature
    traces: tuple[Trace, ...]
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def commands(self) -> list[str]:
        """The remedy as typed, with the values that the lines name; the others in capitals."""
        return [filled(command, self.values) for command in self.signature.commands]

    def as_dict(self, level: Level | None = None) -> dict[str, Any]:
        """The diagnosis as `--json` shows it; with `level`, whether that level is concerned."""
        signature, first = self.signature, self.traces[0]
        shown = {
            "id": signature.id,
            "title": signature.title,
            "cause": signature.cause,
            "rank": signature.rank.name.lower(),
            "file": first.file,
            "line": first.number,
            "text": first.text,
            "lines": [{"file": t.file, "line": t.number, "text": t.text} for t in self.traces],
            "values": dict(self.values),
            "remedy": signature.remedy,
            "commands": self.commands,
            "next": signature.next.value,
            "affected_levels": affected.levels_of(signature),
            "apars": affected.apars(signature),
        }
        if level is not None:
            shown["level"] = level.text
            shown["level_affected"] = affected.concerns(signature, level)
            shown["level_apar"] = affected.repaired_by(signature, level)
        return shown


@dataclass(frozen=True, slots=True)
class Result:
    """What was found. `telling` are the lines to read when no signature knows the failure."""

    outcome: Outcome
    kinds: Mapping[str, Source]
    diagnoses: tuple[Diagnosis, ...] = ()
    telling: tuple[Trace, ...] = ()

    @property
    def is_unknown(self) -> bool:
        """Whether it failed and no signature says why."""
        return bool(self.telling) or (self.outcome is Outcome.FAILED and not _explained(self.diagnoses))


def diagnose(
    logs: Iterable[tuple[str, BinaryIO]],
    *,
    failed: bool = False,
    window: tuple[datetime, datetime] | None = None,
    signatures: Sequence[Signature] = SIGNATURES,
) -> Result:
    """Judge the logs of one update, each with its name.

    Of several attempts in a log the last one counts, or the one in the `window` (aware times). With
    `failed` it is known from elsewhere that the update did not succeed.
    """
    scanners = []
    for name, stream in logs:
        scanner = Scanner(name, signatures)
        scanner.read(stream)
        scanners.append(scanner)
    kinds = {scanner.file: scanner.kind for scanner in scanners}
    chosen = [_chosen(scanner.attempts, window) for scanner in scanners]
    outcome = Outcome.FAILED if failed else _outcome(chosen)
    if outcome is Outcome.SUCCEEDED:
        return Result(outcome, kinds)
    counted = [attempt for attempt in chosen if not _only_previewed(attempt)]
    marks = {mark for attempt in counted for mark in attempt.marks} | (
        {Mark.TOLD_FAILED} if failed else set()
    )
    diagnoses = _diagnoses(counted, frozenset(marks), signatures)
    telling = () if _explained(diagnoses) else _telling(counted, outcome)
    if telling and outcome is Outcome.UNKNOWN:
        outcome = Outcome.FAILED
    return Result(outcome, kinds, diagnoses, telling)


def diagnose_text(text: str, **options: Any) -> Result:
    """Judge one text, called `text`."""
    return diagnose([("text", BytesIO(text.encode()))], **options)


def filled(command: str, values: Mapping[str, str]) -> str:
    """A command of a signature with its values in place; what is not known stands in capitals."""
    known = {name: values.get(name) or name.upper() for name in _BLANK.findall(command)}
    return string.Formatter().vformat(command, (), known)


def _chosen(attempts: Sequence[Attempt], window: tuple[datetime, datetime] | None) -> Attempt:
    """The attempt that counts: the last by the log's clock, and of those the last in the file.

    An attempt that the log's clock puts outside the window is another update's.
    """
    inside = [attempt for attempt in attempts if not window or attempt.within(window)]
    order = {id(attempt): number for number, attempt in enumerate(attempts)}
    return max(inside, key=lambda attempt: (attempt.last or 0, order[id(attempt)]), default=Attempt())


def _outcome(attempts: Sequence[Attempt]) -> Outcome:
    """What was said to whoever started the update counts before what its log says."""
    said = [attempt for attempt in attempts if Mark.LOGGED not in attempt.marks]
    for group in (said, attempts):
        verdicts = {attempt.verdict for attempt in group}
        if verdicts & {Mark.FAILED, Mark.REFUSED}:
            return Outcome.FAILED
        if Mark.SUCCEEDED in verdicts:
            return Outcome.SUCCEEDED
    if any(Mark.NIM_FAILED in attempt.marks for attempt in attempts):
        return Outcome.FAILED
    return Outcome.UNKNOWN


def _only_previewed(attempt: Attempt) -> bool:
    marks = attempt.marks.keys()
    return Mark.PREVIEWED in marks and Mark.BEGUN not in marks and attempt.verdict is None


def _diagnoses(
    attempts: Sequence[Attempt], marks: Marks, signatures: Sequence[Signature]
) -> tuple[Diagnosis, ...]:
    found: dict[str, list[Trace]] = {}
    for signature in signatures:
        traces = [trace for attempt in attempts for trace in attempt.traces.get(signature.id, ())]
        if traces and signature.when(marks):
            found[signature.id] = sorted(traces, key=lambda trace: trace.record is None)
    by_id = {signature.id: signature for signature in signatures}
    kept = _telling_most({by_id[key]: traces for key, traces in found.items()})
    made = [_diagnosis(signature, traces) for signature, traces in kept.items()]
    files = list(dict.fromkeys(t.file for a in attempts for each in a.traces.values() for t in each))
    followers = {other for each in made for other in each.signature.explains}

    def place(diagnosis: Diagnosis) -> tuple[Any, ...]:
        signature, first = diagnosis.signature, diagnosis.traces[0]
        spoken = first.record is None
        rank = Rank.CAUSE if signature.rank in FOUND else signature.rank
        weight = signature.rank if spoken else rank
        return rank, signature.id in followers, spoken, weight, files.index(first.file), first.number

    return tuple(sorted(made, key=place))


def _telling_most(found: Mapping[Signature, list[Trace]]) -> dict[Signature, list[Trace]]:
    """Without what says less about the same failure."""
    covered = {other for signature in found for other in signature.covers}
    claimed = {
        (trace.file, trace.number)
        for signature, traces in found.items()
        if signature.rank is Rank.CAUSE
        for trace in traces
    }
    kept: dict[Signature, list[Trace]] = {}
    for signature, traces in found.items():
        generic = signature.rank is Rank.GENERIC
        own = [each for each in traces if not generic or (each.file, each.number) not in claimed]
        if own and signature.id not in covered:
            kept[signature] = own
    ranks = {signature.rank for signature in kept}
    if ranks & FOUND:
        kept = {signature: traces for signature, traces in kept.items() if signature.rank is not Rank.CLUE}
    return kept if ranks - {Rank.INFORMATION} else {}


def _diagnosis(signature: Signature, traces: Sequence[Trace]) -> Diagnosis:
    values: dict[str, str] = {}
    for trace in traces:
        for name, value in trace.values.items():
            values.setdefault(name, value)
    lines = {(trace.file, trace.number, trace.text): trace for trace in traces}
    return Diagnosis(signature, tuple(lines.values()), values)


def _explained(diagnoses: Iterable[Diagnosis]) -> bool:
    return any(diagnosis.signature.rank in EXPLAINED for diagnosis in diagnoses)


def _telling(attempts: Sequence[Attempt], outcome: Outcome) -> tuple[Trace, ...]:
    """The earliest loud records of the log, then what else speaks of failure; nothing if all is well."""
    traces = [trace for attempt in attempts for trace in attempt.telling]
    loud = [trace for trace in traces if trace.record and trace.record.level in LOUD]
    serious = [trace for trace in traces if trace not in loud and _SERIOUS.search(trace.text)]
    if outcome is Outcome.UNKNOWN and not loud and not serious:
        return ()
    rest = [trace for trace in traces if trace not in loud and trace not in serious]
    return tuple([*loud, *serious, *rest][:MOST_TELLING])
