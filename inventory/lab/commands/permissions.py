"""What the account for looking may do: give single commands that answer anyone, and nothing else.

AIX would let it use a shell and write where anyone may; here it gets neither, as nobody that only looks
needs them. Of commands that root alone may run for certain, and of those for which that is not known,
none is let through.
"""

from dataclasses import dataclass

from inventory.lab.commands.call import Kind
from inventory.lab.shell.plain import plain

LOOKER = "luview"
"""The account for looking on every host; on an HMC it has the task role `hmcviewer`."""
_PROGRAMS = frozenset(
    {
        *("date", "uname", "hostname", "id", "oslevel", "lslpp", "instfix", "errpt", "lsdev", "lsattr"),
        *("lspath", "df", "ps", "who", "lssrc", "lsfs", "lsps", "lparstat", "domainname"),
        *("printf", "echo"),
    }
)
_COMMANDS = frozenset(
    {
        ("emgr", "-l"),
        ("emgr", "-P"),
        ("lspv",),
        ("mount",),
        ("cat", "/proc/version"),
        ("cat", "/etc/niminfo"),
    }
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is printed on standard error, and the exit status."""

    text: str
    status: int


def refusal(kind: Kind, text: str) -> Refusal | None:
    """Why the account for looking may not run this command text; None when it may."""
    found = plain(text)
    if found is None:
        return Refusal("ksh: the lab's account for looking gives single commands only.", 1)
    program = found.words[0].rpartition("/")[2]
    if kind is Kind.HMC:
        if program == "date" or program.startswith("ls"):
            return None
        return Refusal("HSCL350B The user does not have the appropriate authority. ", 1)
    if program in _PROGRAMS or (program, *found.words[1:]) in _COMMANDS:
        return None
    return Refusal(f"ksh: {found.words[0]}: 0403-006 Execute permission denied.", 126)
