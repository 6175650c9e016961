"""`lsuser -R files -a SYSTEM registry ALL`: how the accounts of this LPAR prove who they are.

Only local accounts are listed (`-R files`): with all registries the command asks the LDAP or Kerberos
server for each of thousands of users and takes minutes. An account without a method of its own shows
that of the `default` stanza of /etc/security/user, which holds for the users of a server too.
"""

import re
from dataclasses import dataclass

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_ROW = re.compile(r"(?P<name>[^\s=:]+)(?:\s+SYSTEM=(?P<system>.*?))?(?:\s+registry=(?P<registry>\S*))?")


@dataclass(frozen=True, slots=True)
class UserAuthentication:
    """An account, its grammar of methods (`compat`, `KRB5LDAP OR compat`) and where it is administered."""

    name: str
    system: str
    registry: str


def parse(output: Output) -> tuple[UserAuthentication, ...]:
    """The accounts in the order listed; an attribute that is not set is empty."""
    accounts = []
    for line in filled(answer(output, "lsuser")):
        match = _ROW.fullmatch(line)
        if match is None:
            raise Unparsable("not an account", line)
        accounts.append(UserAuthentication(match["name"], match["system"] or "", match["registry"] or ""))
    if not accounts:
        raise Unparsable("no account in the output")
    return tuple(accounts)


USER_AUTHENTICATION = Fact(
    "user_authentication",
    HostKind.LPAR,
    lambda: aix("lsuser", "-R", "files", "-a", "SYSTEM", "registry", "ALL"),
    parse,
    also=("lsuser -a SYSTEM registry ALL",),
)
