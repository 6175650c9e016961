"""What happens to a log on its way to who reads it: line ends, margins, quotes, wrapping, time stamps."""

import re
import textwrap
from collections.abc import Callable


def crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def indented(text: str) -> str:
    return textwrap.indent(text, "        ")


def quoted(text: str) -> str:
    return "".join(f"> {line}" for line in text.splitlines(keepends=True))


def dotted(text: str) -> str:
    return re.sub(r"(?m)^(?=1430-|1020-|The live|Live AIX|Blackout)", "." * 40, text)


def stamped(text: str) -> str:
    return re.sub(r"(?m)^(?=1430-|1020-|    {4}Blackout|Moving|Starting)", "01/29/2025-09:17:16 ", text)


def on_a_terminal(text: str) -> str:
    return crlf(f"\x1b]0;root@laboh\x07\x1b[1mroot# gemi\x08\x08ninstall\n{text}\x1b[0m")


def wrapped(text: str) -> str:
    """As an editor wraps mails: long lines end at a word before column 78."""
    long = (textwrap.fill(line, 78, break_on_hyphens=False) for line in text.splitlines() if line.strip())
    return "\n".join(long) + "\n"


def cut_at_80(text: str) -> str:
    """As a terminal of 80 columns cuts what is copied from it."""
    return "".join(
        "\n".join(line[at : at + 80] for at in range(0, max(len(line), 1), 80)) + "\n"
        for line in text.splitlines()
    )


def syslogged(text: str) -> str:
    """As `logger` and a collector of logs keep it."""
    return "".join(
        f"Nov 26 05:10:01 laboh user:notice geninstall[6750577]: {line}"
        for line in text.splitlines(keepends=True)
    )


def cut_and_quoted(text: str) -> str:
    """Copied from a terminal of 80 columns and sent on in mails."""
    return quoted(quoted(cut_at_80(text)))


NOISES: tuple[Callable[[str], str], ...] = (
    crlf,
    indented,
    quoted,
    dotted,
    stamped,
    on_a_terminal,
    wrapped,
    cut_at_80,
    syslogged,
    cut_and_quoted,
)
