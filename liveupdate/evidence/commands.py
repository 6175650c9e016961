"""Compares the commands of runs with what was entered before each was sent and when it ended."""

from collections.abc import Iterator, Mapping
from typing import Any

from inventory.command import Command
from liveupdate.models import RunCommand
from portal.audit.events import Event
from portal.audit.verification.comparisons import RowComparison, Values

Number = tuple[int, int]
"""A run's id and the number of a command in it."""


class CommandIntents(RowComparison[Number]):
    """What was sent, where and as whom, against `cmd.intent`."""

    events = frozenset({Event.CMD_INTENT})

    def said(self, document: Mapping[str, Any]) -> tuple[Number, Values]:
        """By run and number."""
        data, subject = document["d"], document["sub"]
        where = (data["host"]["name"], data["host"]["account"], subject["step"])
        file = (data["name"], data["path"]) if data["do"] == "fetch" else ("", "")
        return _number(document), (*where, _line(data), data["launch_key"], data["watch"], *file)

    def rows(self) -> Iterator[tuple[Number, Values]]:
        """Every command."""
        members = (
            *("run_id", "number", "host", "account", "step__key", "line", "launch_key", "watch"),
            *("file_name", "file_path"),
        )
        for run, number, *members_of in RunCommand.objects.order_by("pk").values_list(*members).iterator():
            yield (run, number), tuple(members_of)

    def name(self, key: Number) -> str:
        """Command 3 of run 7."""
        return f"Command {key[1]} of run {key[0]}"


class CommandEnds(RowComparison[Number]):
    """Exit status and the digests of both streams, against `cmd.end`."""

    events = frozenset({Event.CMD_END})

    def said(self, document: Mapping[str, Any]) -> tuple[Number, Values]:
        """By run and number."""
        data = document["d"]
        return _number(document), (data["status"], data["stdout"]["digest"], data["stderr"]["digest"])

    def rows(self) -> Iterator[tuple[Number, Values]]:
        """Every command that has ended."""
        ended = RunCommand.objects.filter(state=RunCommand.State.ENDED).order_by("pk")
        members = ("run_id", "number", "status", "stdout_digest", "stderr_digest")
        for run, number, *members_of in ended.values_list(*members).iterator():
            yield (run, number), tuple(members_of)

    def name(self, key: Number) -> str:
        """The end of command 3 of run 7."""
        return f"The end of command {key[1]} of run {key[0]}"


def _number(document: Mapping[str, Any]) -> Number:
    return document["sub"]["run"], document["d"]["command"]


def _line(data: Mapping[str, Any]) -> str:
    if data["do"] == "write_file":
        return f"write {data['path']} (mode {data['mode']}, {data['bytes']} bytes, {data['digest']})"
    if data["do"] == "fetch":
        return f"fetch {data['path']} as {data['name']}"
    return Command(tuple(data["argv"])).display()
