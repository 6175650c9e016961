"""Asks a NIM master for all that it knows: its objects by class, then what the resources hold."""

import re
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

from inventory.facts.base import Fact, FactMissing, FactSet, Value
from inventory.facts.file_digest import FileDigest
from inventory.facts.nim.nim_contents import NIM_CONTENTS
from inventory.facts.nim.nim_digests import NIM_DIGESTS
from inventory.facts.nim.nim_digests_openssl import NIM_DIGESTS_OPENSSL
from inventory.facts.nim.nim_files import NIM_FILES
from inventory.facts.nim.nim_filesets import NIM_FILESETS
from inventory.facts.nim.nim_hmc_systems import NIM_HMC_SYSTEMS
from inventory.facts.nim.nim_ifix import NIM_IFIX
from inventory.facts.nim.nim_keystore import KEYSTORE, NIM_KEYSTORE
from inventory.facts.nim.nim_list import NIM_LIST
from inventory.facts.nim.nim_live_update_data import NIM_LIVE_UPDATE_DATA
from inventory.facts.nim.nim_object import NIM_OBJECT
from inventory.facts.nim.nim_objects_of_class import NIM_OBJECTS_OF_CLASS
from inventory.facts.nim.nim_public_key import NIM_PUBLIC_KEY
from inventory.facts.nim_objects import NimStanza
from inventory.gathering import read_facts, unread
from inventory.looking import Look
from inventory.survey import Answers
from inventory.transport.endpoint import Endpoint
from portal.lib.errors import PortalError

Progress = Callable[[int, int], None]
CLASSES = ("machines", "management", "networks", "resources")
"""Classes whose objects are read with their attributes."""
IFIX_SUFFIX = ".epkg.Z"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,99}")
_PATH = re.compile(r"/[^\x00-\x1f\x7f]{0,398}")


def read_master(endpoint: Endpoint, known_ifixes: Container[str], progress: Progress) -> Answers:
    """What the NIM master answers; what cannot be read is a reading that says why, and costs nothing else.

    Interim fixes whose SHA-256 is among `known_ifixes` are not asked again what they are. `progress` is
    told how many of how many resources were read.
    """
    facts = FactSet()
    first = (NIM_LIST, NIM_FILESETS, NIM_PUBLIC_KEY)
    try:
        with Look(endpoint) as look:
            look.require_posix_shell()
            _read(look, facts, *first)
            _read(look, facts, NIM_OBJECTS_OF_CLASS, nim_class=CLASSES)
            _read(look, facts, NIM_OBJECT, nim_name=_not_told(facts))
            _read(look, facts, NIM_KEYSTORE, password_file=_keystores(facts))
            found = [each for each in objects_of(facts).values() if _is_read_further(each)]
            for number, each in enumerate(found):
                progress(number, len(found))
                _read_further(look, facts, each, known_ifixes)
    except PortalError as error:
        for reading in unread(endpoint.name, first, {}, error):
            facts.add(reading)
        return Answers(facts, error)
    return Answers(facts)


def objects_of(facts: FactSet) -> dict[str, NimStanza]:
    """The objects whose attributes were read, by name."""
    found = [each for cls in CLASSES for each in told(facts, NIM_OBJECTS_OF_CLASS, cls) or ()]
    alone = [told(facts, NIM_OBJECT, name) for name in facts.keys(NIM_OBJECT)]
    return {each.name: each for each in (*found, *alone) if each is not None}


def location_of(resource: NimStanza) -> str:
    """Where a resource lies on the NIM master; empty when it lies elsewhere or cannot be asked for."""
    location = resource.get("location")
    return location if resource.get("server") == "master" and _PATH.fullmatch(location) else ""


def digests_of(facts: FactSet, location: str) -> tuple[FileDigest, ...] | None:
    """The digests of what counts in a directory, by whichever command could tell them."""
    by_csum = told(facts, NIM_DIGESTS, location)
    return told(facts, NIM_DIGESTS_OPENSSL, location) if by_csum is None else by_csum


def told(facts: FactSet, fact: Fact[Value], key: str = "") -> Value | None:
    """What a fact says; None where it was not read or not understood."""
    try:
        return facts.value(fact, key)
    except FactMissing:
        return None


def _not_told(facts: FactSet) -> list[str]:
    """Listed objects that the answers by class lack."""
    known = objects_of(facts)
    listed = [each.name for each in told(facts, NIM_LIST) or () if each.cls in CLASSES]
    return [name for name in listed if name not in known and _NAME.fullmatch(name)]


def _keystores(facts: FactSet) -> list[str]:
    """The keystores that HMC objects name, and the one that a set-up would make."""
    named = [each.get("passwd_file") for each in objects_of(facts).values() if each.type == "hmc"]
    return [path for path in dict.fromkeys((KEYSTORE, *named)) if _PATH.fullmatch(path)]


def _is_read_further(each: NimStanza) -> bool:
    wanted = each.type == "hmc" or (each.type in ("lpp_source", "live_update_data") and location_of(each))
    return bool(wanted and _NAME.fullmatch(each.name))


def _read_further(look: Look, facts: FactSet, each: NimStanza, known_ifixes: Container[str]) -> None:
    location = location_of(each)
    if each.type == "hmc":
        _read(look, facts, NIM_HMC_SYSTEMS, nim_hmc=[each.name])
    elif each.type == "live_update_data":
        _read(look, facts, NIM_LIVE_UPDATE_DATA, data_file=[location])
    else:
        _read(look, facts, NIM_CONTENTS, lpp_source=[each.name])
        _read(look, facts, NIM_FILES, NIM_DIGESTS, location=[location])
        if told(facts, NIM_DIGESTS, location) is None:
            _read(look, facts, NIM_DIGESTS_OPENSSL, location=[location])
        _read(look, facts, NIM_IFIX, ifix_file=_unknown_ifixes(facts, location, known_ifixes))


def _unknown_ifixes(facts: FactSet, location: str, known: Container[str]) -> list[str]:
    """Interim fixes in a directory that nobody has asked yet; without a digest each is asked."""
    files = [file.path for file in told(facts, NIM_FILES, location) or ()]
    digests = {each.path: each.sha256 for each in digests_of(facts, location) or ()}
    paths = [path for path in files if path.endswith(IFIX_SUFFIX) and _PATH.fullmatch(path)]
    return [path for path in paths if digests.get(path, "") not in known]


def _read(look: Look, into: FactSet, *facts: Fact[Any], **parameters: Sequence[str]) -> None:
    wanted: Iterable[Fact[Any]] = facts
    for reading in read_facts(look, wanted, parameters):
        into.add(reading)
