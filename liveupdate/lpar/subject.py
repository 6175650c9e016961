"""What readiness and procedures look at: one LPAR, what is asked for it, and its newest facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from inventory.facts.aix.uname_l import UNAME_L
from inventory.facts.base import Fact, FactSet, Reading
from liveupdate.lpar.before import Before
from liveupdate.lpar.nim_site import NimSite
from liveupdate.lpar.surrogate import Reservation

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said about a requirement of one LPAR that no command can test; dates as `2026-11-25`."""

    holds: bool
    reason: str
    by: str
    given_on: str
    good_until: str


@dataclass(frozen=True, slots=True)
class ListedAgent:
    """An entry of the approved list of agents.

    `name` is the subsystem (kind `subsystem`) or the program as `ps` shows it (kind `commands`); the
    latter has commands as words: `stop`, `start`, and `check`, which may be empty.
    """

    name: str
    kind: str
    stop: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    check: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MediaContents:
    """What the lpp_source of a NIM `master` at the media's directory held when it was last read.

    `packages` maps what it offers to the levels offered, and `has_toc` says whether it has a table of
    contents; both are None where they could not be read, and `problem` says why. `read_at` is a UTC time
    for people.
    """

    master: str
    lpp_source: str
    read_at: str
    packages: Mapping[str, Sequence[str]] | None
    has_toc: bool | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PowerVcConsole:
    """The PowerVC that takes the HMC's place: where it is, as whom and in which project the LPAR logs on,
    and the name of the credential that answers the password's prompt."""

    name: str
    address: str
    user: str
    project: str
    credential: str


@dataclass(frozen=True, slots=True)
class CloneRecord:
    """What the portal knows of the rollback clone, and what the site asks of one.

    `level` and `made_at` (UTC) are those of the clone that a run made; empty and None when none did. A
    clone older than `most_days` is no way back, and with `own_only` neither is one that no run made.
    `needed_for` is a sentence that says why clone and former rootvg must stay, empty when they may go.
    """

    level: str = ""
    made_at: datetime | None = None
    most_days: int = 30
    own_only: bool = False
    needed_for: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """One LPAR with its facts, and the update that is asked for.

    `name` is the portal's name for it; what the HMC calls it is `partition`.
    `media` is `SERVER:/directory` (mounted over NFS) or an absolute directory on the LPAR;
    `target_level` is an `oslevel -s` string, empty while nobody has named one. `answers` are the
    standing ones by requirement (`RQ-171`); `nim_name` is what its NIM master calls the LPAR, empty
    without one. `held_disks` says of disks, by name, who else holds them: another plan, or another LPAR.
    `media_contents` is None where no lpp_source is known to lie in the media's directory.
    `reserved` are the disks that the request's own plan holds, by role (`nhdisk`, `mhdisk`).
    `nim_directory` is where the files of its NIM master's `live_update_data` lie.
    `choices` is what else the procedure asked its requester for, by the name of the Ask.
    `package_paths` says where interim fix packages that are asked for lie, by file, if they can be read.
    `powervc` is the PowerVC that manages the LPAR, None without one.
    `clone` is what the portal knows of the rollback clone. `accepted_stale` names the processes that people
    accept on replaced libraries.
    `before` is what there is to compare with where no update of the plan's own comes between.
    `nim_site` is the environment of its NIM master, for procedures that set it up.
    `hmc_account` is the HMC user that the portal itself logs on as. `neighbours` are the
    surrogates of other plans on the same managed system that its own may meet. `agents` is the approved
    list as it stands for the LPAR.
    """

    name: str
    uuid: str
    managed_system: str
    managed_system_serial: str
    hmc: str
    hmc_address: str
    hmc_user: str
    rollback_clone_disk: str
    procedure: str
    media: str
    target_level: str
    facts: FactSet
    answers: Mapping[str, Answer] = field(default_factory=dict)
    nim_name: str = ""
    held_disks: Mapping[str, str] = field(default_factory=dict)
    media_contents: MediaContents | None = None
    reserved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    powervc: PowerVcConsole | None = None
    nim_site: NimSite | None = None
    hmc_account: str = ""
    neighbours: tuple[Reservation, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    nim_directory: str = ""
    clone: CloneRecord = field(default_factory=CloneRecord)
    agents: tuple[ListedAgent, ...] = ()
    package_paths: Mapping[str, str] = field(default_factory=dict)
    accepted_stale: frozenset[str] = frozenset()
    before: Before | None = None

    @property
    def partition(self) -> str:
        """The partition's name on its HMC, by the LPAR's own account. Raises FactMissing."""
        return self.value(UNAME_L).name

    def choice(self, name: str) -> str:
        """What the requester said for an Ask, empty where nothing was said."""
        return self.choices.get(name, "")

    def chosen_lines(self, name: str) -> tuple[str, ...]:
        """What the requester said for an Ask of many values, one per line."""
        return tuple(line for line in self.choice(name).splitlines() if line)

    @property
    def installs_ifixes_only(self) -> bool:
        """Whether interim fixes are all that the procedure installs: no technology level, no service pack."""
        return "ifix" in self.procedure.split("_")

    @property
    def through_powervc(self) -> bool:
        """Whether the procedure asks PowerVC for the surrogate, not the HMC."""
        return self.procedure.startswith("powervc_")

    @property
    def installs_nothing(self) -> bool:
        """Whether the procedure leaves the disk's level as it is: a rehearsal, or an activation alone."""
        return not {"rehearsal", "only"}.isdisjoint(self.procedure.split("_"))

    @property
    def rehearses(self) -> bool:
        """Whether the procedure moves the LPAR as it is: whatever is installed may stay."""
        return "rehearsal" in self.procedure.split("_")

    @property
    def installs_before(self) -> bool:
        """Whether the procedure installs first, and moves the workload by a Live Update of its own."""
        return "separate" in self.procedure.split("_")

    def value(self, fact: Fact[Value], *parameters: str) -> Value:
        """The typed value of a fact, read with these parameters. Raises FactMissing."""
        return self.facts.value(fact, fact_key(parameters))

    def reading(self, fact: Fact[Any], *parameters: str) -> Reading | None:
        """The reading of a fact, whatever its state, or None if it was never read."""
        return self.facts.reading(fact, fact_key(parameters))


def fact_key(parameters: tuple[str, ...]) -> str:
    """The key under which a fact read with these parameters is kept."""
    return ",".join(parameters)
