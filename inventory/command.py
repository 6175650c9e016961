"""Commands as values: typed words, quoted in one place."""

import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath


class UnsafeArgument(ValueError):
    """A word that no remote shell could be given safely."""


@dataclass(frozen=True, slots=True)
class Command:
    """One program with its words, for a POSIX login shell (ksh on AIX, hmcbash on an HMC).

    `locale` puts `LC_ALL=C` in front, as every AIX command is sent (the HMC's restricted shell
    refuses assignments, so HMC commands go without).
    """

    argv: tuple[str, ...]
    locale: bool = True

    def __post_init__(self) -> None:
        if not self.argv or not self.argv[0]:
            raise UnsafeArgument("A command needs a program.")
        for word in self.argv:
            if "\x00" in word:
                raise UnsafeArgument(f"The word {word!r} of {self.argv[0]} holds a NUL byte.")

    def wire(self) -> str:
        """The command line that is sent: every word quoted for a POSIX shell."""
        line = " ".join(shlex.quote(word) for word in self.argv)
        return f"LC_ALL=C {line}" if self.locale else line

    def display(self) -> str:
        """The command line as a person reads it, without the locale prefix."""
        return " ".join(shlex.quote(word) for word in self.argv)


def aix(program: str, *words: str | PurePosixPath) -> Command:
    """A command for an AIX host (LPAR or NIM master)."""
    return Command((program, *(str(word) for word in words)))


def hmc(program: str, *words: str) -> Command:
    """A command for an HMC's restricted shell."""
    return Command((program, *words), locale=False)
