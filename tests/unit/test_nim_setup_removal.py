"""A NIM set-up is taken back object by object, and nothing that something else needs."""

from dataclasses import replace

from liveupdate.procedures.step import Plan
from tests.golden_plans import assert_golden
from tests.unit.test_nim_setup import DONE, HMC, commands, plan, reasons, stanza

NAME = "nim_setup_removal"
CEC = stanza("9080-M9S_78A1234", "management", "cec", serial="9080-M9S*78A1234", hmc="hmc01")
CLIENT = stanza("pay01", "machines", "standalone", mgmt_profile1="hmc01 26 9080-M9S_78A1234")
DATA = stanza("lud_pay01", "resources", "live_update_data", location="/nimdata/lud", alloc_count="0")
EVERYTHING = "vlan4\nhmc01\n9080-M9S_78A1234\nlud_pay01"
BUILT = replace(DONE, objects=DONE.objects | {each.name: each for each in (CEC, DATA)})
USED = replace(BUILT, objects=BUILT.objects | {"pay01": CLIENT})


def removal(**choices: str) -> Plan:
    return plan(BUILT, name=NAME, choices=choices)


def test_what_uses_others_goes_first_and_each_is_proven_gone() -> None:
    rendered = removal(objects=EVERYTHING, keystore="remove", hmc_account="remove")
    removed = [
        line.rpartition(" ")[2] for line in commands(rendered.steps).values() if "nim -o remove" in line
    ]
    assert removed == ["lud_pay01", "9080-M9S_78A1234", "hmc01", "vlan4"]
    lines = commands(rendered.steps)
    assert lines["keystore_removed"] == "rm -f /export/nim/hmc_liveupdate_passwd"
    assert lines["hmc_user_removed"] == "rmhmcusr -u liveupdate"
    assert_golden(rendered, "everything")


def test_what_is_still_needed_stays() -> None:
    assert "9080-M9S_78A1234 is still needed by pay01" in reasons(
        USED, name=NAME, choices={"objects": "9080-M9S_78A1234"}
    )
    said = reasons(BUILT, name=NAME, choices={"objects": "hmc01", "keystore": ""})
    assert "hmc01 is still needed by 9080-M9S_78A1234" in said
    assert HMC.name in reasons(BUILT, name=NAME, choices={"objects": "vlan4"})
    held = replace(
        BUILT,
        objects=BUILT.objects
        | {"pay01": stanza("pay01", "machines", "standalone", live_update_data="lud_pay01")},
    )
    assert "lud_pay01 is still needed by pay01" in reasons(held, name=NAME, choices={"objects": "lud_pay01"})
    assert "still needed by hmc01" in reasons(BUILT, name=NAME, choices={"keystore": "remove"})


def test_what_no_set_up_defines_is_refused() -> None:
    assert "of the type master" in reasons(BUILT, name=NAME, choices={"objects": "master"})
    assert "has no object nothing" in reasons(BUILT, name=NAME, choices={"objects": "nothing"})
    assert "Nothing was named" in reasons(BUILT, name=NAME)
