"""`manage.py demo`: the lab, the portal and one approved Live Update on this machine."""

import json
import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.models import Lpar
from liveupdate.models import Run
from liveupdate.states import RunState
from portal.audit.sealer import seal_now
from portal.audit.verification.whole import verify_ledger
from portal.demo.calendar import fill_calendar
from portal.demo.estate import import_estate, lab_running, put_lab_back
from portal.demo.leftovers import clear_away, is_unfinished
from portal.demo.people import PASSWORD, PEOPLE, make_people
from portal.demo.story import Waiting, result_of, update_through_pages
from portal.env import DEMO, VAR_DIR
from portal.lib.errors import PortalError
from portal.runner.alone import alone_on
from portal.runner.processes import check_port_free, portal_processes
from portal.runner.supervisor import Supervisor, stopping_on_signals

STORY_LPAR = "pay01"
WINDOW_LPAR = "pay02"
"""The LPAR that the demo's change window is for: nothing is started on it."""
SUCCEEDED = {RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_RESIDUE}


class Command(BaseCommand):
    """Everything from an empty directory to a finished, approved, audited Live Update."""

    help = "Start the lab and the portal, drive one Live Update through the pages, keep the portal running."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen, and whether to stop afterwards."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--once", action="store_true", help="stop afterwards and print the result as JSON"
        )

    def handle(self, *, port: int, once: bool, **_options: Any) -> None:
        """Tell the story; exit 0 only if all of it held."""
        if not DEMO:
            raise CommandError("The demo makes people with known passwords: set PORTAL_DEMO=1 to run it.")
        try:
            with alone_on(VAR_DIR), stopping_on_signals():
                self._demo(port, once=once)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        except PortalError as error:
            raise CommandError(f"{error.message} {error.remedy}".strip()) from error

    def _demo(self, port: int, *, once: bool) -> None:
        started = time.monotonic()
        check_port_free("127.0.0.1", port)
        call_command("migrate", interactive=False, verbosity=0)
        make_people()
        told = _story_run()
        if told and once:
            self.stdout.write(f"{STORY_LPAR} was updated before; the lab's partitions go back for another.")
            put_lab_back()
            told = None
        elif told is None and is_unfinished(STORY_LPAR):
            self.stdout.write("An earlier demo was stopped in the middle; the lab's partitions go back.")
            put_lab_back()
        with lab_running(self.stdout.write) as estate:
            self.stdout.write("The lab is up: " + ", ".join(host["name"] for host in estate["hosts"]) + ".")
            import_estate("adm")
            fill_calendar(WINDOW_LPAR)
            with portal_processes("127.0.0.1", port, self.stdout.write) as supervisor:
                self._tell(
                    f"http://127.0.0.1:{port}",
                    estate,
                    told,
                    once=once,
                    started=started,
                    supervisor=supervisor,
                )

    def _tell(
        self,
        address: str,
        estate: dict[str, Any],
        run: Run | None,
        *,
        once: bool,
        started: float,
        supervisor: Supervisor,
    ) -> None:
        if run is None:
            call_command("refresh_facts", stdout=self.stdout)
            lpar = Lpar.objects.get(host__name=STORY_LPAR)
            waiting = Waiting(self.stdout.write, supervisor.tend_for)
            run = clear_away(address, lpar, waiting) or update_through_pages(
                address, lpar, estate["media"], estate["target_level"], waiting
            )
        if once:
            seal_now()
            report = verify_ledger()
            result = result_of(run, report.ok, time.monotonic() - started)
            self.stdout.write(json.dumps(result))
            if not report.ok or run.state not in SUCCEEDED or run.level_after != estate["target_level"]:
                raise CommandError("The story did not hold; the JSON above says where.")
            return
        self._invite(address, run, time.monotonic() - started)
        while True:
            supervisor.tend_for(60)

    def _invite(self, address: str, run: Run, seconds: float) -> None:
        lines = [
            "",
            f"The portal runs at {address}/ ({seconds:.0f} s). Sign in with the password {PASSWORD} as",
            *(f"  {person.username:<4} {person.first_name}, who {person.does}" for person in PEOPLE),
            "",
            "Click first:",
            f"  1. as ana: {address}{run.get_absolute_url()} is the record of the update of {STORY_LPAR}",
            f"  2. as web: {address}/lpars/ → web01 → Ask for work; approve it as ivy, watch it run",
            f"  3. as ana: {address}/lpars/ → pay02 says what stands in the way",
            f"  4. as ivy: {address}/calendar/ shows windows, a freeze to come, and what is planned",
            f"  5. as aud: {address}/audit/ is the ledger; .venv/bin/python manage.py audit_verify checks it",
            "",
            "Ctrl-C stops everything; the data stays.",
        ]
        self.stdout.write("\n".join(lines))


def _story_run() -> Run | None:
    """The update that an earlier demo drove, if it did."""
    return Run.objects.filter(lpar__host__name=STORY_LPAR, state__in=SUCCEEDED).first()
