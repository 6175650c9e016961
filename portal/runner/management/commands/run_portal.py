"""`manage.py run_portal`: the whole portal on one machine, until Ctrl-C."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from portal.env import DEMO, VAR_DIR
from portal.lib.errors import PortalError
from portal.runner.alone import alone_on
from portal.runner.processes import portal_processes
from portal.runner.supervisor import stopping_on_signals

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Command(BaseCommand):
    """Start web server, worker, scheduler, ledger sealer and (without REDIS_URL) a broker."""

    help = "Run the whole portal on this machine until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, host: str, port: int, **_options: Any) -> None:
        """Run until a signal, or until a process cannot start."""
        if DEMO and host not in LOOPBACK:
            raise CommandError(f"The demo's people have known passwords; it does not listen on {host}.")
        try:
            with alone_on(VAR_DIR), stopping_on_signals():
                _migrate()
                with portal_processes(host, port, self.stderr.write) as supervisor:
                    self.stdout.write(f"The portal listens on http://{host}:{port}/ (Ctrl-C stops it).")
                    while True:
                        supervisor.tend_for(60)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        except PortalError as error:
            raise CommandError(f"{error.message} {error.remedy}") from error


def _migrate() -> None:
    """Migrate what is not; a role that owns nothing in the database may then start an up-to-date portal."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
