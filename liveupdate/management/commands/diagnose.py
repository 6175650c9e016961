"""`manage.py diagnose`: what log files from anywhere say of a failed Live Update."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.management.base import CommandParser

from inventory.facts.level import Level
from liveupdate.diagnosis.base import Rank, Source
from liveupdate.diagnosis.diagnosing import Diagnosis, Outcome, Result, diagnose
from liveupdate.diagnosis.opening import opened
from liveupdate.diagnosis.scan import Trace
from portal.lib.errors import Invalid
from portal.web.commands import PortalCommand

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
UNKNOWN = "unknown"


class Command(PortalCommand):
    """Exit status: 0 judged, whether or not something was found; 1 it failed and no signature knows why;
    2 could not be done.

    The files belong to one update. With `--json` a list is printed, the root cause first, empty where
    nothing failed. Reads no database.
    """

    help = "Say why a Live Update failed, by its logs: terminal or NIM output, lvupdlog, errpt, emgr.log, …"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Which files, of which LPAR's level, and when it happened."""
        super().add_arguments(parser)
        parser.add_argument(
            "files", nargs="+", metavar="FILE", help="logs of one update; - is standard input"
        )
        parser.add_argument("--level", help="the LPAR's level before the update, as oslevel -s prints it")
        parser.add_argument("--since", type=_moment, help="the attempt after this time (ISO 8601, UTC)")
        parser.add_argument("--until", type=_moment, help="the attempt before this time")

    def perform(self, options: dict[str, Any]) -> int:
        """Read the files and say what they show."""
        level = _level(options["level"]) if options["level"] else None
        since, until = options["since"], options["until"]
        window = (since or EARLIEST, until or LATEST) if since or until else None
        try:
            result = diagnose(_logs(options["files"]), window=window)
        except OSError as error:
            name = error.filename or "A file"
            raise Invalid(
                f"{name} cannot be read: {error.strerror or error}.", code="file_not_readable"
            ) from error
        self.show(_listed(result, level))
        if not self.json_wanted:
            self._tell(result, level)
        return int(result.is_unknown)

    def _tell(self, result: Result, level: Level | None) -> None:
        for name, kind in result.kinds.items():
            self.say(f"{name}: {'not recognised' if kind is Source.OTHER else kind.value}")
        if not result.diagnoses and not result.is_unknown:
            succeeded = result.outcome is Outcome.SUCCEEDED
            self.say("\nThe update succeeded." if succeeded else "\nNothing here speaks of a failure.")
        if result.is_unknown:
            self.say("\nIt failed, and no signature knows why. The most telling lines:")
            for trace in result.telling:
                self.say(f"  {_place(trace)}: {trace.text}")
        for diagnosis in result.diagnoses:
            self.say(_words(diagnosis, level))


def _words(diagnosis: Diagnosis, level: Level | None) -> str:
    shown, first = diagnosis.as_dict(level), diagnosis.traces[0]
    parts = [
        f"\n{shown['id']} {shown['title']}",
        f"  {_place(first)}: {first.text}",
        f"  {shown['cause']}",
    ]
    if diagnosis.signature.rank <= Rank.LOST:
        parts += [f"  Remedy: {shown['remedy']}", *(f"    {command}" for command in diagnosis.commands)]
        parts.append(f"  Affected: {'; '.join(shown['affected_levels'])}")
    if level is not None and diagnosis.signature.rank <= Rank.LOST:
        known = {True: "affected", False: "not affected", None: "the level does not say enough"}
        parts.append(f"  {level}: {known[shown['level_affected']]}")
    return "\n".join(parts)


def _listed(result: Result, level: Level | None) -> list[dict[str, Any]]:
    listed = [
        diagnosis.as_dict(level) | {"kind": result.kinds[diagnosis.traces[0].file].value}
        for diagnosis in result.diagnoses
    ]
    return [_unknown(result), *listed] if result.is_unknown else listed


def _unknown(result: Result) -> dict[str, Any]:
    """A failure that no signature knows, in the form of a diagnosis."""
    first = result.telling[0] if result.telling else None
    return {
        "id": UNKNOWN,
        "title": "A failure that no signature knows",
        "cause": "Not known. The most telling lines are shown.",
        "rank": UNKNOWN,
        "file": first.file if first else None,
        "line": first.number if first else None,
        "text": first.text if first else "",
        "kind": result.kinds[first.file].value if first else None,
        "lines": [{"file": t.file, "line": t.number, "text": t.text} for t in result.telling],
        "values": {},
        "remedy": "Collect the logs with `snap -U` and ask IBM; add a signature when the cause is known.",
        "commands": ["snap -U"],
        "next": "person",
        "affected_levels": [],
        "apars": [],
    }


def _logs(files: list[str]) -> Iterator[tuple[str, BinaryIO]]:
    for name in files:
        if name == "-":
            yield name, opened(cast(BufferedReader, sys.stdin.buffer))
            continue
        with Path(name).open("rb") as file:
            yield name, opened(file)


def _place(trace: Trace) -> str:
    return f"{trace.file}:{trace.number}"


def _level(text: str) -> Level:
    try:
        return Level.parse(text)
    except ValueError as error:
        raise Invalid(str(error), code="file_not_readable") from error


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
