"""Nothing that a person or a host says slips into a command of a local Live Update's plan."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveupdate.procedures.catalogue import CannotPlan, render
from liveupdate.procedures.step import (
    Run,
)
from tests.unit.local_plan import every, reasons
from tests.unit.plan_subject import (
    LSLPP_HEADER,
    LSPV,
    fileset,
    hosts,
    ifixes,
    locks,
    subject,
)

EVIL = ["$(reboot)", "`reboot`", "a;reboot", "-rf", "a\nreboot", "a b", "'x'", "x|y", "../../etc"]


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("field", ["media", "target_level", "rollback_clone_disk", "hmc_address", "hmc_user"])
def test_values_of_people_enter_no_command(field: str, evil: str) -> None:
    assert reasons(subject(**{field: evil}))


@pytest.mark.parametrize("evil", ["hdisk2;reboot", "-X;", "$(id)"])
def test_values_of_hosts_enter_no_command(evil: str) -> None:
    label = evil.replace(" ", "")
    assert reasons(subject({"emgr_packages": locks(label), "emgr_list": ifixes(label)}))
    assert reasons(subject({"lspv": LSPV.replace("hdisk0 ", f"{evil} "), f"disk_size {evil}": "61440\n"}))
    assert reasons(subject({"wpars": f"{evil}:A\n"}))
    assert reasons(subject({"lslpp": LSLPP_HEADER + fileset(f"cas.agent.{evil}")}))


@settings(max_examples=40)
@given(text=st.text(min_size=1, max_size=30))
def test_any_media_is_one_word_or_refused(text: str) -> None:
    try:
        rendered = render("local_live_update", subject(media=text), hosts(), "c", frozenset())
    except CannotPlan:
        return
    for step in every(rendered):
        if isinstance(step.action, Run):
            assert all(word.isprintable() for word in step.action.command.argv)
