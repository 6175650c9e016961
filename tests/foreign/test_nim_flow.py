"""Live Updates through NIM masters that are not the lab: other names, other lines, by the format's rules."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from inventory.actions.facts import stored_facts
from inventory.facts.base import HostKind, ReadingState
from inventory.facts.catalogue import facts_of
from liveupdate.models import Request, RunEvent
from liveupdate.states import RequestState, RunState
from tests.foreign.world import World

pytestmark = [pytest.mark.openssh, pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]
Make = Callable[..., World]
MASTERS: dict[str, dict[str, Any]] = {
    "aix72": {
        "nim": "nim72",
        "client": "webtwo",
        "system": "frame8",
        "ids": (9, 9),
        "wish": {"target_level": "7200-05-04-2220", "choices": {"lpp_source": "7200-05-04_full"}},
    },
    "aix73": {
        "nim": "nim73",
        "client": "pay_app73",
        "system": "9105-42A_78B9876",
        "ids": (126, 131),
        "wish": {
            "target_level": "7300-03-01-2520",
            "choices": {"lpp_source": "7300-03-01"},
            "consents": ("trusted_execution_off", "remove_ifixes"),
        },
    },
}


def made_for(make: Make, name: str, **changes: Any) -> World:
    known = MASTERS[name]
    info = {"NAME": known["client"], "CONFIGURATION": "standalone", "MASTER_HOSTNAME": "nim-m"}
    lines = "".join(f"export NIM_{key}={value}\n" for key, value in info.items())
    return make(name, nim=known["nim"], files={"/etc/niminfo": lines}, **changes)


def planned(made: World, name: str, procedure: str, **wish: Any) -> Request:
    request = made.asked(procedure, **{**MASTERS[name]["wish"], **wish})
    assert request.state == RequestState.PLANNED, request.state_reason
    return request


def customized(made: World) -> list[str]:
    assert made.nim is not None
    return made.nim.state("customized").splitlines()


@pytest.mark.parametrize("name", MASTERS)
def test_everything_that_the_master_says_is_understood(make: Make, name: str) -> None:
    made = made_for(make, name)
    request = planned(made, name, "nim_preview")
    asked = {fact.name for fact in facts_of(HostKind.NIM_MASTER) if not fact.discovery}
    read = [one for one in stored_facts(made.lpar).readings.values() if one.fact in asked]
    assert {one.fact for one in read} >= {"nim_object", "nim_management", "nim_filesets"}
    assert [one.command for one in read if one.state is not ReadingState.OK] == []
    found = {finding["id"]: finding["state"] for finding in request.findings}
    assert {found[check] for check in ("RQ-056", "RQ-057", "RQ-058")} == {"ok"}


@pytest.mark.parametrize("name", MASTERS)
def test_preview_and_update(make: Make, name: str) -> None:
    made, known = made_for(make, name), MASTERS[name]
    preview = made.run(planned(made, name, "nim_preview"))
    assert preview.state == RunState.SUCCEEDED, (preview.outcome, made.steps(preview))
    assert [("installp_flags=-p" in line) for line in customized(made)] == [True]

    request = planned(made, name, "nim_live_update")
    assert request.plan is not None
    chosen = json.loads(request.plan.document)["parameters"]
    assert (chosen["nim_client"], chosen["nim_system"]) == (known["client"], known["system"])
    run = made.run(request)
    assert run.state == RunState.SUCCEEDED, (run.outcome, run.reason, made.steps(run))
    assert run.level_after == known["wish"]["target_level"]
    real = [line for line in customized(made) if "installp_flags" not in line]
    data = f"live_update_data=liveupdate_data_{known['client']}"
    assert len(real) == 1 and data in real[0] and real[0].endswith(f" {known['client']}")
    milestones = set(run.events.filter(kind=RunEvent.Kind.MILESTONE).values_list("data__id", flat=True))
    assert {"M03", "M20", "M21", "M27"} <= milestones
    assert 1500 <= (run.blackout_ms or 0) <= 20_000
    assert made.nim is not None
    assert f"identity={known['ids'][1]}" in made.nim.state("changes").splitlines()[-1]
    assert not list((made.nim.root / "state").glob("resource.*")), "what was defined is gone again"


POLICIES = (
    "te", "chkexec", "chkshlib", "chkscript", "chkkernext", "stop_untrustd", "stop_on_chkfail",
    "lock_kern_policies", "tsd_files_lock", "tsd_lock", "tep", "tlp",
)  # fmt: skip
FILE = "IJ36810s3a.211012.epkg.Z"
INSTALLED = """
ID     STATE  LABEL      INSTALL TIME      UPDATED BY  ABSTRACT
====== ====== ========== ================= =========== ======================================
1        S    IJ36810s3a 11/25/26 06:46:12             sockets: wait = no, retry
"""
LOCKS = """
PACKAGE                                                  INSTALLER   LABEL
======================================================== =========== ==========
bos.net.tcp.client_core                                  installp    IJ36810s3a
"""


def test_interim_fixes(make: Make) -> None:
    made = made_for(
        make,
        "aix72",
        answers={
            "trustchk -p": "".join(f"{name}=off\n" for name in POLICIES),
            "tail -n 40 /var/adm/ras/emgr.log": "Return Status = SUCCESS\n",
        },
        after={"oslevel -s": "7200-05-03-2148\n", "emgr -l": INSTALLED, "emgr -P": LOCKS},
    )
    asked: dict[str, Any] = {
        "target_level": "",
        "choices": {"lpp_source": "lku_fixes", "ifix_directory": "/export/lku", "ifixes": FILE},
    }
    preview = made.run(planned(made, "aix72", "nim_ifix_preview", **asked))
    assert preview.state == RunState.SUCCEEDED, (preview.outcome, made.steps(preview))
    run = made.run(planned(made, "aix72", "nim_ifix_live_update", **asked))
    assert run.state == RunState.SUCCEEDED, (run.outcome, run.reason, made.steps(run))
    previewed, gated, real = customized(made)
    assert "installp_flags=-p" in previewed and "installp_flags=-p" in gated
    assert f"filesets={FILE}" in real and "lpp_source=lku_fixes" in real and "fixes=" not in real
