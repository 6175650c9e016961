"""`manage.py legal_hold`: one person places a legal hold on a request or on everything; two end it."""

from typing import Any

from django.core.management.base import CommandParser

from portal.access.auditing.two_people import ceremony_of, confirmation_of
from portal.audit import legal_hold
from portal.lib.errors import Invalid
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status: 0 done, 2 refused. Without --request, --all or --end it lists the holds that last."""

    help = "List, place or end legal holds: what one touches is neither pruned nor withheld."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, who, why."""
        super().add_arguments(parser)
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--request", metavar="NUMBER", help="place one on a request, as R-000104")
        act.add_argument("--all", action="store_true", help="place one on the whole ledger")
        act.add_argument("--end", type=int, metavar="HOLD", help="end the hold of this number")
        parser.add_argument("--first", default="", metavar="USERNAME", help="who places it; one of the two")
        parser.add_argument("--second", default="", metavar="USERNAME", help="the other, to end it")
        parser.add_argument("--reason", default="")

    def perform(self, options: dict[str, Any]) -> int:
        """Ask whom it takes, do it, list what lasts."""
        if options["end"] is not None:
            act = "end a legal hold"
            ceremony = ceremony_of(options["first"], options["second"], options["reason"], act)
            legal_hold.end(ceremony, options["end"])
        elif options["request"] or options["all"]:
            if not options["reason"].strip():
                raise Invalid("Say why: --reason.", code="reason_missing")
            confirmation = confirmation_of(options["first"], "place a legal hold")
            legal_hold.place(confirmation, options["request"] or "", options["reason"].strip())
        holds = legal_hold.legal_holds()
        self.show([{"hold": each.number, "request": each.request, "reason": each.reason} for each in holds])
        for each in holds:
            self.say(f"{each.number} on {each.request or 'the whole ledger'}: {each.reason}")
        if not holds:
            self.say("No legal hold lasts.")
        return 0
