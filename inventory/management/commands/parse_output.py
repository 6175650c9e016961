"""`manage.py parse_output COMMAND FILE`: what the portal reads from a captured output."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from inventory.captures import Refused, Understood, read_capture, text_of
from inventory.facts.base import HostKind, Output
from inventory.formats.catalogue import FORMATS
from portal.lib.errors import Invalid
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 the value was printed, 1 the output was refused."""

    help = "Print what the portal reads from a captured output, or the line that it refuses."

    def add_arguments(self, parser: CommandParser) -> None:
        """The command that printed the output, where the output is, and how the command ended."""
        super().add_arguments(parser)
        parser.add_argument("command_line", metavar="COMMAND", nargs="?", help="e.g. 'lsvg -p rootvg'")
        parser.add_argument(
            "file", metavar="FILE", nargs="?", help="the captured output; - is standard input"
        )
        parser.add_argument("--list", action="store_true", help="name every command")
        parser.add_argument("--host-kind", choices=[kind.value for kind in HostKind], default=None)
        parser.add_argument("--status", type=int, default=0, help="the command's exit status (else 0)")
        parser.add_argument(
            "--stderr", dest="error_output", metavar="FILE", default="", help="its error output"
        )

    def perform(self, options: dict[str, Any]) -> int:
        """Read the output, or list the commands."""
        host = HostKind(options["host_kind"]) if options["host_kind"] else None
        if options["list"]:
            return self._list(host)
        if not options["command_line"] or not options["file"]:
            raise Invalid("COMMAND and FILE are needed.", remedy="parse_output --list names every command.")
        error_output = _text(options["error_output"]) if options["error_output"] else ""
        output = Output(_text(options["file"]), error_output, options["status"])
        outcome = read_capture(options["command_line"], output, host)
        return self._refused(outcome) if isinstance(outcome, Refused) else self._understood(outcome)

    def _understood(self, outcome: Understood) -> int:
        self.show(
            {
                "fact": outcome.format.name,
                "command": outcome.format.commands[0],
                "host_kind": outcome.format.host.value,
                "parser_version": outcome.format.version,
                "value": outcome.value,
                **({} if outcome.details is None else {"details": outcome.details}),
            }
        )
        if not self.json_wanted:
            self.say(json.dumps(outcome.value, indent=2, ensure_ascii=False))
        return 0

    def _refused(self, outcome: Refused) -> int:
        self.show(
            {
                "fact": outcome.format.name,
                "command": outcome.format.commands[0],
                "error": outcome.reason,
                "line": outcome.line,
                "line_number": outcome.line_number,
            }
        )
        where = f"line {outcome.line_number}: " if outcome.line_number else ""
        line = f": {outcome.line!r}" if outcome.line else ""
        self.stderr.write(f"{outcome.format.commands[0]}: {where}{outcome.reason}{line}")
        return 1

    def _list(self, host: HostKind | None) -> int:
        formats = [each for each in FORMATS if host in (None, each.host)]
        self.show(
            [
                {"fact": each.name, "host_kind": each.host.value, "commands": list(each.commands)}
                for each in formats
            ]
        )
        if not self.json_wanted:
            for each in formats:
                for command in each.commands:
                    self.say(command)
        return 0


def _text(name: str) -> str:
    """What a file holds. Raises Invalid when it cannot be read."""
    try:
        return text_of(sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes())
    except OSError as error:
        raise Invalid(f"{name} cannot be read: {error.strerror}.") from error
