"""Who did it, as the ledger names them: pseudonyms and process names, never a person's name."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of an entry. `kind` is user, worker, command or portal."""

    kind: str
    id: str

    @classmethod
    def person(cls, public_id: str) -> Self:
        """A signed-in person, by `User.public_id`."""
        return cls("user", public_id)

    @classmethod
    def worker(cls, name: str) -> Self:
        """A worker that executes runs."""
        return cls("worker", name)

    @classmethod
    def command(cls, name: str) -> Self:
        """A management command, e.g. `import_hosts`."""
        return cls("command", name)

    @classmethod
    def portal(cls) -> Self:
        """The portal itself: scheduler, sealer, expiry."""
        return cls("portal", "portal")
