"""`manage.py lvupdate_data lint|diff|generate`: look over, compare and write `lvupdate.data` files."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from inventory.actions.facts import stored_facts
from inventory.facts.base import FactMissing
from liveupdate.actions.looks import named_lpar
from liveupdate.lpar.lvupdate_data import LvupdateData
from liveupdate.lpar.lvupdate_lint import Weight, disks_in, lint
from liveupdate.lpar.lvupdate_review import difference, generated, known_lpar
from liveupdate.lpar.subject import Subject
from liveupdate.records.subjects import subject_of_lpar
from portal.lib.errors import Conflict, Invalid
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 clean, the same, or written; 1 errors found, or different; 2 could not be done."""

    help = "Look over an lvupdate.data file, compare two, or write one; with --lpar by what is known of it."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, with which files; `-` is standard input."""
        super().add_arguments(parser)
        parser.add_argument("verb", choices=["lint", "diff", "generate"])
        parser.add_argument("files", nargs="*", metavar="FILE", help="one for lint, one or two for diff")
        parser.add_argument("--lpar", help="the LPAR whose facts count, as they were read last")
        for name in ("nhdisk", "mhdisk", "console", "user"):
            parser.add_argument(f"--{name}", default="", help="for generate without --lpar")

    def perform(self, options: dict[str, Any]) -> int:
        """Do what is asked for."""
        subject = _subject(options["lpar"]) if options["lpar"] else None
        try:
            match options["verb"]:
                case "lint":
                    return self._lint(_text(options["files"], 1), subject)
                case "diff":
                    return self._diff(options["files"], subject)
            return self._generate(options, subject)
        except FactMissing as missing:
            raise Conflict(
                f"Not known: {missing.reason}.",
                remedy="manage.py refresh_facts reads it.",
                code="facts_unknown",
            ) from missing

    def _lint(self, text: str, subject: Subject | None) -> int:
        remarks = lint(text, known_lpar(subject) if subject else None)
        self.show([asdict(remark) for remark in remarks])
        for remark in remarks:
            where = f"line {remark.line}" if remark.line else "file"
            self.say(f"{where}: {remark.weight.value}: {remark.message} [{remark.code}]")
        return int(any(remark.weight is Weight.ERROR for remark in remarks))

    def _diff(self, files: list[str], subject: Subject | None) -> int:
        if subject and len(files) == 1:
            new, name = generated(subject), f"planned for {subject.name}"
        elif len(files) == 2:
            new, name = _text(files[1:], 1), files[1]
        else:
            raise Invalid("diff takes two files, or one and --lpar.", code="wrong_use")
        old = _text(files[:1], 1)
        lines = difference(old, new, files[0], name)
        self.show({"same": old == new, "diff": lines})
        if not self.json_wanted:
            for line in lines:
                self.say(line)
        return int(old != new)

    def _generate(self, options: dict[str, Any], subject: Subject | None) -> int:
        if subject:
            text = generated(subject)
        else:
            text = LvupdateData(
                nhdisk=tuple(disks_in(options["nhdisk"])),
                mhdisk=tuple(disks_in(options["mhdisk"])),
                management_console=options["console"],
                user=options["user"],
            ).text()
        self.show({"text": text})
        if not self.json_wanted:
            self.stdout.write(text, ending="")
        return 0


def _subject(name: str) -> Subject:
    lpar = named_lpar(name)
    return subject_of_lpar(lpar, stored_facts(lpar))


def _text(files: list[str], wanted: int) -> str:
    """A file's text, byte for byte. Raises Invalid."""
    if len(files) != wanted:
        raise Invalid(f"{wanted} file is needed, {len(files)} given.", code="wrong_use")
    try:
        content = sys.stdin.buffer.read() if files[0] == "-" else Path(files[0]).read_bytes()
        return content.decode()
    except OSError as error:
        raise Invalid(f"{files[0]} cannot be read: {error.strerror}.", code="file_not_readable") from error
    except UnicodeDecodeError as error:
        raise Invalid(
            f"{files[0]} is not text in UTF-8 (byte {error.start}).", code="file_not_readable"
        ) from error
