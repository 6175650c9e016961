"""Which commands the account for looking gives: those that answer anyone in full (threat T7).

A command that is refused, or answers less, without root's rights is for the executing account. So are
those of which neither IBM's pages nor the handbook say that anyone gets the whole answer: what is held
back in silence would pass for what there is.
"""

from enum import StrEnum

from inventory.command import Command
from inventory.facts.base import HostKind


class AccountClass(StrEnum):
    """As whom a command is given: to look, or to execute."""

    LOOK = "look"
    EXECUTE = "execute"


OPEN_PROGRAMS = frozenset(
    {
        *("date", "uname", "oslevel", "lslpp", "instfix", "errpt", "lsdev", "lsattr", "lspath", "df"),
        *("ps", "who", "lssrc", "lsfs", "lsps", "lparstat", "domainname"),
    }
)
"""Programs of AIX that tell anyone the same as root, whatever is asked."""
OPEN_COMMANDS = frozenset(
    {
        ("emgr", "-l"),
        ("emgr", "-P"),
        ("lspv",),
        ("mount",),
        ("cat", "/proc/version"),
        ("cat", "/etc/niminfo"),
    }
)
"""Commands of AIX that do so in this form only."""


def account_class(command: Command, host: HostKind) -> AccountClass:
    """As whom a command that changes nothing is given to this kind of host.

    An HMC's `hmcviewer` is given every `ls` command; `viosvrcmd` works on a VIOS and is not among them.
    """
    program = command.argv[0].rpartition("/")[2]
    if host is HostKind.HMC:
        is_open = program == "date" or program.startswith("ls")
    else:
        is_open = program in OPEN_PROGRAMS or (program, *command.argv[1:]) in OPEN_COMMANDS
    return AccountClass.LOOK if is_open else AccountClass.EXECUTE
