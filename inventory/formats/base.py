"""A format: the command lines that print it, and the parser."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inventory.facts.base import Fact, HostKind, Output
from inventory.formats.spelling import Invocation, Template


@dataclass(frozen=True, slots=True)
class Format:
    """What a command prints and how it is read.

    `commands` are the lines that print it, the usual one first; `<word>` stands for any value and a
    last `…` for any further words. `read` takes the output and the command line that was given, and
    raises `Unparsable`. `version` rises whenever the same text is read differently. What the portal
    asks hosts for itself `is_fact`.
    """

    name: str
    host: HostKind
    commands: tuple[str, ...]
    read: Callable[[Output, Invocation], Any]
    version: int = 1
    is_fact: bool = False

    @property
    def templates(self) -> tuple[Template, ...]:
        """The command lines, ready to be compared."""
        return tuple(Template(command) for command in self.commands)


def plain(name: str, host: HostKind, *commands: str, parse: Callable[[Output], Any]) -> Format:
    """A format whose reading does not depend on the words of the command line."""
    return Format(name, host, commands, lambda output, _: parse(output))


def of_fact(fact: Fact[Any]) -> Format:
    """The format of a fact: its own command, its parameters left open, and what it is `also` known as."""
    command = fact.build(*(f"QQ{name}QQ" for name in fact.params)).display()
    opened = re.sub(r"QQ(\w+?)QQ", r"<\1>", command)
    commands = (opened, *fact.also)
    return Format(fact.name, fact.host, commands, lambda output, _: fact.parse(output), fact.version, True)
