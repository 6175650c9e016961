"""No plan of a local Live Update without consents, facts, hosts and a procedure that is known."""

from dataclasses import replace
from typing import Any

import pytest

from inventory.facts.base import Output, ReadingState
from liveupdate.lpar.consents import CONSENT_TITLES, Consent
from liveupdate.procedures.catalogue import PROCEDURES, render
from liveupdate.procedures.step import (
    StepHost,
)
from portal.lib.errors import Invalid
from tests.unit.local_plan import AGENTS, ALL, BLOCKED, EVERYTHING, LOCKED, OF_UPDATES, TAKEN, plan, reasons
from tests.unit.plan_subject import (
    LSPV,
    POLICIES,
    hosts,
    locks,
    subject,
)


@pytest.mark.parametrize("consent", sorted(OF_UPDATES))
def test_without_its_consent_no_privileged_preparation(consent: str) -> None:
    said = reasons(subject(EVERYTHING, agents=AGENTS), ALL - {consent})
    assert f"The request must allow: {CONSENT_TITLES[consent]}." in said


def test_only_consents_that_were_needed_stand_in_the_plan() -> None:
    assert plan("everything").parameters["consents"] == sorted(OF_UPDATES)
    lpar = subject({"trustchk": POLICIES.format(te="ON")})
    rendered = render("local_live_update", lpar, hosts(), "c", ALL)
    assert rendered.parameters["consents"] == ["trusted_execution_off"]


@pytest.mark.parametrize(
    ("changes", "fields", "said"),
    [
        ({}, {"target_level": ""}, "names no level"),
        ({}, {"target_level": "7200-05-03-2148"}, "nothing to install"),
        ({}, {"target_level": "7200-05-02-2114"}, "older than"),
        ({}, {"target_level": "7300-01-01-2246"}, "does not cross releases"),
        ({}, {"target_level": "newest"}, "not a level"),
        ({}, {"rollback_clone_disk": ""}, "No disk is designated"),
        ({}, {"rollback_clone_disk": "hdisk2"}, "no altinst_rootvg on it"),
        ({"lspv": LSPV.replace("None", "othervg")}, {}, "2 free disks"),
        ({"lspv": LSPV.replace("None", "lvup_rootvg active")}, {}, "may still be in use"),
        ({"disk_size hdisk0": None}, {}, "Not known: disk_size hdisk0"),
        ({"trustchk": None}, {}, "Not known: trustchk"),
        ({"wlm": "Ceci n'est pas un état\n"}, {}, "Not known: wlm"),
        ({"trustchk": LOCKED}, {}, "locked"),
        ({"mount": TAKEN}, {}, "/mnt is taken"),
        ({"uname_l": "26 pay01'\n"}, {}, "not a name that an HMC gives"),
        ({"emgr_packages": locks("IJ36810s3a")}, {}, "emgr -l does not: IJ36810s3a"),
        ({}, {"managed_system": "-m;reboot"}, "not a name that an HMC gives"),
    ],
)
def test_no_plan_without_what_it_rests_on(
    changes: dict[str, str | None], fields: dict[str, str], said: str
) -> None:
    assert said in reasons(subject(changes, **fields))


def test_every_reason_is_named_at_once() -> None:
    said = reasons(subject(BLOCKED, rollback_clone_disk="", target_level=""), frozenset())
    for part in (
        "No disk is designated",
        "names no level",
        CONSENT_TITLES[Consent.REMOVE_IFIXES],
        CONSENT_TITLES[Consent.WLM_OFF],
    ):
        assert part in said


def test_no_plan_without_hosts_or_credential() -> None:
    assert "how to reach the hmc" in reasons(subject(), hosts={StepHost.LPAR: hosts()[StepHost.LPAR]})
    assert "names no credential" in reasons(subject(), hmc_credential="")


def test_unknown_procedures_are_refused() -> None:
    assert "local_live_update" in PROCEDURES
    with pytest.raises(Invalid, match="no procedure 'x'"):
        render("x", subject(), hosts(), "c", frozenset())


def test_an_lpar_out_of_reach_is_one_reason_and_not_one_for_each_fact() -> None:
    lpar = subject({})
    gone: dict[str, Any] = {"state": ReadingState.UNREACHABLE, "problem": "pay01: nobody answers."}
    for key, reading in list(lpar.facts.readings.items()):
        lpar.facts.readings[key] = replace(reading, output=Output(""), **gone)
    assert reasons(lpar) == "Out of reach: pay01: nobody answers."
