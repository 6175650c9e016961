"""The parts that interim fixes through a NIM master have of their own (handbook 5.7 I1 to I4)."""

from inventory.command import aix
from inventory.facts.nim.nim_object import NIM_OBJECT
from liveupdate.lpar.ifix_packages import named_ifixes
from liveupdate.procedures import disks_and_media, ifix_live_update, ifixes, nim, nim_client, update, words
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.compose import Part
from liveupdate.procedures.draft import Draft, once
from liveupdate.procedures.step import Phase

LPP_SOURCE = Ask(
    "lpp_source",
    "lpp_source of interim fixes",
    "What the LPAR's NIM master calls the resource with the packages, e.g. lku-ifixes.",
    words.nim_object,
)
DIRECTORY = Ask(
    "ifix_directory",
    "Directory on the NIM master",
    "Only where NIM has no such lpp_source yet: it is defined over this directory, and stays.",
    words.directory,
    required=False,
)


def source(draft: Draft) -> None:
    """Handbook 5.7 I1: the lpp_source is there, or is defined over the directory that the packages lie in."""
    chosen = draft.subject.choice("lpp_source")
    if not chosen:
        draft.refuse("The request names no lpp_source.")
        return
    name = words.nim_object(chosen)
    known = draft.subject.value(NIM_OBJECT, name)
    given = draft.subject.choice("ifix_directory")
    if known is None and not given:
        draft.refuse(f"NIM has no lpp_source {name}: name the directory that it is to be defined over.")
        return
    directory = words.directory(known.get("location") if known else given).rstrip("/")
    draft.parameters["directory"] = directory
    if known is None:
        draft.add(
            once(
                "lpp_source_defined",
                Phase.MEDIA,
                f"Define {name} over {directory}",
                "NIM knows no such resource yet. It stays, for other LPARs may use it at the same time.",
                aix(
                    *("nim", "-o", "define", "-t", "lpp_source", "-a", "server=master"),
                    *("-a", f"location={directory}", name),
                ),
                deadline_s=900,
                reversible=False,
                host=nim_client.MASTER,
            )
        )
    nim_client.lpp_source(draft)


def capable_on_master(draft: Draft) -> None:
    """Handbook 5.7 I2 once more: each package says on the master that it is made for Live Update."""
    if "directory" not in draft.parameters:
        return
    directory, resource = draft.parameters["directory"], draft.parameters["lpp_source"]
    for ifix in named_ifixes(draft.subject):
        path = draft.subject.package_paths.get(ifix.file, f"{directory}/{ifix.file}")
        if not path.startswith(f"{directory}/"):
            draft.refuse(
                f"{ifix.file} was read at {path}, and NIM has {resource} at {directory}: discover the NIM "
                "master again."
            )
        draft.add(ifixes.capable(ifix, words.directory(path), nim_client.MASTER))


SOURCE: tuple[Part, ...] = (
    source,
    ifixes.packages,
    ifixes.live_update_capable,
    capable_on_master,
)
IN_PLACE_OF: dict[Part, tuple[Part, ...]] = {
    part: others
    for part, others in ifix_live_update.IN_PLACE_OF.items()
    if part not in (update.preview, update.update)
} | {disks_and_media.media: (nim_client.ready, nim_client.identity, *SOURCE)}


def in_place_of_local_updates(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts of a local update's procedure, with those of interim fixes and of NIM where they differ."""
    return nim.in_place_of_local(tuple(each for part in parts for each in IN_PLACE_OF.get(part, (part,))))
