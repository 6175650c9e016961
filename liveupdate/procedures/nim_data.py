"""The resource with an LPAR's Live Update data on its NIM master (handbook 5.6 N5)."""

from inventory.command import aix
from inventory.facts.nim.nim_live_update_data import NIM_LIVE_UPDATE_DATA
from inventory.facts.nim.nim_object import NIM_OBJECT
from inventory.survey import data_location, data_object
from liveupdate.procedures import disks_and_media, words
from liveupdate.procedures.draft import Draft, change, look, once, restore_once, restored
from liveupdate.procedures.kept_file import KeptFile, keep
from liveupdate.procedures.nim_client import MASTER, USABLE, client_object, exactly
from liveupdate.procedures.step import Expect, Phase, Run, WriteFile

ALLOCATED = r"^\s*alloc_count\s*=\s*[1-9]"


def live_update_data(draft: Draft) -> None:
    """Handbook 5.6 N5: one resource for each LPAR, so that several may be updated at the same time.

    NIM hands its file to the LPAR as `lvupdate.data`, so the LPAR's own one is kept too.
    """
    name, _ = client_object(draft)
    resource = words.nim_object(data_object(name))
    path = words.directory(data_location(draft.subject.facts, name, draft.subject.nim_directory))
    content = disks_and_media.spare_disks(draft, path)
    if content is None:
        return
    draft.parameters["live_update_data"] = resource
    text = draft.subject.value(NIM_LIVE_UPDATE_DATA, path)
    defined = draft.subject.value(NIM_OBJECT, resource) is not None
    disks_and_media.keep_data_file(draft, written_by="preview")
    if text != content:
        _write(draft, path, content, there_was_one=text is not None)
    if not defined:
        _define(draft, resource, path)
    draft.add(
        look(
            "nim_data_usable",
            Phase.PREPARE,
            f"Prove that {resource} can be used and nobody uses it",
            "Two LPARs cannot have it at the same time (0042-207).",
            aix("lsnim", "-l", resource),
            expect=Expect(has=(USABLE, rf"^\s*location\s*=\s*{exactly(path)}\s*$"), lacks=(ALLOCATED,)),
            host=MASTER,
        )
    )


def _write(draft: Draft, path: str, content: str, *, there_was_one: bool) -> None:
    directory = path.rpartition("/")[0] or "/"
    keep(draft, KeptFile("nim_data", "data file", path, MASTER, "nim_data"), present=there_was_one)
    draft.add(
        change(
            "nim_data_directory",
            Phase.PREPARE,
            f"Have {directory} on the NIM master",
            "It holds the data files of the LPARs.",
            Run(aix("mkdir", "-p", directory)),
            host=MASTER,
        ),
        change(
            "nim_data",
            Phase.PREPARE,
            "Write the data file on the NIM master",
            disks_and_media.told_of_data(draft),
            WriteFile(path, content, "0600"),
            cures=("RQ-041",),
            host=MASTER,
        ),
    )


def _define(draft: Draft, resource: str, path: str) -> None:
    define = ("nim", "-o", "define", "-t", "live_update_data", "-a", "server=master")
    draft.add(
        once(
            "nim_data_defined",
            Phase.PREPARE,
            f"Define {resource}",
            "NIM knows no such resource yet.",
            aix(*define, "-a", f"location={path}", resource),
            host=MASTER,
        )
    )
    draft.undo(
        restore_once(
            "nim_data_removed",
            "nim_data_defined",
            f"Remove {resource}",
            "There was none before.",
            aix("nim", "-o", "remove", resource),
            host=MASTER,
        ),
        restored(
            "nim_data_is_gone",
            "nim_data_defined",
            f"Prove that NIM does not know {resource} any more",
            "Nothing of the update's settings may stay.",
            aix("lsnim", "-l", resource),
            expect=Expect(statuses=(1,), has=("0042-053",)),
            host=MASTER,
        ),
    )
