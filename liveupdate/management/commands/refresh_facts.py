"""`manage.py refresh_facts [NAME…]`: read facts from LPARs and their HMCs now."""

import getpass
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import connection

from inventory.facts.base import ReadingState
from inventory.history import changes_of_last_look
from inventory.models import Lpar
from inventory.selection import add_selection, selected
from liveupdate.actions.looks import look_in_turn
from portal.audit.actor import Actor
from portal.web.commands import PortalCommand

SILENT = (ReadingState.UNREACHABLE, ReadingState.REFUSED, ReadingState.TIMED_OUT)
TURN_S = 0.2
"""Seconds between two tries to get a turn at an HMC that has no room."""


class Command(PortalCommand):
    """Exit status: 0 every LPAR and HMC answered, 1 some did not, 2 nothing could be asked."""

    help = (
        "Read the facts of LPARs (all that are in service, without a selection), judge their readiness, and "
        "say what changed. Exit status 0: every LPAR and HMC answered; 1: some did not (unreachable, "
        "refused, timed out); 2: there is nothing like what was named."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which LPARs."""
        super().add_arguments(parser)
        add_selection(parser)
        parser.add_argument(
            "--stale-only",
            action="store_true",
            help="only those whose facts are older than their schedule lets them be, or were never read",
        )

    def perform(self, options: dict[str, Any]) -> int:
        """Look at several LPARs at a time, as many as their HMCs bear; rows come in order of the names."""
        wanted = selected(options)
        if options["stale_only"]:
            wanted = [lpar for lpar in wanted if lpar.facts_read_at is None or lpar.is_stale]
        rows: dict[str, dict[str, Any]] = {}
        with ThreadPoolExecutor(settings.PORTAL_LOOKS_AT_ONCE, "look") as pool:
            looks = [pool.submit(self._look, lpar.pk) for lpar in wanted]
            for done, look in enumerate(as_completed(looks), 1):
                row = look.result()
                rows[row["name"]] = row
                self._tell(f"{done} of {len(wanted)}", row)
        self.show([rows[lpar.name] for lpar in wanted])
        return 0 if all(row["answered"] for row in rows.values()) else 1

    def _tell(self, progress: str, row: dict[str, Any]) -> None:
        level, read = row["level"] or "unknown", row["readings"]["ok"]
        changed = f", changed: {', '.join(row['changed'])}" if row["changed"] else ""
        self.say(f"{progress} {row['name']}: {row['verdict']}, level {level}, {read} facts read{changed}")
        for problem in row["problems"]:
            self.stderr.write(f"{row['name']}: {problem}")

    def _look(self, lpar_id: int) -> dict[str, Any]:
        try:
            return self._looked(lpar_id)
        finally:
            connection.close()

    def _looked(self, lpar_id: int) -> dict[str, Any]:
        actor = Actor.command(f"refresh_facts:{getpass.getuser()}")
        while (found := look_in_turn(lpar_id, actor)) is None:
            time.sleep(TURN_S)
        facts, assessment = found
        counts = {state.value: 0 for state in ReadingState}
        for reading in facts.readings.values():
            counts[reading.state] += 1
        lpar = Lpar.objects.select_related("host").get(pk=lpar_id)
        compared = changes_of_last_look(lpar.host)
        return {
            "name": lpar.name,
            "level": lpar.level,
            "verdict": assessment.verdict.value,
            "state": lpar.facts_state,
            "answered": not any(counts[state] for state in SILENT),
            "readings": counts,
            "problems": sorted({each.problem for each in facts.readings.values() if each.problem}),
            "changed": [f"{each.fact} {each.key}".strip() for each in compared.changes] if compared else [],
        }
