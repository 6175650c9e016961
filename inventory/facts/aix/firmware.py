"""`lsmcode -c`: the system firmware that the managed system runs, as AIX sees it."""

import re
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.base import Fact, HostKind, Output, Unparsable
from inventory.facts.text import answer, filled

_NAME = r"(?P<image>[A-Z]{2}[0-9]{3,4}_[0-9]{3})"
_SIDE = r"(?P<side>permanent|temporary)"
_IMAGE = re.compile(f"The current {_SIDE} system firmware image is {_NAME}")
_BOOTED = re.compile(rf"The system is currently booted from the {_SIDE} firmware image\.?")
_ONE = re.compile(rf"(?:Platform|System) [Ff]irmware level is {_NAME}\.?")


@dataclass(frozen=True, slots=True)
class Firmware:
    """The image that runs: `VH950_099` is of family `VH`, release 950, service pack 99."""

    image: str

    @property
    def family(self) -> str:
        """Two letters: the generation of processors and the class of server."""
        return self.image[:2]

    @property
    def release(self) -> int:
        """The release, e.g. 950."""
        return int(self.image[2:].partition("_")[0])

    @property
    def service_pack(self) -> int:
        """The number after the release, e.g. 99."""
        return int(self.image.partition("_")[2])


def _build() -> Command:
    return aix("lsmcode", "-c")


def _parse(output: Output) -> Firmware:
    images: dict[str, str] = {}
    booted = ""
    lines = filled(answer(output, "lsmcode"))
    for line in (line.strip() for line in lines):
        if match := _IMAGE.fullmatch(line.rstrip(".")):
            images[match["side"]] = match["image"]
        elif match := _BOOTED.fullmatch(line):
            booted = match["side"]
        elif match := _ONE.fullmatch(line):
            return Firmware(match["image"])
    if booted not in images:
        raise Unparsable("lsmcode -c did not name the firmware image that runs", lines[0] if lines else "")
    return Firmware(images[booted])


FIRMWARE = Fact(name="firmware", host=HostKind.LPAR, build=_build, parse=_parse)
