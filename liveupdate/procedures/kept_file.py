"""A file that a plan writes anew: the one that was there is kept, put back afterwards, and compared."""

from dataclasses import dataclass

from inventory.command import aix
from liveupdate.procedures.draft import Draft, change, look, restore, restored
from liveupdate.procedures.step import Expect, Phase, Run, StepHost


@dataclass(frozen=True, slots=True)
class KeptFile:
    """The file at `path`, called `name` for people; `key` begins its steps' ids.

    `written_by` is the step that writes it anew.
    """

    key: str
    name: str
    path: str
    host: StepHost
    written_by: str

    @property
    def copy(self) -> str:
        """Where the file is kept meanwhile."""
        return f"{self.path}.before"


def keep(draft: Draft, file: KeptFile, *, present: bool) -> None:
    """The restoration puts the file that was there back, or takes the new one away."""
    if not present:
        draft.undo(
            restore(
                f"{file.key}_gone",
                file.written_by,
                f"Take {file.name} away",
                "There was none before.",
                aix("rm", "-f", file.path),
                host=file.host,
            )
        )
        return
    query = aix("cat", file.path)
    draft.add(
        look(
            f"{file.key}_before",
            Phase.PREPARE,
            f"Record the {file.name} that is there",
            "It is compared with this after the update.",
            query,
            host=file.host,
        ),
        change(
            f"{file.key}_kept",
            Phase.PREPARE,
            f"Keep the {file.name} that is there",
            "It is put back after the update.",
            Run(aix("cp", "-p", file.path, file.copy)),
            host=file.host,
        ),
    )
    draft.undo(
        restore(
            f"{file.key}_back",
            file.written_by,
            f"Put the former {file.name} back",
            "It was there before.",
            aix("cp", "-p", file.copy, file.path),
            host=file.host,
        ),
        restored(
            f"{file.key}_is_back",
            file.written_by,
            f"Prove that {file.name} is as it was",
            "Nothing of the update's settings may stay.",
            query,
            expect=Expect(equals_saved=f"{file.key}_before"),
            host=file.host,
        ),
    )
