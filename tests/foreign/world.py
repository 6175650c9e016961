"""An HMC, an LPAR and perhaps a NIM master that are not the lab, imported, and people who ask and approve."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from inventory.actions.imports import import_hosts
from inventory.models import Lpar
from liveupdate.actions.approvals import approve
from liveupdate.actions.looks import lpar_with_hosts
from liveupdate.actions.planning import do_plan
from liveupdate.actions.requests import Wish, create_request, submit_request
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.models import Request, Run
from portal.access.actions import grant
from portal.access.models import Team, User
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.lib.clock import now
from tests.foreign.machine import Machine, machine, merged

HEADING = (
    "kind,name,address,port,account,credential,credential_reference,host_key_sha256,hmc,serial,type_model,"
    "managed_system,uuid,nim_master,team,environment,application,client_user,client_credential,"
    "client_credential_reference,rollback_clone_disk\n"
)


@dataclass
class World:
    """One LPAR with its HMC and perhaps its NIM master, and three people."""

    aix: Machine
    hmc: Machine
    lpar: Lpar
    requester: User
    approver: User
    operator: User
    nim: Machine | None = None

    def planned(self, media: str, target_level: str, *consents: str) -> Request:
        """A request for a local update that a worker has tried to plan."""
        return self.asked("local_live_update", media=media, target_level=target_level, consents=consents)

    def asked(self, procedure: str, **said: Any) -> Request:
        """A request for a procedure that a worker has tried to plan."""
        wish = Wish(
            procedure=procedure,
            **{"media": "", "target_level": "", "consents": (), **said},
            reason="security fixes",
            impact="none",
            fallback="the clone",
            starts_at=now() - timedelta(minutes=1),
            ends_at=now() + timedelta(hours=8),
        )
        request = create_request(self.requester, self.lpar.pk, wish)
        do_plan(request.pk, "w1")
        return Request.objects.select_related("plan").get(pk=request.pk)

    def approved(self, request: Request) -> Request:
        """The request, handed in and approved as it was shown."""
        assert request.plan is not None, request.state_reason
        submit_request(self.requester, request.pk, request.plan.digest)
        approve(self.approver, request.pk, request.plan.digest)
        return Request.objects.get(pk=request.pk)

    def run(self, request: Request) -> Run:
        """The run of a planned request, approved and executed."""
        run = start_run(self.approved(request).pk)
        execute(run.pk, "w1")
        return Run.objects.get(pk=run.pk)

    def steps(self, run: Run) -> dict[str, str]:
        """How each step ended, and what was said of it."""
        return {step.key: f"{step.state}: {step.message}" for step in run.steps.all()}


@contextlib.contextmanager
def world(
    place: Path,
    aix: dict[str, Any],
    hmc: dict[str, Any],
    hmc_address: str = "127.0.0.1",
    nim: dict[str, Any] | None = None,
    **columns: str,
) -> Iterator[World]:
    """Start the machines, import them with their fingerprints; `columns` are those of the LPAR's row.

    The NIM master, if there is one, speaks of the LPAR in the LPAR's own words, and moves it.
    """
    with ExitStack() as running:
        lpar_machine = running.enter_context(machine(place / "aix", "aix", aix))
        console = running.enter_context(machine(place / "hmc", "hmc", hmc))
        _share(lpar_machine, console, "state/phase")
        master = None
        if nim is not None:
            spoken = {path: aix["files"][path] for path in ("/state/words", "/state/version.after")}
            told = merged(nim, {"files": {"/client/version": "", **spoken}})
            master = running.enter_context(machine(place / "nim", "nim", told))
            _share(lpar_machine, master, "state/phase")
            _share(lpar_machine, master, "proc/version", "client/version")
        team = Team.objects.create(name="Payroll", slug="payroll")
        people = []
        for name, role in (("ana", Role.REQUESTER), ("ivy", Role.APPROVER), ("olaf", Role.OPERATOR)):
            people.append(User.objects.create_user(name))
            grant(people[-1], role, team, by=Actor.command("tests"))
        _import(place, lpar_machine, console, hmc_address, columns, master)
        lpar = lpar_with_hosts(Lpar.objects.get(host__name=columns["name"]).pk)
        yield World(lpar_machine, console, lpar, *people, nim=master)


def _share(one: Machine, other: Machine, file: str, there: str = "") -> None:
    """One file for both, so that the other sees what the LPAR does."""
    path = other.root / (there or file)
    path.unlink()
    os.link(one.root / file, path)


def _import(
    place: Path,
    lpar: Machine,
    console: Machine,
    hmc_address: str,
    columns: dict[str, str],
    master: Machine | None,
) -> None:
    password = place / "hmc-password"
    password.write_text(lpar.state("hmc_password"))
    password.chmod(0o600)
    lpar_key, console_key = (machine.server.endpoint().credential for machine in (lpar, console))
    rows = [
        {
            "kind": "hmc", "name": "hmc-a.site1", "address": hmc_address, "port": str(console.server.port),
            "account": "root", "credential": "hmc-key", "credential_reference": console_key,
            "host_key_sha256": console.fingerprint, "client_user": "liveupdate",
            "client_credential": "hmc-liveupdate", "client_credential_reference": f"file:{password}",
        },
        {
            "kind": "managed_system", "name": "as bought", "serial": columns["serial"], "hmc": "hmc-a.site1",
        },
        {
            "kind": "lpar", "address": "127.0.0.1", "port": str(lpar.server.port), "account": "root",
            "credential": "lpar-key", "credential_reference": lpar_key,
            "host_key_sha256": lpar.fingerprint, "hmc": "hmc-a.site1", "team": "payroll",
            "uuid": "1A40C5B2-7E0E-4D52-9F7F-20C5B0F4001A", "application": "Pay",
            **{**columns, "managed_system": columns["serial"], "serial": ""},
        },
    ]  # fmt: skip
    if master is not None:
        rows[2]["nim_master"] = "nim-m.site1"
        rows.insert(
            0,
            {
                "kind": "nim_master", "name": "nim-m.site1", "address": "127.0.0.1",
                "port": str(master.server.port), "account": "root", "credential": "nim-key",
                "credential_reference": master.server.endpoint().credential,
                "host_key_sha256": master.fingerprint,
            },
        )  # fmt: skip
    names = HEADING.strip().split(",")
    text = HEADING + "".join(",".join(row.get(name, "") for name in names) + "\n" for row in rows)
    result = import_hosts(
        "hosts.csv", text.encode(), actor=Actor.command("import_hosts:test"), person=None, dry_run=False
    )
    assert result.applied, [str(problem) for problem in result.problems]
