"""Whether the entries of runs are whole, in order, and say what they may say of each other."""

from __future__ import annotations

from typing import Any, NamedTuple

from liveupdate.bundle.verifier.opening import Bundle, Entry, sha256_of
from liveupdate.bundle.verifier.releases import Finding, lacking_numbers, lacking_output

CHUNK_LIMIT = 64 * 1024
STREAMS = ("stdout", "stderr")


class Command(NamedTuple):
    """One command of a run, by its entries in their order."""

    number: int
    entries: list[Entry]

    def of(self, kind: str) -> list[Entry]:
        """Its entries of a kind."""
        return [entry for entry in self.entries if entry.type == kind]


def runs_of(entries: list[Entry]) -> dict[int, list[Entry]]:
    """The entries of each run."""
    runs: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.said.get("rs") is not None:
            runs.setdefault(entry.said["sub"]["run"], []).append(entry)
    return runs


def commands_of(entries: list[Entry]) -> list[Command]:
    """The commands of a run."""
    commands: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.type.startswith("cmd."):
            commands.setdefault(entry.said["d"]["command"], []).append(entry)
    return [Command(number, found) for number, found in sorted(commands.items())]


def check_run(bundle: Bundle, run: int, entries: list[Entry]) -> list[Finding]:
    """What is wrong with a run: its numbers, its plan, its commands and their output."""
    findings = lacking_numbers(bundle, run, entries)
    if not any(entry.type == "run.end" for entry in entries):
        findings.append(Finding(True, f"Run {run} is not over: its last entry is {entries[-1].type}."))
    plans = {entry.said["sub"].get("plan") for entry in entries if entry.type != "run.queue"} - {None}
    queued = {entry.said["sub"].get("plan") for entry in entries if entry.type == "run.queue"}
    if not plans <= queued:
        findings.append(Finding(False, f"Run {run}: a command is of another plan than the run."))
    for plan in queued:
        findings += _check_plan(bundle, run, str(plan))
    epochs = [entry.said["sub"]["epoch"] for entry in entries if "epoch" in entry.said["sub"]]
    if epochs != sorted(epochs):
        findings.append(Finding(False, f"Run {run}: a worker wrote after it had lost the run."))
    for command in commands_of(entries):
        findings += _check_command(bundle, f"Run {run}, command {command.number}", command)
    return findings


def _check_plan(bundle: Bundle, run: int, plan: str) -> list[Finding]:
    held = bundle.files.get(f"plans/{plan.partition(':')[2]}.json")
    if held is None:
        return [Finding(True, f"Run {run}: the text of its plan is not in the bundle.")]
    if sha256_of(held) != plan:
        return [Finding(False, f"Run {run}: the text of its plan is not the one that was approved.")]
    return []


def _check_command(bundle: Bundle, name: str, command: Command) -> list[Finding]:
    """Intended, then started, then ended, each at most once; and the output is what was entered."""
    findings = []
    kinds = [entry.type for entry in command.entries if entry.type != "cmd.out"]
    if kinds[:1] != ["cmd.intent"]:
        findings.append(Finding(False, f"{name}: nothing was entered before it was sent."))
    if kinds.count("cmd.intent") > 1 or kinds.count("cmd.end") > 1:
        findings.append(Finding(False, f"{name}: it was intended or ended more than once."))
    if kinds[-1] not in ("cmd.end", "cmd.unknown", "cmd.unsent"):
        findings.append(Finding(True, f"{name}: its end is not entered."))
    if "cmd.unsent" in kinds and (len(kinds) > 2 or command.of("cmd.out")):
        findings.append(Finding(False, f"{name}: it was held back, and something was entered of it."))
    for stream in STREAMS:
        findings += _check_stream(bundle, f"{name}, {stream}", stream, command)
    return findings


def _check_stream(bundle: Bundle, name: str, stream: str, command: Command) -> list[Finding]:
    whole, findings, at, lacks = b"", [], 0, False
    for entry in command.of("cmd.out"):
        said = entry.said["d"]
        if said["stream"] != stream:
            continue
        if said["offset"] != at:
            return [Finding(True, f"{name}: bytes are missing before byte {said['offset']}.")]
        if "gap" in said:
            at = said["gap"]["to"]
            findings.append(
                Finding(True, f"{name}: bytes {said['offset']} to {at} were not kept, as was entered then.")
            )
            continue
        piece, missing = _piece(bundle, said)
        if missing:
            gone = [lacking_output(bundle, name, entry, digest) for digest in missing]
            findings += gone
            if not all(finding.authorised for finding in gone):
                return findings
            at, lacks = at + said["bytes"], True
            continue
        if len(piece) != said["bytes"]:
            findings.append(
                Finding(False, f"{name}: it has {len(piece)} bytes, {said['bytes']} were entered.")
            )
        whole, at = whole + piece, at + len(piece)
    for entry in command.of("cmd.end"):
        if not lacks and entry.said["d"][stream]["digest"] != sha256_of(whole):
            findings.append(Finding(False, f"{name}: its bytes are not those that were there at its end."))
    return findings


def _piece(bundle: Bundle, said: dict[str, Any]) -> tuple[bytes, list[str]]:
    """The bytes that one entry speaks of, and the digests of those that are missing."""
    found, missing = [], []
    for digest in said["chunks"]:
        chunk = bundle.files.get(f"chunks/{digest.partition(':')[2]}")
        if chunk is None or sha256_of(chunk) != digest:
            missing.append(digest)
        else:
            found.append(chunk)
    return b"".join(found), missing
