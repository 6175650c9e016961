"""`manage.py refresh_facts [NAME…]`: read facts from LPARs and their HMCs now."""

import getpass
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.management.base import CommandParser
from django.db import connection

from inventory.facts.base import ReadingState
from inventory.models import Lpar
from liveupdate.actions.looks import look_at, lpar_with_hosts
from portal.audit.actor import Actor
from portal.lib.errors import Invalid
from portal.web.commands import PortalCommand

AT_ONCE = 8


class Command(PortalCommand):
    """Exit status: 0 every LPAR and HMC answered, 1 some did not."""

    help = "Read the facts of the named LPARs (all without a name) and judge their readiness."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which LPARs."""
        super().add_arguments(parser)
        parser.add_argument("names", nargs="*", metavar="NAME")

    def perform(self, options: dict[str, Any]) -> int:
        """Look at several LPARs at a time; the rows come in the order of the names."""
        with ThreadPoolExecutor(AT_ONCE, "look") as pool:
            looks = [pool.submit(self._look, name, lpar_id) for name, lpar_id in _wanted(options["names"])]
        rows = [look.result() for look in looks]
        self.show(rows)
        return 0 if all(row["answered"] for row in rows) else 1

    def _look(self, name: str, lpar_id: int) -> dict[str, Any]:
        try:
            return self._looked(name, lpar_id)
        finally:
            connection.close()

    def _looked(self, name: str, lpar_id: int) -> dict[str, Any]:
        lpar = lpar_with_hosts(lpar_id)
        facts, assessment = look_at(lpar, Actor.command(f"refresh_facts:{getpass.getuser()}"))
        counts = {state.value: 0 for state in ReadingState}
        for reading in facts.readings.values():
            counts[reading.state] += 1
        lpar.refresh_from_db()
        answered = not (counts["unreachable"] or counts["refused"])
        problems = sorted({r.problem for r in facts.readings.values() if r.problem})
        self.say(f"{name}: {assessment.verdict}, level {lpar.level or 'unknown'}, {counts['ok']} facts read")
        for problem in problems:
            self.stderr.write(f"{name}: {problem}")
        return {
            "name": name,
            "level": lpar.level,
            "verdict": assessment.verdict.value,
            "answered": answered,
            "readings": counts,
            "problems": problems,
        }


def _wanted(names: list[str]) -> list[tuple[str, int]]:
    known = dict(Lpar.objects.values_list("host__name", "pk"))
    missing = [name for name in names if name not in known]
    if missing:
        raise Invalid(f"There is no LPAR {', '.join(missing)}.")
    return [(name, known[name]) for name in (names or sorted(known))]
