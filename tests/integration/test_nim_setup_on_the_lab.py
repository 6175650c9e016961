"""A NIM master that knows nothing but itself becomes one that Live Update can go through, by plans."""

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from inventory.actions.facts import stored_facts
from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Discovered, FactReading, Lpar, NimMaster
from liveupdate.actions.discoveries import do_discovery, waiting_discoveries
from liveupdate.actions.looks import do_look, waiting_looks
from liveupdate.actions.runs import Decision, decide, start_run
from liveupdate.engine.execution import execute
from liveupdate.engine.stored_output import stored_output
from liveupdate.models import Request, Run
from liveupdate.pages.nim_setup import Standing, setups
from liveupdate.readiness.base import FindingState
from liveupdate.readiness.catalogue import assess
from liveupdate.records.subjects import subject_of_lpar
from liveupdate.states import RequestState, RunState
from portal.access.models import Membership, Team, User
from portal.access.roles import Role
from portal.audit.models import Intake
from tests.lab_estate import Estate, import_lab
from tests.lab_ssh import session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600), pytest.mark.deep]

LEAST = {"systems": "nimquery", "vioses": "none", "vios_firewall": "none"}
CHOICES = LEAST | {
    "network": "vlan4 10.254.0.0 255.255.255.0 10.254.0.1",
    "vioses": "remote_management",
    "vios_firewall": "open",
    "lpp_sources": "7200-05-04_lpp /export/lpp/7200-05-04 /export/aix72/7200-05-04-2220_full\n"
    "lku-ifixes /export/nim/lku-ifixes",
}
KEYSTORE = "/export/nim/hmc_liveupdate_passwd"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[RunningLab]:
    with running_lab(tmp_path / "lab", speed=1500, scenario="bare_nim") as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Estate:
    settings.PORTAL_POLL_S, settings.PORTAL_WATCH_S = 0.2, 0.5
    monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
    made = import_lab(lab)
    for team in Team.objects.all():
        Membership.objects.create(user=User.objects.get(username="adm"), team=team, role=Role.OPERATOR)
    return made


def read_master() -> None:
    _run("discover", "--nim", "nim01")


def _run(*words: str) -> None:
    """A command; that it found differences for people to settle is no failure."""
    with suppress(SystemExit):
        call_command(*words, "--json")


def ran(request: Request) -> Run:
    run = start_run(request.pk)
    execute(run.pk, "w1")
    return Run.objects.get(pk=run.pk)


def asked(estate: Estate, procedure: str, **choices: str) -> Request:
    return estate.planned("pay01", procedure=procedure, media="", target_level="", choices=choices)


def done(estate: Estate, request: Request) -> Run:
    return ran(estate.decided(request))


def told(run: Run) -> str:
    steps = {step.key: f"{step.state} {step.message}" for step in run.steps.exclude(message="")}
    return f"{run.state}: {run.outcome} {run.reason} {steps}"


def missing() -> set[str]:
    (setup,) = setups(NimMaster.objects.get(), User.objects.get(username="ana"))
    return {row.what for row in (*setup.rows, setup.clients) if row.standing is Standing.MISSING}


def test_from_a_bare_master_to_ready_clients(estate: Estate) -> None:
    lab = estate.lab
    _run("discover", "--hmc", "hmc01")
    assert "read it on its page" in asked(estate, "nim_setup", **CHOICES).state_reason
    read_master()
    assert missing() == {
        "HMC user liveupdate",
        "Keystore with its password",
        "Networks",
        "HMC",
        "Keys between NIM master and HMC",
        "Managed system 9080-M9S-78A1234",
        "VIOS viodev1",
        "VIOS viodev2",
        "lpp_sources",
        "LPARs",
    }

    lab.fault("nim01", "dkeyexch_npe")
    request = asked(estate, "nim_setup", **CHOICES)
    assert request.state == RequestState.PLANNED, request.state_reason
    run = done(estate, request)
    assert run.state == RunState.NEEDS_PERSON, told(run)
    assert not lab.ran("hmc01", "mkauthkeys")
    operator = User.objects.get(username="adm")
    decide(run.pk, operator, Decision.BRANCH, "dkeyexch ended with a NullPointerException", "mkauthkeys")
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED, told(run)
    with session(lab, "nim01") as master, session(lab, "hmc01") as hmc:
        key = master.run("cat /.ssh/id_rsa.pub").out.strip()
        assert [each["argv"] for each in lab.ran("hmc01", "mkauthkeys")] == [
            ["mkauthkeys", "-u", "liveupdate", "-a", key]
        ]
        assert hmc.run("mkauthkeys -u liveupdate --ls").out.strip() == key
        assert master.run(f"ls -l {KEYSTORE}").out.startswith("-rw-------")
        assert "passwd_file = " + KEYSTORE in master.run("lsnim -l hmc01").out
        assert master.run("nim -o lslpp viodev2").status == 0
        assert "simages" in master.run("lsnim -l 7200-05-04_lpp").out
    _no_secret_was_seen(estate, run)

    _workers_do_what_the_runs_end_asked_for()
    assert missing() == {"LPARs"}
    assert "Nothing is missing" in asked(estate, "nim_setup", **LEAST).state_reason

    _clients(estate)
    _taken_back(estate)


def _workers_do_what_the_runs_end_asked_for() -> None:
    """A look at the LPAR and a reading of its NIM master, without anybody having asked."""
    (lpar,), (discovery,) = waiting_looks(), waiting_discoveries()
    do_look(lpar, "w1")
    do_discovery(discovery, "w1")
    assert not waiting_looks() and not waiting_discoveries()


def _no_secret_was_seen(estate: Estate, run: Run) -> None:
    """Neither in a process's words, nor in what was recorded, nor in the ledger, nor in the keystore."""
    secret = estate.lab.description["hmc_password"]
    for host in ("nim01", "hmc01", "pay01"):
        assert secret not in json.dumps(estate.lab.truth(host))
    pieces = (stored_output(each, stream) for each in run.commands.all() for stream in ("stdout", "stderr"))
    recorded = b"".join(chain.from_iterable(pieces))
    assert b"Warning! Password will be echoed" in recorded
    assert secret.encode() not in recorded
    assert not any(secret in str(values) for values in run.commands.values())
    assert not any(secret in str(values) for values in Intake.objects.values())
    assert not any(secret in str(values) for values in FactReading.objects.values())
    assert run.request.plan is not None and secret not in run.request.plan.document
    with session(estate.lab, "nim01") as master:
        assert secret not in master.run(f"cat {KEYSTORE}").out


def _clients(estate: Estate) -> None:
    lab = estate.lab
    run = done(estate, asked(estate, "nim_client_setup", clients="this"))
    assert run.state == RunState.SUCCEEDED, told(run)
    lpar = Lpar.objects.get(host__name="pay01")
    request = asked(estate, "nim_client_setup", clients="this")
    assert "every LPAR's mgmt_profile1 says where it runs" in _after_reading(estate, request)

    with session(lab, "nim01") as master, session(lab, "web01") as web:
        assert web.run("niminit -a master=nim01 -a master_port=1058 -a name=web01").status == 0
        assert master.run("nim -o change -a identity=99 -a mgmt_source=9080-M9S_78A1234 web01").status == 0
        _run("refresh_facts", "web01")
        read_master()
        request = asked(estate, "nim_client_setup", clients="all")
        assert request.plan is not None, request.state_reason
        plan = json.loads(request.plan.document)
        assert plan["parameters"]["clients"] == {
            "web01": {"now": "hmc01 99 9080-M9S_78A1234", "then": "hmc01 27 9080-M9S_78A1234"}
        }
        assert {"pay02", "web02"} == {w.split()[0] for w in plan["warnings"] if "no client of" in w}
        run = done(estate, request)
        assert run.state == RunState.SUCCEEDED, told(run)
        assert "mgmt_profile1 = hmc01 27 9080-M9S_78A1234" in " ".join(
            master.run("lsnim -l web01").out.split()
        )
    _run("refresh_facts", "pay01")
    subject = subject_of_lpar(lpar, stored_facts(lpar), procedure="nim_live_update")
    states = {
        f.check.id: f.state
        for f in assess(subject).findings
        if f.check.id in ("RQ-007", "RQ-056", "RQ-057", "RQ-058")
    }
    assert set(states.values()) == {FindingState.OK}, states


def _taken_back(estate: Estate) -> None:
    """What the set-up defined goes again, but for what a client still needs."""
    refused = asked(estate, "nim_setup_removal", objects="hmc01").state_reason
    assert "hmc01 is still needed by" in refused
    run = done(estate, asked(estate, "nim_setup_removal", objects="lku-ifixes\nviodev1"))
    assert run.state == RunState.SUCCEEDED, told(run)
    with session(estate.lab, "nim01") as master:
        assert not {"lku-ifixes", "viodev1"} & set(master.run("lsnim").out.split())
    for discovery in waiting_discoveries():
        do_discovery(discovery, "w1")
    gone = Discovered.objects.filter(change="gone", decision="open").values_list("name", flat=True)
    assert set(gone) == {"lku-ifixes", "viodev1"}


def _after_reading(estate: Estate, request: Request) -> str:
    """A plan goes by what the NIM master said when it was read last."""
    read_master()
    return asked(estate, "nim_client_setup", clients="this").state_reason
