"""The local Live Update's plan and the HMC: the session, its password, the partition's name there."""

import re

import pytest

from liveupdate.engine.judge import Outcome, judge
from liveupdate.procedures.catalogue import render
from liveupdate.procedures.step import (
    Answer,
)
from tests.unit.local_plan import SEEN_BY_USERS, lines, plan
from tests.unit.plan_subject import (
    hosts,
    subject,
)


def test_a_session_that_is_there_is_used_and_left_alone() -> None:
    rendered = plan("own_directory")
    assert not [step for step in rendered.steps if isinstance(step.action, Answer)]
    assert lines(rendered.restoration) == [
        "rm -f /var/adm/ras/liveupdate/lvupdate.data",
        "oslevel -s",
        "cat /proc/version",
        *SEEN_BY_USERS,
    ]
    assert rendered.parameters["directory"] == "/updates"
    assert "ls /updates/.toc /updates/installp/ppc/.toc" in lines(rendered.steps)


@pytest.mark.parametrize(
    ("address", "listed", "met"),
    [
        ("10.254.0.5", "10.254.0.5", True),
        ("10.254.0.5", "hmc01.example.com", True),
        ("10.254.0.5", "10.254.0.6", False),
        ("hmc01.example.com", "10.254.0.5", True),
    ],
)
def test_the_session_is_that_with_the_hmc(address: str, listed: str, met: bool) -> None:
    rendered = render("local_live_update", subject(hmc_address=address), hosts(), "c", frozenset())
    (step,) = [step for step in rendered.steps if step.id == "hmc_session"]
    for user in ("liveupdate", "hscroot"):
        output = f"Address  : {listed}\nUser name: {user}\nPort     : 12443\n"
        assert judge(step.expect, Outcome(0, [output.encode()])).met is (met and user == "liveupdate")


def test_the_password_is_named_never_held() -> None:
    (logon,) = [step for step in plan("ready").steps if isinstance(step.action, Answer)]
    assert isinstance(logon.action, Answer)
    (prompt,) = logon.action.prompts
    assert prompt.credential == "hmc01-liveupdate"
    assert re.search(prompt.pattern, "Enter HMC password:")
    assert "-p" not in logon.action.command.argv


def test_the_hmc_is_asked_for_the_name_that_the_partition_has_there() -> None:
    lpar = subject({"uname_l": "26 PAY-01 payroll\n"})
    rendered = render("local_live_update", lpar, hosts(), "c", frozenset())
    steps = {step.id: step for step in rendered.steps}
    assert rendered.lpar["name"] == "pay01" and rendered.lpar["partition"] == "PAY-01 payroll"
    for step, output in (
        ("partition_after", "31 PAY-01 payroll\n"),
        ("hmc_after", "viodev1,3,Running,active\nPAY-01 payroll,31,Running,active\n"),
    ):
        (pattern,) = steps[step].expect.has
        assert re.search(pattern, output, re.MULTILINE)
    (left,) = steps["hmc_after"].expect.lacks
    assert re.search(left, "PAY-01 payroll_lku0,26,Not Activated,none\n", re.MULTILINE)
