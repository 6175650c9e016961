"""Writes checked rows into the inventory and says what each one changed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Model, Q

from inventory.facts.base import HostKind
from inventory.imports.reader import Row
from inventory.imports.schema import EntryKind, Problem
from inventory.lpar_state import LparState, lpar_state
from inventory.models import Credential, Hmc, Host, HostKey, Lpar, ManagedSystem, NimMaster, PowerVc
from portal.access.models import Team, User
from portal.lib.clock import now

Found = TypeVar("Found", bound=Model)

HOST_KINDS = {
    EntryKind.HMC: HostKind.HMC,
    EntryKind.NIM_MASTER: HostKind.NIM_MASTER,
    EntryKind.LPAR: HostKind.LPAR,
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a row does: `new`, `changed` (with the fields and their old and new values) or `unchanged`."""

    line: int
    kind: str
    name: str
    what: str
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)


class RowRefused(Exception):
    """A row that contradicts the rest of the file or the inventory."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message


@dataclass(slots=True)
class Importer:
    """Applies rows one by one inside the caller's transaction; `person` pins the host keys.

    `lpars` are those that the rows speak of, with what each was before.
    """

    person: User | None
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    pinned: list[HostKey] = field(default_factory=list)
    lpars: list[tuple[Lpar, LparState | None]] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)

    def apply(self, rows: list[Row]) -> None:
        """Write all rows, in the order in which they depend on each other."""
        steps: dict[EntryKind, Callable[[Row], Change]] = {
            EntryKind.HMC: self._hmc,
            EntryKind.MANAGED_SYSTEM: self._managed_system,
            EntryKind.NIM_MASTER: self._nim_master,
            EntryKind.POWERVC: self._powervc,
            EntryKind.LPAR: self._lpar,
        }
        for kind, step in steps.items():
            for row in rows:
                if row["kind"] == kind:
                    try:
                        self.changes.append(step(row))
                    except RowRefused as refused:
                        self.problems.append(Problem(row.line, refused.column, refused.message))
        self.changes.sort(key=lambda change: change.line)
        self.problems.sort(key=lambda problem: problem.line)

    def _hmc(self, row: Row) -> Change:
        host, fields, is_new = self._host(row, None)
        values: dict[str, Any] = {"client_user": row["client_user"] or "liveupdate"}
        if row["client_credential"]:
            values["client_credential"] = self._credential(row, "client_credential")
        hmc = Hmc.objects.filter(host=host).first() or Hmc(host=host)
        return self._written(row, hmc, values, fields, is_new)

    def _nim_master(self, row: Row) -> Change:
        host, fields, is_new = self._host(row, None)
        master = NimMaster.objects.filter(host=host).first() or NimMaster(host=host)
        names = ("media", "media_level", "live_update_directory")
        values: dict[str, Any] = {name: row[name] for name in names if row[name]}
        if row["runs_at_once"]:
            values["runs_at_once"] = int(row["runs_at_once"])
        return self._written(row, master, values, fields, is_new)

    def _powervc(self, row: Row) -> Change:
        powervc = PowerVc.objects.filter(name=row["name"]).first()
        is_new = powervc is None
        powervc = powervc or PowerVc(name=row["name"])
        values: dict[str, Any] = {
            "address": row["address"],
            "client_user": row["client_user"],
            "client_credential": self._credential(row, "client_credential"),
            "project": row["project"] or powervc.project,
        }
        return self._written(row, powervc, values, {}, is_new)

    def _managed_system(self, row: Row) -> Change:
        system = ManagedSystem.objects.filter(serial=row["serial"]).first()
        is_new = system is None
        system = system or ManagedSystem(serial=row["serial"])
        values = {"name": row["name"], "type_model": row["type_model"] or system.type_model}
        hmcs = [self._find(Hmc, Q(host__name=name), "hmc", f"HMC {name}") for name in row["hmc"].split()]
        change = self._written(row, system, values, {}, is_new)
        system.hmcs.add(*hmcs)
        return change

    def _lpar(self, row: Row) -> Change:
        serial, uuid = row["managed_system"], row["uuid"].upper()
        system = self._find(
            ManagedSystem, Q(serial=serial), "managed_system", f"managed system with serial {serial}"
        )
        lpars = Lpar.objects.select_related("host", "team")
        lpar = lpars.filter(managed_system=system, uuid=uuid).first()
        before = lpar_state(lpar) if lpar else None
        host, fields, is_new = self._host(row, lpar.host if lpar else None)
        lpar = lpar or Lpar(host=host, managed_system=system, uuid=uuid)
        team = row["team"]
        values: dict[str, Any] = {
            "hmc": self._find(Hmc, Q(host__name=row["hmc"]), "hmc", f"HMC {row['hmc']}"),
            "team": self._find(Team, Q(slug=team) | Q(name=team), "team", f"team {team}"),
            "environment": row["environment"] or lpar.environment,
            "application": row["application"] or lpar.application,
            "rollback_clone_disk": row["rollback_clone_disk"] or lpar.rollback_clone_disk,
        }
        if row["nim_master"]:
            name = row["nim_master"]
            values["nim_master"] = self._find(
                NimMaster, Q(host__name=name), "nim_master", f"NIM master {name}"
            )
        if row["powervc"]:
            name = row["powervc"]
            values["powervc"] = self._find(PowerVc, Q(name=name), "powervc", f"PowerVC {name}")
        if not system.hmcs.filter(pk=values["hmc"].pk).exists():
            raise RowRefused("hmc", f"{row['hmc']} does not manage the system with serial {serial}.")
        self.lpars.append((lpar, before))
        return self._written(row, lpar, values, fields, is_new)

    def _host(self, row: Row, known: Host | None) -> tuple[Host, dict[str, tuple[str, str]], bool]:
        kind = HOST_KINDS[EntryKind(row["kind"])]
        named = Host.objects.filter(name=row["name"]).first()
        if named is not None and (
            named.kind != kind or (known is None and kind is HostKind.LPAR) or (known or named) != named
        ):
            raise RowRefused("name", f"{row['name']} is another host already (a {named.kind}).")
        host = known or named or Host(kind=kind)
        is_new = host.pk is None
        values = {
            "name": row["name"],
            "address": row["address"],
            "port": int(row["port"] or 22),
            "account": row["account"],
            "credential": self._credential(row, "credential"),
            **self._looking(row),
        }
        fields = _assign(host, values)
        host.save()
        if row["host_key_sha256"]:
            self._pin(host, row["host_key_sha256"])
        return host, fields, is_new

    def _looking(self, row: Row) -> dict[str, Any]:
        """The account for looking; a file that names its column and leaves it empty takes it away."""
        if "looking_account" not in row.cells:
            return {}
        account = row["looking_account"]
        return {
            "looking_account": account,
            "looking_credential": self._credential(row, "looking_credential") if account else None,
            "reads_beyond_looking": row["reads_beyond_looking"] == "yes",
        }

    def _pin(self, host: Host, fingerprint: str) -> None:
        pinned = host.keys.filter(state=HostKey.State.PINNED).first()
        if pinned is not None and pinned.fingerprint == fingerprint:
            return
        if pinned is not None:
            raise RowRefused(
                "host_key_sha256",
                f"differs from the accepted key {pinned.fingerprint}; accept a new key on the host's page.",
            )
        key, _ = HostKey.objects.update_or_create(
            host=host,
            fingerprint=fingerprint,
            defaults={"state": HostKey.State.PINNED, "accepted_by": self.person, "accepted_at": now()},
        )
        self.pinned.append(key)

    def _credential(self, row: Row, column: str) -> Credential:
        name, reference = row[column], row[f"{column}_reference"]
        if reference and self.references.setdefault(name, reference) != reference:
            raise RowRefused(f"{column}_reference", f"credential {name} has another reference in this file.")
        credential = Credential.objects.filter(name=name).first()
        if credential is None:
            if not reference:
                raise RowRefused(column, f"credential {name} is not known; give its {column}_reference once.")
            return Credential.objects.create(name=name, reference=reference)
        if reference and credential.reference != reference:
            credential.reference = reference
            credential.save(update_fields=["reference"])
        return credential

    @staticmethod
    def _find(model: type[Found], where: Q, column: str, what: str) -> Found:
        found = model._default_manager.filter(where).first()
        if found is None:
            raise RowRefused(column, f"{what} is neither in the inventory nor in this file.")
        return found

    @staticmethod
    def _written(
        row: Row, thing: Model, values: dict[str, Any], fields: dict[str, tuple[str, str]], is_new: bool
    ) -> Change:
        fields = {**fields, **_assign(thing, values)}
        if thing.pk is None or fields:
            thing.save()
        what = "new" if is_new else "changed" if fields else "unchanged"
        return Change(row.line, row["kind"], row["name"], what, {} if is_new else fields)


def _assign(thing: Model, values: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Set the values that differ; returns each changed field with its old and new value as text."""
    changed = {}
    for name, value in values.items():
        old = getattr(thing, name, None) if thing.pk is not None else None
        if thing.pk is None or old != value:
            setattr(thing, name, value)
            changed[name] = ("" if old is None else str(old), "" if value is None else str(value))
    return changed
