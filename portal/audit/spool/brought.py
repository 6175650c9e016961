"""The spool of a machine that is gone, brought to another one as a copy of its directory.

Nothing in the copy is changed: it stays evidence.
"""

import json
import os
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from portal.audit.events import Event
from portal.audit.files import sync_directory, write_all
from portal.audit.models import Intake
from portal.audit.spool.place import OUTPUT, OUTPUT_FILE, failed, make_folder, spool_directory
from portal.audit.spool.reading import copies_in, damaged_in, days_in
from portal.audit.spool.reconcile import PAGE, standing_of
from portal.lib.errors import Invalid


def check_brought(directory: Path) -> None:
    """Raise Invalid unless this is a spool, as it was written, and of this ledger's runs."""
    days, outputs = days_in(directory), _outputs(directory)
    if not days and not outputs:
        raise Invalid(
            f"{directory} is no worker's spool: it holds neither entries nor output.",
            remedy="Name the directory that was that machine's PORTAL_SPOOL_DIR.",
            code="spool_missing",
        )
    for file in chain.from_iterable(map(damaged_in, days)):
        raise Invalid(
            f"{file} holds a copy that was altered: this spool proves nothing.",
            remedy="Copy it from that machine's disk anew; an auditor looks at both.",
            code="spool_altered",
        )
    if not _is_of_this_ledger(days, outputs):
        raise Invalid(
            f"{directory} speaks of no run as this ledger does: it is another portal's spool.",
            remedy="Name the spool of a worker of this portal.",
            code="spool_foreign",
        )


def take_output(directory: Path) -> list[str]:
    """Copy output that is not in the record into this machine's spool; its worker brings it into the record.

    What is here already, and that of commands whose end is entered, stays where it is. Returns the names of
    the files. Raises SpoolFailed.
    """
    taken = []
    folder = spool_directory() / OUTPUT
    for file, run, command in _outputs(directory):
        if not _has_ended(run, command) and not (folder / file.name).exists():
            try:
                make_folder(folder)
                _copy(file, folder)
            except OSError as error:
                raise failed(error, f"take {file.name}") from error
            taken.append(file.name)
    return taken


def _copy(file: Path, folder: Path) -> None:
    """Whole or not at all: it gets its name once it is on the disk."""
    draft = folder / f".{file.name}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        write_all(handle, file.read_bytes())
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.rename(folder / file.name)
    sync_directory(folder)


def _outputs(directory: Path) -> list[tuple[Path, int, int]]:
    """Files of output, each with its run and the number of its command."""
    named = ((file, OUTPUT_FILE.fullmatch(file.name)) for file in sorted((directory / OUTPUT).glob("*.log")))
    return [(file, int(name["run"]), int(name["command"])) for file, name in named if name]


def _is_of_this_ledger(days: list[Path], outputs: list[tuple[Path, int, int]]) -> bool:
    """Whether the ledger holds any of the copied entries; without one, whether it knows the runs."""
    copies = chain.from_iterable(map(copies_in, days))
    some = False
    while page := list(islice(copies, PAGE)):
        some = True
        if any(standing.is_held for standing in standing_of(page)):
            return True
    runs = {run for _, run, _ in outputs}
    return not some and Intake.objects.filter(run__in=runs).exists()


def _has_ended(run: int, command: int) -> bool:
    return any(number == command for number in _ended_commands(run))


def _ended_commands(run: int) -> Iterator[int]:
    ends = Intake.objects.filter(run=run, event=Event.CMD_END).order_by("rs")
    for content in ends.values_list("content", flat=True).iterator():
        yield json.loads(bytes(content))["d"]["command"]
