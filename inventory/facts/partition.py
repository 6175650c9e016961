"""Partitions as `lssyscfg -r lpar` lists all of a managed system's at once."""

import re
from collections import Counter
from dataclasses import dataclass

from inventory.facts.base import Output, Unparsable
from inventory.facts.hmc_records import Record, count, records, text

COLUMNS = (
    *("name", "lpar_id", "lpar_env", "state", "rmc_state", "rmc_ipaddr", "os_version"),
    *("logical_serial_num", "default_profile", "curr_profile", "sync_curr_profile", "uuid"),
)
_UUID = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")
LONGEST_NAME = 100
"""Characters; an HMC allows 31."""
_ABSENT = frozenset({"none", "null", "unavailable"})


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition; `env` is `aixlinux`, `vioserver` or `os400`, `state` e.g. `Running`.

    `address` is where RMC reaches it, empty without RMC. `os` is as the HMC prints it (`AIX 7.2
    7200-05-03-2148`), in the language of the HMC where it is unknown. `logical_serial` is the managed
    system's serial number and the `lpar_id`. `uuid` is in capitals, and empty on an HMC that has none.
    """

    name: str
    lpar_id: int
    env: str
    state: str
    rmc_state: str
    address: str
    os: str
    logical_serial: str
    default_profile: str
    current_profile: str
    profile_sync: str
    uuid: str


def parse_partitions(output: Output, columns: tuple[str, ...] = ()) -> tuple[Partition, ...]:
    """The partitions of one managed system, by columns or by attributes.

    Raises Unparsable also for a list that contradicts itself: two partitions with one id or one UUID,
    or some with and some without UUID.
    """
    found = tuple(_partition(record) for record in records(output, "lssyscfg", columns))
    _refuse_repeated("id", [str(each.lpar_id) for each in found])
    _refuse_repeated("UUID", [each.uuid for each in found if each.uuid])
    without = next((each for each in found if not each.uuid), None)
    if without is not None and any(each.uuid for each in found):
        raise Unparsable("a partition without UUID where others have one", without.name)
    return found


def _partition(record: Record) -> Partition:
    name = text(record, "name")
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise Unparsable("not a partition's name", ",".join(record.values()))
    return Partition(
        name=name,
        lpar_id=count(record, "lpar_id"),
        env=text(record, "lpar_env"),
        state=text(record, "state"),
        rmc_state=_given(record, "rmc_state"),
        address=_given(record, "rmc_ipaddr"),
        os=record.get("os_version", ""),
        logical_serial=_given(record, "logical_serial_num"),
        default_profile=_given(record, "default_profile"),
        current_profile=_given(record, "curr_profile"),
        profile_sync=_given(record, "sync_curr_profile"),
        uuid=_uuid(record),
    )


def _uuid(record: Record) -> str:
    uuid = _given(record, "uuid").upper()
    if uuid and not _UUID.fullmatch(uuid):
        raise Unparsable("not a UUID", ",".join(record.values()))
    return uuid


def _given(record: Record, attribute: str) -> str:
    """A value that an HMC may leave out; several words of it mean that there is none."""
    value = record.get(attribute, "")
    return "" if value in _ABSENT else value


def _refuse_repeated(what: str, values: list[str]) -> None:
    repeated = [value for value, times in Counter(values).items() if times > 1]
    if repeated:
        raise Unparsable(f"two partitions have one {what}", repeated[0])
