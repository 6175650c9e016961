"""Commands as values: typed words, quoted in one place."""

import re
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath

from portal.lib.errors import PortalError

_PROGRAM = re.compile(r"[A-Za-z0-9_./+][A-Za-z0-9_./+-]*")
_HMC_PROGRAM = re.compile(r"[a-z][a-z0-9_]*")
_HMC_REFUSED = frozenset(";&|<>`$\\!'\n\t")


class UnsafeArgument(PortalError, ValueError):
    """A word that no remote shell could be given safely, or that no reader could check."""

    code = "unsafe_argument"


@dataclass(frozen=True, slots=True)
class Command:
    """One program with its words, for a POSIX login shell (ksh on AIX, hmcbash on an HMC).

    `locale` puts `LC_ALL=C` in front, as every AIX command is sent (the HMC's restricted shell refuses
    assignments, so HMC commands go without). Every word reaches the program unaltered, whatever it
    holds; csh cannot promise that, so a POSIX login shell is required. Raises UnsafeArgument for what
    cannot be sent (NUL) or would mislead who reads the plan (control and direction characters).
    """

    argv: tuple[str, ...]
    locale: bool = True

    def __post_init__(self) -> None:
        if not self.argv:
            raise UnsafeArgument("A command needs a program.")
        if not _PROGRAM.fullmatch(self.argv[0]):
            raise UnsafeArgument(f"{self.argv[0]!r} is no name of a program.")
        for word in self.argv:
            if not all(character.isprintable() or character in "\n\t" for character in word):
                raise UnsafeArgument(
                    f"The word {word!r} of {self.argv[0]} holds characters that do not print."
                )

    def wire(self) -> str:
        """The command line that is sent: every word quoted for a POSIX shell."""
        return f"LC_ALL=C {self.display()}" if self.locale else self.display()

    def display(self) -> str:
        """The command line as a person reads it, without the locale prefix."""
        return " ".join(shlex.quote(word) for word in self.argv)


def aix(program: str, *words: str | PurePosixPath) -> Command:
    """A command for an AIX host (LPAR or NIM master)."""
    return Command((program, *(str(word) for word in words)))


def hmc(program: str, *words: str) -> Command:
    """A command for the HMC's restricted shell: one program by bare name, no shell syntax.

    The restricted shell judges the line before it takes quotes off, so what it refuses does not pass in
    quotes either. Raises UnsafeArgument with the word.
    """
    command = Command((program, *words), locale=False)
    if not _HMC_PROGRAM.fullmatch(program):
        raise UnsafeArgument(f"{program!r} is no command of an HMC.")
    for word in words:
        refused = sorted(_HMC_REFUSED.intersection(word))
        if refused:
            raise UnsafeArgument(
                f"The word {word!r} of {program} holds {' '.join(map(repr, refused))}, which the HMC's "
                "restricted shell refuses."
            )
    return command
