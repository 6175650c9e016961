"""What a bundle's page of a run shows: commands with their output, as text that nothing in it can leave."""

from typing import Any

from liveupdate.bundle.verifier.opening import Entry
from liveupdate.bundle.verifier.runs import Command
from portal.audit.releases import output_or_words
from portal.lib.text import visible

MOST_SHOWN = 256 * 1024
"""Bytes of one stream that a page shows; the rest is in the chunks."""


def run_page(
    run: int, entries: list[Entry], commands: list[Command], people: dict[str, str]
) -> dict[str, Any]:
    """The context of the page of one run."""
    return {
        "run": run,
        "subject": entries[0].said["sub"],
        "events": [_event(entry, people) for entry in entries if entry.type != "cmd.out"],
        "commands": [_command(command) for command in commands],
    }


def _event(entry: Entry, people: dict[str, str]) -> dict[str, Any]:
    actor, token = str(entry.said["actor"]["id"]), entry.said.get("via", {}).get("token")
    said = entry.said["d"]
    words = " · ".join(
        str(said[name]) for name in ("title", "state", "message", "reason", "outcome") if said.get(name)
    )
    return {
        "seq": entry.seq,
        "at": entry.said["at"],
        "type": entry.type,
        "step": entry.said["sub"].get("step", ""),
        "actor": people.get(actor, actor) + (f" by token {token}" if token else ""),
        "words": visible(words),
    }


def _command(command: Command) -> dict[str, Any]:
    intents, ends = command.of("cmd.intent"), command.of("cmd.end")
    said = intents[0].said["d"] if intents else {}
    return {
        "number": command.number,
        "host": said.get("host", {}).get("name", ""),
        "account": said.get("host", {}).get("account", ""),
        "line": visible(said.get("wire") or said.get("path", "")),
        "status": ends[-1].said["d"]["status"] if ends else "unknown",
        "streams": [_stream(command, name) for name in ("stdout", "stderr")],
    }


def _stream(command: Command, name: str) -> dict[str, Any]:
    named = [
        (digest, entry.seq)
        for entry in command.of("cmd.out")
        if entry.said["d"]["stream"] == name
        for digest in entry.said["d"]["chunks"]
    ]
    content = b""
    for digest, seq in named:
        content += output_or_words(digest, seq)
        if len(content) > MOST_SHOWN:
            break
    return {
        "name": name,
        "text": visible(content[:MOST_SHOWN].decode("utf-8", "backslashreplace")),
        "cut": len(content) > MOST_SHOWN,
        "chunks": [digest.removeprefix("sha256:") for digest, _ in named],
    }
