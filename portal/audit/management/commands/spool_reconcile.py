"""`manage.py spool_reconcile`: does the ledger still hold everything that this machine's spool holds?"""

from typing import Any

from portal.audit.spool.place import spool_directory
from portal.audit.spool.reconcile import reconcile
from portal.web.commands import PortalCommand


class Command(PortalCommand):
    """Exit status 0: it does. 1: something was removed or altered, and is named; the alarm is raised."""

    help = "Compare this machine's spool with the ledger; exit 1 and name what the ledger has lost."

    def perform(self, options: dict[str, Any]) -> int:
        """Compare, alarm, remove what is old and all there."""
        found = reconcile()
        for problem in found:
            self.stderr.write(problem.message)
        self.show({"spool": str(spool_directory()), "problems": [problem.message for problem in found]})
        self.say("BAD: the ledger has lost entries." if found else "Good: the ledger holds all of the spool.")
        return 1 if found else 0
