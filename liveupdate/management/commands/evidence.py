"""`manage.py evidence (--run ID | --request ID | --team SLUG | --from DATE --to DATE) --out FILE.zip`.

`--sample SEED:N --from DATE --to DATE [--team SLUG] --out FOLDER` writes a bundle for each run of a sample.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from liveupdate.bundle.sample import draw_of, write_sample
from liveupdate.bundle.scope import Scope, scope_of
from liveupdate.bundle.script import verify_script
from liveupdate.bundle.writing import write_bundle
from liveupdate.management.moments import moment
from liveupdate.reports.catalogue import Question
from liveupdate.reports.document import Period
from portal.audit.actor import Actor
from portal.lib.canonical import digest
from portal.lib.errors import Invalid
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Write an evidence bundle that a stranger can check without the portal."""

    help = "Write the evidence about a run, a request, a team or a period into one file."

    def add_arguments(self, parser: CommandParser) -> None:
        """What it is about, and where to write."""
        super().add_arguments(parser)
        parser.add_argument("--run", type=int, metavar="ID")
        parser.add_argument("--request", metavar="ID", help="R-000104 or 104")
        parser.add_argument("--team", metavar="SLUG")
        parser.add_argument("--from", dest="begin", metavar="DATE", help="2026-01-01, in UTC, or with a time")
        parser.add_argument("--to", dest="end", metavar="DATE", help="up to this moment, not included")
        parser.add_argument(
            "--sample", metavar="SEED:N", help="a bundle for each of N runs of the period, drawn by the seed"
        )
        parser.add_argument("--out", required=True, metavar="FILE.zip", help="with --sample a new folder")
        parser.add_argument("--pseudonyms", action="store_true", help="leave the names of people out")

    def perform(self, options: dict[str, Any]) -> int:
        """Write it and say what to do with it."""
        if options["sample"] is not None:
            return self._sample(options)
        scope = _scope(options)
        written = write_bundle(
            scope,
            Path(options["out"]),
            Actor.command("evidence"),
            names=not options["pseudonyms"],
            told=self._told,
        )
        script = digest(verify_script().encode())
        self.show({**asdict(written), "scope": scope.words, "verify_py": script})
        self.say(f"{written.entries} entries, {written.files} files, {written.bytes:,} bytes: {written.path}")
        self.say(f"root {written.root} at {written.size} entries; verify.py is {script}")
        return 0

    def _sample(self, options: dict[str, Any]) -> int:
        draw, question, out = draw_of(options["sample"]), _question(options), Path(options["out"])
        written = write_sample(
            draw,
            question,
            out,
            Actor.command("evidence"),
            names=not options["pseudonyms"],
            told=self._told,
        )
        files = [Path(each.path).name for each in written]
        self.show({"path": str(out), "seed": draw.seed, "files": files})
        self.say(f"{len(files)} runs drawn by {draw.seed!r}: {', '.join(files)} in {out}")
        return 0

    def _told(self, what: str, done: int, of: int) -> None:
        self.stderr.write(f"{what}: {done} of {of}")


def _question(options: dict[str, Any]) -> Question:
    """Among which runs a sample is drawn. Raises Invalid."""
    if (
        options["run"] is not None
        or options["request"] is not None
        or not (options["begin"] and options["end"])
    ):
        raise Invalid(
            "A sample is drawn from a period.",
            remedy="Name --from and --to, and perhaps --team.",
            code="scope_not_possible",
        )
    return Question(
        "changes", Period(moment(options["begin"]), moment(options["end"])), options["team"] or ""
    )


def _scope(options: dict[str, Any]) -> Scope:
    begin, end = (None if text is None else moment(text) for text in (options["begin"], options["end"]))
    return scope_of(options["run"], options["request"], options["team"], begin, end)
