"""The words that a plan may put into commands: each kind accepted by a full match or refused.

Quoting keeps a shell from misreading a word; these keep a program from misreading one (an option
where a name belongs, a newline in a stanza file) and keep plans to names that AIX itself allows.
"""

import re
import shlex
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from portal.lib.errors import Invalid


class BadWord(Invalid):
    """A value that no command of a plan may hold."""

    code = "bad_word"


def _full_match(pattern: str, what: str, text: str) -> str:
    if not re.fullmatch(pattern, text, re.ASCII):
        raise BadWord(f"{text!r} is not {what}.", remedy="Correct it in the request or the inventory.")
    return text


def disk(text: str) -> str:
    """A disk's device name, e.g. `hdisk10`. Raises BadWord."""
    return _full_match(r"[a-z][a-z0-9_]{0,14}", "the name of a disk", text)


def device(text: str) -> str:
    """A device's logical name, e.g. `ipsec_v4`. Raises BadWord."""
    return _full_match(r"[A-Za-z][A-Za-z0-9_]{0,14}", "the name of a device", text)


def ifix_label(text: str) -> str:
    """An interim fix's label, e.g. `IJ36810s3a` (at most ten characters). Raises BadWord."""
    return _full_match(r"[A-Za-z0-9]{1,10}", "the label of an interim fix", text)


def ifix_file(text: str) -> str:
    """A package file's name, `LABEL.epkg.Z` or e.g. `IJ28227s2a.200922.epkg.Z`. Raises BadWord."""
    return _full_match(
        r"[A-Za-z0-9]{1,10}(?:\.[0-9]{6})?(?:\.[A-Z0-9-]{1,40})?\.epkg\.Z",
        "the file name of an interim fix package, such as IJ28227s2a.200922.epkg.Z",
        text,
    )


def fileset(text: str) -> str:
    """A fileset's name, e.g. `bos.mp64`. Raises BadWord."""
    return _full_match(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,143}", "the name of a fileset", text)


def nim_object(text: str) -> str:
    """The name of an object of a NIM master, e.g. `7200-05-04_lpp`. Raises BadWord."""
    return _full_match(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,38}", "the name of a NIM object", text)


def subsystem(text: str) -> str:
    """A name of the System Resource Controller or a workload partition. Raises BadWord."""
    return _full_match(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,29}", "the name of a subsystem or WPAR", text)


def program(text: str) -> str:
    """The name of a program without its directory, e.g. `zabbix_agentd`. Raises BadWord."""
    return _full_match(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,59}", "the name of a program", text)


def own_command(text: str) -> tuple[str, ...]:
    """A command that somebody wrote down, as words: a program by its absolute path, and plain arguments.

    No shell reads it: quotes keep words together, and nothing else has a meaning. Raises BadWord.
    """
    try:
        found = tuple(shlex.split(text))
    except ValueError as error:
        raise BadWord(f"{text!r} has a quote without its end.", remedy="Write both quotes.") from error
    if not found:
        raise BadWord("A command needs a program.", remedy="Write it with its directory.")
    directory(found[0])
    for word in found:
        _full_match(r"[\x20-\x7e]{1,200}", "a word of a command", word)
    return found


def volume_group(text: str) -> str:
    """A volume group's name, e.g. `lvup_rootvg`. Raises BadWord."""
    return _full_match(r"[A-Za-z][A-Za-z0-9_.-]{0,14}", "the name of a volume group", text)


def host_address(text: str) -> str:
    """A host name or an IP address. Raises BadWord."""
    return _full_match(r"[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,252})", "a host name or address", text)


def hmc_user(text: str) -> str:
    """A user of an HMC. Raises BadWord."""
    return _full_match(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,31}", "the name of an HMC user", text)


def nim_name(text: str) -> str:
    """The name of a NIM object, e.g. `9080-M9S_78A1234`: at most 37 characters. Raises BadWord."""
    return _full_match(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,36}", "the name of a NIM object", text)


def interface(text: str) -> str:
    """A network adapter or interface, e.g. `ent0`, `en0`. Raises BadWord."""
    return _full_match(r"en[t]?[0-9]{1,3}", "a network adapter such as ent0", text)


def serial(text: str) -> str:
    """The serial number of a managed system, e.g. `78A1234`. Raises BadWord."""
    return _full_match(r"[A-Za-z0-9]{4,20}", "a serial number", text)


@dataclass(frozen=True, slots=True)
class Network:
    """A network that NIM is to know; addresses in dotted notation."""

    name: str
    address: str
    mask: str
    gateway: str

    def __str__(self) -> str:
        return f"{self.name} {self.address} {self.mask} {self.gateway}"


def network(text: str) -> Network:
    """`NAME ADDRESS MASK GATEWAY`, e.g. `vlan4 1.1.0.0 255.255.255.0 1.1.0.1`. Raises BadWord."""
    parts = text.split()
    try:
        name, address, mask, gateway = parts
        net = IPv4Network(f"{address}/{mask}")
        inside = IPv4Address(gateway) in net
    except ValueError as error:
        raise BadWord(f"{text!r} is no network ({error}).", remedy=_NETWORK) from error
    if not inside:
        raise BadWord(f"The gateway {gateway} is not in {net}.", remedy=_NETWORK)
    return Network(nim_name(name), address, mask, gateway)


_NETWORK = "Write NAME ADDRESS MASK GATEWAY, e.g. vlan4 1.1.0.0 255.255.255.0 1.1.0.1."


@dataclass(frozen=True, slots=True)
class LppSource:
    """An lpp_source to define: where it lies, and what is copied there (empty: it is there already)."""

    name: str
    location: str
    source: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.name, self.location, self.source)))


def lpp_source(text: str) -> LppSource:
    """`NAME DIRECTORY`, or `NAME DIRECTORY SOURCE` to copy from SOURCE. Raises BadWord."""
    name, *places = text.split() or [""]
    if len(places) not in (1, 2):
        remedy = "Write NAME DIRECTORY, or NAME DIRECTORY SOURCE to copy from SOURCE."
        raise BadWord(f"{text!r} is no lpp_source to define.", remedy=remedy)
    return LppSource(nim_name(name), *(directory(place) for place in places))


def project(text: str) -> str:
    """A project of PowerVC, e.g. `ibm-default`. Raises BadWord."""
    return _full_match(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}", "a project of PowerVC", text)


def system_name(text: str) -> str:
    """The name of a managed system or LPAR as an HMC knows it; it may hold blanks. Raises BadWord."""
    return _full_match(r"[A-Za-z0-9_](?:[A-Za-z0-9_.+:/ -]{0,99})", "a name that an HMC gives", text)


def directory(text: str) -> str:
    """An absolute directory without `..`, at most 150 characters. Raises BadWord."""
    path = _full_match(r"(?:/[A-Za-z0-9_+@%=:,.~-]{1,100}){1,20}/?|/", "an absolute directory", text)
    if len(path) > 150:
        raise BadWord(f"{text!r} is longer than 150 characters.", remedy="Use a shorter directory.")
    if ".." in path.split("/"):
        raise BadWord(f"{text!r} leads upwards.", remedy="Write the directory without '..'.")
    return path


def level(text: str) -> str:
    """A level as `oslevel -s` prints it, e.g. `7200-05-04-2220`. Raises BadWord."""
    return _full_match(r"\d{4}-\d{2}-\d{2}-\d{4}", "a level as oslevel -s prints it", text)


def inittab_line(text: str) -> str:
    """An entry of inittab as `lsitab` prints it: four fields on one line. Raises BadWord."""
    return _full_match(
        r"[A-Za-z0-9_][\x21-\x39\x3b-\x7e]{0,13}:[0-9a-zA-Z]{0,16}:[a-z]{2,20}:[\x20-\x7e]{1,900}",
        "an entry of inittab",
        text,
    )


def script_side(text: str) -> str:
    """The side that a notification script runs on. Raises BadWord."""
    return _full_match(r"orig|surr", "a side of Live Update", text)


def script_phase(text: str) -> str:
    """The phase in which a notification script runs, e.g. `LVUP_CHECK`. Raises BadWord."""
    return _full_match(r"LVUP_[A-Z_]{1,20}", "a phase of Live Update", text)


def script_command(text: str) -> str:
    """A notification script with its arguments: plain words, the first an absolute path. Raises BadWord."""
    return _full_match(
        r"/[A-Za-z0-9_./-]{1,200}(?: [A-Za-z0-9_./=-]{1,80}){0,10}", "a notification script", text
    )


def mount_options(text: str) -> str:
    """Options of mount, separated by commas, e.g. `ro,bg,sec=sys`. Raises BadWord."""
    return _full_match(r"[a-z][A-Za-z0-9_=,./:]{0,199}", "a list of mount options", text)


@dataclass(frozen=True, slots=True)
class Media:
    """Where the update's files lie: a directory that an NFS server exports, or one on the LPAR."""

    server: str
    directory: str

    @property
    def mounted(self) -> bool:
        """Whether the LPAR has to mount it."""
        return bool(self.server)

    def __str__(self) -> str:
        return f"{self.server}:{self.directory}" if self.server else self.directory


def media(text: str) -> Media:
    """`SERVER:/directory` or an absolute directory, as people type it; a last `/` is dropped.

    Raises BadWord.
    """
    server, colon, path = text.rpartition(":/")
    path = directory("/" + path if colon else text)
    return Media(host_address(server) if colon else "", path.rstrip("/") or "/")
