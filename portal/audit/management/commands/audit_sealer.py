"""`manage.py audit_sealer`: the process that orders and signs the ledger, and brings checkpoints out."""

import signal
from threading import Event as Bell
from threading import Thread
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.audit.anchors.configured import configured_anchors
from portal.audit.anchors.publisher import Publisher
from portal.audit.sealer import Sealer
from portal.audit.signer import SignerFiles
from portal.lib.errors import PortalError


class Command(BaseCommand):
    """Run the sealer until SIGTERM or Ctrl-C; it seals what is there before it ends."""

    help = "Order the ledger's entries and sign its checkpoints, until SIGTERM or Ctrl-C."

    def handle(self, **_options: Any) -> None:
        """Run until a signal."""
        stop = Bell()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stop.set())
        try:
            publisher = Publisher(configured_anchors(), SignerFiles.from_settings())
        except PortalError as error:
            raise CommandError(f"{error.message} {error.remedy}".strip(), returncode=2) from error
        beside = Thread(target=publisher.run, args=(stop,), name="anchors")
        beside.start()
        try:
            Sealer().run(stop)
        finally:
            stop.set()
            beside.join()
