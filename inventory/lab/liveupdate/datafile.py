"""`lvupdate.data`, read as AIX reads it: a key at column 0 is ignored without a word."""

from dataclasses import dataclass, field
from pathlib import Path

PATH = "var/adm/ras/liveupdate/lvupdate.data"
CONFIGURATION = "var/adm/ras/liveupdate/liveupdate.cf"


@dataclass(frozen=True, slots=True)
class DataFile:
    """The values of the file by (stanza, key); missing ones are empty."""

    values: dict[tuple[str, str], str] = field(default_factory=dict)

    def value(self, stanza: str, key: str) -> str:
        """One value, empty when it is not set."""
        return self.values.get((stanza, key), "")

    @property
    def through_powervc(self) -> bool:
        """Whether the file names a PowerVC, which lends the disks."""
        return bool(self.value("pvc", "management_console"))

    @property
    def console(self) -> tuple[str, str]:
        """The console and the user on it."""
        stanza = "pvc" if self.through_powervc else "hmc"
        return self.value(stanza, "management_console"), self.value(stanza, "user")

    def disks(self, key: str) -> list[str]:
        """A list of disks."""
        return [name.strip() for name in self.value("disks", key).split(",") if name.strip()]


def read(root: Path) -> DataFile:
    """The data file of a host; empty when there is none."""
    file = root / PATH
    return parse(file.read_text()) if file.exists() else DataFile()


def parse(text: str) -> DataFile:
    """The values that AIX would take from this text."""
    values: dict[tuple[str, str], str] = {}
    stanza = ""
    for line in text.splitlines():
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        if not line[0].isspace():
            stanza = bare.removesuffix(":") if bare.endswith(":") else stanza
            continue
        key, equals, value = bare.partition("=")
        if equals:
            values[(stanza, key.strip())] = value.strip()
    return DataFile(values)
