"""What ties a pseudonym of the ledger to a name without the ledger holding the name (controls.md 1.4).

A plain hash of a name can be tried with names; this one only by who has the person's salt. Once row and
salt are gone nobody can tell any more whom it was about.
"""

from enum import StrEnum

from portal.access.models import User
from portal.audit.events import Event
from portal.audit.said import said_about
from portal.lib.canonical import digest


class Committed(StrEnum):
    """How a person's name and mail stand to the newest commitment."""

    FITS = "as_entered"
    ALTERED = "altered"
    NEVER = "never_entered"


def commitment_of(person: User) -> str:
    """SHA-256 over salt, name as pages show it (UTF-8), a zero byte, and mail; empty once they are erased."""
    if person.salt is None and str(person) == person.erased_name:
        return ""
    return digest(bytes(person.salt or b"") + str(person).encode() + b"\0" + person.email.encode())


def standing_of(person: User) -> Committed:
    """Whether name and mail are those that were entered last."""
    said = (entry["d"] for entry in said_about("user", person.public_id, {Event.USER_CHANGE}))
    newest = next((data["commitment"] for data in said if "commitment" in data), "")
    if not newest:
        return Committed.NEVER
    return Committed.FITS if newest == commitment_of(person) else Committed.ALTERED
