"""`manage.py audit_sealer`: the process that orders and signs the ledger."""

import signal
from threading import Event as Bell
from typing import Any

from django.core.management.base import BaseCommand

from portal.audit.sealer import Sealer


class Command(BaseCommand):
    """Run the sealer until SIGTERM or Ctrl-C; it seals what is there before it ends."""

    help = "Order the ledger's entries and sign its checkpoints, until SIGTERM or Ctrl-C."

    def handle(self, **_options: Any) -> None:
        """Run until a signal."""
        stop = Bell()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stop.set())
        Sealer().run(stop)
