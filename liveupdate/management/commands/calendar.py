"""`manage.py calendar import FILE.ics | export [FILE.ics]`: windows and freezes, as on the pages."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.timezone import get_current_timezone_name

from liveupdate.actions.periods import import_periods, preview, replaced_by
from liveupdate.control.calendar import Kind, Scope
from liveupdate.control.ical import Imported, read_calendar
from liveupdate.pages.calendar_file import file_of
from liveupdate.pages.periods import Effects
from liveupdate.policies import visible_requests
from portal.access.models import Team, User
from portal.lib.clock import now
from portal.lib.errors import Invalid
from portal.web.commands import PortalCommand


@dataclass(frozen=True, slots=True)
class _Import:
    """What is imported by whom for which team (None: everybody's part), and what would come of it."""

    person: User
    team: Team | None
    events: list[Imported]

    def effects(self) -> Effects:
        """As the page shows them: the requests of this person's teams that would be held or free again."""
        periods = [event.period for event in self.events]
        replaced = replaced_by(self.team, self.events)
        return Effects(periods[0], preview(visible_requests(self.person), replaced, periods), now())


class Command(PortalCommand):
    """Exit status: 0 done; 1 a dry run, and requests would be held; 2 not possible."""

    help = (
        "Import windows and freezes from an iCalendar file, or export them; --dry-run shows what comes of it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do with which file, and for whom."""
        super().add_arguments(parser)
        parser.add_argument("verb", choices=["import", "export"])
        parser.add_argument("file", nargs="?", default="-", help="`-` is standard input or output")
        parser.add_argument("--team", default="", help="slug of a team; without it everybody's part")
        parser.add_argument("--as-user", default="", help="import: who changes the calendar")
        parser.add_argument("--reason", default="", help="import: why")
        parser.add_argument("--kind", choices=[kind.value for kind in Kind], default=Kind.FREEZE.value)
        parser.add_argument("--zone", default=get_current_timezone_name(), help="import: zone of whole days")
        parser.add_argument("--dry-run", action="store_true", help="import: show what comes of it alone")

    def perform(self, options: dict[str, Any]) -> int:
        """Do what is asked for."""
        team = _team(options["team"])
        if options["verb"] == "export":
            return self._export(options["file"], team)
        content = _content(options["file"])
        scope = Scope(team=team.slug if team else "")
        events = read_calendar(content, Kind(options["kind"]), scope, options["zone"])
        wanted = _Import(_person(options["as_user"]), team, events)
        return self._look(wanted) if options["dry_run"] else self._import(wanted, options["reason"])

    def _look(self, wanted: _Import) -> int:
        effects = wanted.effects()
        held = [(each.request.number, str(each.reason)) for each in effects.held]
        freed = [each.request.number for each in effects.freed]
        names = [event.period.name for event in wanted.events]
        self.show({"dry_run": True, "events": names, "held": dict(held), "freed": freed})
        self.say(f"{len(names)} event{'s' if len(names) != 1 else ''} would be imported: {', '.join(names)}.")
        for number, reason in held:
            self.say(f"{number} could start no more: {reason}")
        for number in freed:
            self.say(f"{number} could start again.")
        return int(bool(held))

    def _import(self, wanted: _Import, reason: str) -> int:
        made = import_periods(wanted.person, wanted.team, wanted.events, reason)
        self.show({"dry_run": False, "events": len(wanted.events), "made": made})
        self.say(f"{made} of {len(wanted.events)} events are new or changed.")
        return 0

    def _export(self, name: str, team: Team | None) -> int:
        content = file_of(team, lambda path: f"{settings.PORTAL_URL.rstrip('/')}{path}")
        if name == "-":
            self.stdout.write(content.decode(), ending="")
            return 0
        try:
            Path(name).write_bytes(content)
        except OSError as error:
            raise Invalid(f"{name} cannot be written: {error.strerror}.", code="file_not_readable") from error
        self.show({"file": name, "bytes": len(content)})
        self.say(f"{name} is written.")
        return 0


def _content(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise Invalid(f"{name} cannot be read: {error.strerror}.", code="file_not_readable") from error


def _team(slug: str) -> Team | None:
    if not slug:
        return None
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise Invalid(
            f"There is no team {slug}.", remedy="Teams are named by their slugs.", code="unknown_name"
        )
    return team


def _person(username: str) -> User:
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise Invalid(
            f"There is no active person {username!r}.",
            remedy="--as-user names who changes the calendar; their rights count.",
            code="unknown_name",
        )
    return person
