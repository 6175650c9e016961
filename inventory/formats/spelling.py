"""Command lines as people write them: the same command in other words.

`LC_ALL=C /usr/sbin/lsdev -C -c disk` and `lsdev -Cc disk` are one command. Options come in any order
and may be bundled; the last letter of a bundle takes the word that follows.
"""

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

_BEFORE = re.compile(r"[A-Za-z_]\w*=.*|sudo|env|ioscli|time")
_REDIRECTION = re.compile(r"\s*(?:[12]?>\s*/dev/null|2>&1|<\s*/dev/null|\|\s*(?:cat|more|pg|less))\s*$")
_PLACEHOLDER = re.compile(r"(<\w+>)")
_DROPPABLE = frozenset({"m", "--filter", "F"})
_SURPLUS = frozenset({"m", "--header"})
_OF_HMC = re.compile(r"ls(?:syscfg|hwres|hmc\w*|cod\w*|sysconn|refcode|lparmigr|memdev|svcevents|led|lic)")
ANYTHING = "…"
LEFT_OUT = 10
_AS_VALUE, _FAR = 1, 100


@dataclass(frozen=True)
class Invocation:
    """A command line: the program's bare name, options with their value (if any), and operands."""

    program: str
    options: Mapping[str, str | None]
    operands: tuple[str, ...]

    @property
    def of_hmc(self) -> bool:
        """Whether it is one of the HMC's listing commands, whose options mean the same everywhere."""
        return _OF_HMC.fullmatch(self.program) is not None

    def columns(self, separator: str = ",") -> tuple[str, ...]:
        """The columns that were asked for with `-F`, in order; none without it."""
        asked = self.options.get("F") or ""
        return tuple(asked.split(separator)) if asked else ()


def invocation(line: str) -> Invocation:
    """Read a command line. Raises ValueError when there is none, or its quotes do not match."""
    while (shorter := _REDIRECTION.sub("", line)) != line:
        line = shorter
    words = shlex.split(line)
    while words and _BEFORE.fullmatch(words[0]):
        del words[0]
    if not words:
        raise ValueError("no command")
    options, operands = _sorted_out(words[1:])
    return Invocation(PurePosixPath(words[0]).name, options, operands)


def _sorted_out(words: Iterable[str]) -> tuple[dict[str, str | None], tuple[str, ...]]:
    options: dict[str, str | None] = {}
    operands: list[str] = []
    last = ""
    for word in words:
        if word.startswith("-") and len(word) > 1:
            names = [word] if word.startswith("--") else list(word[1:])
            options.update(dict.fromkeys(names))
            last = names[-1]
        elif last:
            options[last], last = word, ""
        else:
            operands.append(word)
    return options, tuple(operands)


@dataclass(frozen=True)
class Template:
    """A command line in which `<word>` stands for any value, and a last `…` for any further words."""

    line: str

    @cached_property
    def _wanted(self) -> Invocation:
        return invocation(self.line.removesuffix(ANYTHING))

    def distance(self, given: Invocation) -> int | None:
        """How far the given line is from this one; None when it is another command.

        Words that match as they are count nothing, values little, and values left out much.
        """
        wanted = self._wanted
        if wanted.program != given.program:
            return None
        parts = [_value(value, given, name) for name, value in wanted.options.items()]
        if self.line.endswith(ANYTHING):
            parts.append(_FAR)
        else:
            surplus = set(given.options) - set(wanted.options)
            if surplus and not (given.of_hmc and surplus <= _SURPLUS):
                return None
            parts.append(_operands(wanted.operands, given.operands))
        return None if None in parts else sum(part or 0 for part in parts)


def _value(wanted: str | None, given: Invocation, name: str) -> int | None:
    if name not in given.options:
        return LEFT_OUT if given.of_hmc and name in _DROPPABLE else None
    value = given.options[name]
    if value is None and wanted is not None and _PLACEHOLDER.search(wanted):
        return LEFT_OUT
    return _word(wanted, value)


def _operands(wanted: tuple[str, ...], given: tuple[str, ...]) -> int | None:
    left_out = wanted[len(given) :]
    words = [
        *map(_word, wanted, given),
        *(LEFT_OUT if _PLACEHOLDER.search(word) else None for word in left_out),
    ]
    return None if len(given) > len(wanted) or None in words else sum(word or 0 for word in words)


def _word(wanted: str | None, given: str | None) -> int | None:
    if wanted is None or given is None or wanted == given:
        return 0 if wanted == given else None
    pattern = "".join(
        ".+" if _PLACEHOLDER.fullmatch(part) else re.escape(part) for part in _PLACEHOLDER.split(wanted)
    )
    return _AS_VALUE if re.fullmatch(pattern, given) else None
