"""Plans through a NIM master: its commands as the handbook writes them, one data file for each LPAR."""

import re
from collections.abc import Mapping

import pytest

from liveupdate.engine.judge import Outcome, judge
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import Subject
from liveupdate.procedures.catalogue import CannotPlan, render, summary
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import OnFailure, Phase, Plan, Run, Step, StepHost, WriteFile
from portal.lib.canonical import canonical_json
from tests.golden_plans import assert_golden
from tests.unit.nim_subject import CLIENT, FILE, RESOURCE, nim_hosts, nim_subject
from tests.unit.plan_subject import POLICIES, ifixes, locks

ALL = frozenset(consent.value for consent in Consent) - {Consent.REPLACE_CLONE}
NO_LICENCE = {"oslevel": "7200-02-02-1832\n"}


def plan(subject: Subject | None = None, procedure: str = "nim_live_update") -> Plan:
    found = subject or nim_subject(procedure=procedure)
    return render(procedure, found, nim_hosts(), "", ALL)


def line(rendered: Plan, step_id: str) -> str:
    action = step(rendered, step_id).action
    assert isinstance(action, Run)
    return action.command.display()


def step(rendered: Plan, step_id: str) -> Step:
    return next(each for each in rendered.all_steps if each.id == step_id)


def ids(rendered: Plan) -> list[str]:
    return [each.id for each in rendered.all_steps]


def test_preview_and_update_are_those_of_the_handbook() -> None:
    rendered = plan()
    live = "-a fixes=update_all -a live_update=yes -a live_update_data=liveupdate_data_pay01 pay01"
    assert line(rendered, "preview") == (
        f"nim -o cust -a lpp_source=7200-05-04_lpp -a installp_flags=-p {live}"
    )
    assert line(rendered, "update") == f"nim -o cust -a lpp_source=7200-05-04_lpp {live}"
    update = step(rendered, "update")
    assert update.host is StepHost.NIM_MASTER and update.live_update and update.works_elsewhere
    assert rendered.watch is not None
    assert "through NIM from 7200-05-04_lpp" in summary(rendered)
    assert canonical_json(read_plan(rendered.document()).document()) == canonical_json(rendered.document())


def test_the_lpar_is_prepared_as_for_a_local_update_without_a_logon() -> None:
    rendered = plan(
        nim_subject(
            {"trustchk": POLICIES.format(te="ON"), "emgr_packages": locks("IJ1"), "emgr_list": ifixes("IJ1")}
        )
    )
    assert {"trusted_execution_off", "trusted_execution_is_back"} <= set(ids(rendered))
    assert "hmc_logon" not in ids(rendered)
    assert not any("hmcauth', '-u" in str(each.action) for each in rendered.all_steps)
    assert_golden(rendered, "prepared")


def test_the_logon_of_the_lpar_is_a_fallback_that_one_asks_for() -> None:
    choices = {"lpp_source": "7200-05-04_lpp", "hmc_logon": "lpar"}
    rendered = render("nim_live_update", nim_subject(choices=choices), nim_hosts(), "hmc01-lku", ALL)
    assert "hmc_logon" in ids(rendered)
    with pytest.raises(CannotPlan, match="names no credential"):
        render("nim_live_update", nim_subject(choices=choices), nim_hosts(), "", ALL)


def test_a_resource_that_is_missing_is_written_defined_and_removed_again() -> None:
    rendered = plan()
    written = step(rendered, "nim_data")
    assert isinstance(written.action, WriteFile) and written.host is StepHost.NIM_MASTER
    assert written.action.path == FILE and "\tnhdisk  = hdisk2" in written.action.content
    assert line(rendered, "nim_data_defined") == (
        f"nim -o define -t live_update_data -a server=master -a location={FILE} liveupdate_data_pay01"
    )
    restoration = [each.id for each in rendered.restoration]
    assert restoration.index("nim_data_removed") < restoration.index("nim_data_gone")
    assert rendered.parameters["live_update_data"] == "liveupdate_data_pay01"


def test_a_resource_that_is_there_is_used_where_it_lies_and_its_file_comes_back() -> None:
    former = "disks:\n\tnhdisk = hdisk9\n"
    rendered = plan(nim_subject(resource=RESOURCE, file=("/nimdata/lud_pay01", former)))
    assert line(rendered, "nim_data_kept") == "cp -p /nimdata/lud_pay01 /nimdata/lud_pay01.before"
    assert step(rendered, "nim_data_is_back").expect.equals_saved == "nim_data_before"
    assert not {"nim_data_defined", "nim_data_removed"} & set(ids(rendered))


def test_a_file_that_says_the_same_is_left_alone() -> None:
    first = plan(nim_subject(resource=RESOURCE, file=("/nimdata/lud_pay01", "")))
    action = step(first, "nim_data").action
    assert isinstance(action, WriteFile)
    again = plan(nim_subject(resource=RESOURCE, file=("/nimdata/lud_pay01", action.content)))
    assert not any(each.startswith("nim_data_") and each != "nim_data_usable" for each in ids(again))
    assert "nim_data" not in ids(again)


def test_an_identity_of_yesterday_is_corrected_first_and_read_again_afterwards() -> None:
    rendered = plan(nim_subject(client=CLIENT.format(id=31, system="9080-M9S_78A1234")))
    assert line(rendered, "nim_identity") == (
        "nim -o change -a identity=26 -a mgmt_source=9080-M9S_78A1234 pay01"
    )
    assert step(rendered, "nim_identity").cures == ("RQ-057",)
    assert "nim_identity" not in ids(plan())
    after = step(rendered, "nim_identity_after")
    assert after.undoes == "update" and after.phase is Phase.RESTORE
    stanza = CLIENT.format(id=40, system="9080-M9S_78A1234")
    assert judge(after.expect, Outcome(0, (f"partition id 40\n{stanza}".encode(),))).met
    assert not judge(after.expect, Outcome(0, (f"partition id 41\n{stanza}".encode(),))).met


def test_another_managed_system_is_found_by_its_serial_number() -> None:
    moved = nim_subject(client=CLIENT.format(id=26, system="9009-42A_7800000"))
    moved.facts.readings[("nim_object", "9009-42A_7800000")] = moved.facts.readings[
        ("nim_object", "liveupdate_data_pay01")
    ]
    assert "mgmt_source=9080-M9S_78A1234" in line(plan(moved), "nim_identity")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"choices": {}}, "names no lpp_source"),
        ({"choices": {"lpp_source": "a b"}}, "is not the name of a NIM object"),
        ({"client": CLIENT.replace("   mgmt_profile1  = hmc01 {id} {system}\n", "")}, "no mgmt_profile1"),
        ({"target_level": "7200-05-02-2114"}, "is older"),
    ],
)
def test_what_no_plan_can_be_made_of(given: Mapping[str, object], says: str) -> None:
    with pytest.raises(CannotPlan, match=says):
        plan(nim_subject(**given))  # type: ignore[arg-type]


def test_licences_are_accepted_where_nims_method_would_not() -> None:
    at_defect = nim_subject(NO_LICENCE, target_level="7200-02-03-1845")
    assert "-a accept_licenses=yes" in line(plan(at_defect), "update")
    assert "accept_licenses" not in line(plan(), "update")


def test_nothing_is_taken_back_before_the_lpar_is_at_rest() -> None:
    rendered = plan()
    first, second, third = rendered.restoration[:3]
    assert (first.id, second.id, third.id) == ("lpar_at_rest", "nim_client_reset", "nim_client_is_ready")
    assert first.on_failure is OnFailure.RESTORE and first.patience_s and first.host is StepHost.LPAR
    busy = b"root 7 1 0 12:00 - 0:00 /usr/sbin/geninstall -k -Y -d /tmp/_nim_dir_7/mnt0 update_all\n"
    assert not judge(first.expect, Outcome(0, (busy,))).met
    assert judge(first.expect, Outcome(0, (b"root 7 1 0 12:00 - 0:00 /usr/sbin/syncd 60\n",))).met
    assert re.search(r"nim -Fo reset", line(rendered, "nim_client_reset"))


def test_a_rehearsal_installs_nothing() -> None:
    rendered = plan(procedure="nim_rehearsal")
    assert line(rendered, "update") == (
        "nim -o cust -a live_update=yes -a live_update_data=liveupdate_data_pay01 pay01"
    )
    assert step(rendered, "level_after").expect.has == (r"^7200-05-03-2148\s*$",)
    assert not {"ifixes_removed", "lpp_source_usable"} & set(ids(rendered))
    assert ids(rendered).count("nim_client_ready") == 1 and "former_rootvg_removed" in ids(rendered)
    assert_golden(rendered, "no_resource")


def test_a_preview_changes_nothing_for_good() -> None:
    rendered = plan(procedure="nim_preview")
    assert "installp_flags=-p" in line(rendered, "preview")
    assert "update" not in ids(rendered) and "nim_identity_after" not in ids(rendered)
    assert_golden(rendered, "no_resource")


def test_the_plan_of_a_client_that_was_moved() -> None:
    rendered = plan(nim_subject(client=CLIENT.format(id=31, system="9080-M9S_78A1234")))
    assert_golden(rendered, "identity_refreshed")


def test_what_nim_still_holds_is_given_back() -> None:
    usual = CLIENT.format(id=26, system="9080-M9S_78A1234")
    stuck = usual.replace("Cstate         = ready for a NIM operation", "Cstate         = customizing")
    held = "   live_update_data = liveupdate_data_pay01\n   lpp_source = 7200-05-04_lpp\n"
    rendered = plan(nim_subject(client=stuck + held, procedure="nim_release"), "nim_release")
    assert line(rendered, "nim_client_reset") == "nim -Fo reset pay01"
    given = "nim -o deallocate -a live_update_data=liveupdate_data_pay01 pay01"
    assert line(rendered, "live_update_data_given_back") == given
    assert not judge(step(rendered, "nim_holds_nothing").expect, Outcome(0, [(usual + held).encode()])).met
    assert judge(step(rendered, "nim_holds_nothing").expect, Outcome(0, [usual.encode()])).met
    assert_golden(rendered, "busy")
    other = usual.replace("ready for a NIM operation", "BOS installation has been enabled")
    with pytest.raises(CannotPlan, match="another operation in hand"):
        plan(nim_subject(client=other + held, procedure="nim_release"), "nim_release")
    with pytest.raises(CannotPlan, match="holds nothing for it"):
        plan(nim_subject(procedure="nim_release"), "nim_release")
