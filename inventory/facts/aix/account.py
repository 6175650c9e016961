"""`id`: the account that the portal's commands run under."""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, only_line

_ID = re.compile(r"uid=([0-9]{1,10})(?:\(([^()\s]+)\))? gid=[0-9]+(?:\([^()\s]+\))?(?:\s.*)?")


@dataclass(frozen=True, slots=True)
class Account:
    """An account's number (0 is root) and name; the name is empty when the number has none."""

    uid: int
    name: str


def parse(output: Output) -> Account:
    """The account."""
    line = only_line(answer(output, "id"), "account")
    match = _ID.fullmatch(line.strip())
    if match is None:
        raise Unparsable("not the ids of an account", line)
    return Account(int(match[1]), match[2] or "")


ACCOUNT = Fact("account", HostKind.LPAR, lambda: aix("id"), parse)
