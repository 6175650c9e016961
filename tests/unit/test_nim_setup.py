"""The set-up of a NIM master: only what is missing, secrets at prompts, the exact key in the branch."""

from dataclasses import replace
from typing import Any

import pytest

from inventory.facts.base import FactSet, Output, Reading
from inventory.facts.nim_objects import NimStanza
from liveupdate.lpar.nim_site import NimSite, SiteClient, SiteSystem, SiteVios
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import words
from liveupdate.procedures.catalogue import CannotPlan, render
from liveupdate.procedures.step import Answer, HostRef, OnFailure, Plan, Run, Step, StepHost, StepKind
from portal.lib.errors import Invalid
from tests.golden_plans import assert_golden
from tests.unit.plan_subject import hosts, subject

KEY = "ssh-rsa " + "A" * 80 + "== root@nim01"
SYSTEM = SiteSystem("9080-M9S-78A1234", "78A1234", "9080-M9S")
OTHER = SiteSystem("frame2", "78A12345", "9105-42A")
VIOS = SiteVios("viodev1", "10.254.0.11", 3, SYSTEM)
NETWORK = "vlan4 10.254.0.0 255.255.255.0 10.254.0.1"
USER = (
    "name=liveupdate,taskrole=hmcclientliveupdate,description=AIX live update,pwage=99999,resourcerole=ALL:,"
    "authentication_type=local,disabled=0\n"
)
NO_USER = "No results were found.\n"


def stanza(name: str, cls: str, kind: str, **attributes: str) -> NimStanza:
    held = {"class": cls, "type": kind} | attributes
    return NimStanza(name, {key: (value,) for key, value in held.items()})


MASTER = stanza("master", "machines", "master")
VLAN = stanza("vlan4", "networks", "ent", net_addr="10.254.0.0", snm="255.255.255.0")
HMC = stanza(
    "hmc01", "management", "hmc", passwd_file="/export/nim/hmc_liveupdate_passwd", if1="vlan4 hmc01 0"
)
CEC = stanza("9080-M9S_78A1234", "management", "cec", serial="9080-M9S*78A1234")
BARE = NimSite(
    master="nim01",
    address="10.254.0.10",
    hmc="hmc01",
    hmc_address="10.254.0.5",
    objects={"master": MASTER},
    filesets={"dsm.core": "7.2.5.2", "dsm.dsh": "7.2.5.0"},
    public_key=KEY,
    systems=(SYSTEM,),
    vioses=(VIOS,),
    clients=(SiteClient("pay01", "", "pay01", 26, SYSTEM),),
)
DONE = replace(
    BARE,
    objects={each.name: each for each in (MASTER, VLAN, HMC, CEC)},
    keystores={"/export/nim/hmc_liveupdate_passwd": "-rw-------"},
    queried=frozenset({"78A1234"}),
)


def all_hosts() -> dict[StepHost, HostRef]:
    master = HostRef("nim01", "10.254.0.10", 22, "root", "SHA256:" + "C" * 43, "nim01-key")
    return hosts() | {StepHost.NIM_MASTER: master}


def lpar(site: NimSite | None, user: str = USER, name: str = "nim_setup", **more: Any) -> Subject:
    given: dict[str, Any] = {"choices": {}, **more}
    facts: FactSet = subject().facts
    facts.add(Reading("hmc_user", "liveupdate", "hmc01", "lshmcusr", Output(user), _READ_AT))
    output = Output("", "cat: 0652-050 Cannot open /etc/niminfo.\n", 2)
    facts.add(Reading("niminfo", "", "pay01", "cat /etc/niminfo", output, _READ_AT))
    return replace(
        subject(),
        procedure=name,
        facts=facts,
        nim_site=site,
        nim_name=given.pop("nim_name", "pay01"),
        **given,
    )


_READ_AT = next(iter(subject().facts.readings.values())).read_at


def plan(site: NimSite, user: str = USER, name: str = "nim_setup", **more: Any) -> Plan:
    return render(name, lpar(site, user, name, **more), all_hosts(), "hmc01-liveupdate", frozenset())


def reasons(site: NimSite | None, user: str = USER, name: str = "nim_setup", **more: Any) -> str:
    with pytest.raises(CannotPlan) as refused:
        render(name, lpar(site, user, name, **more), all_hosts(), "hmc01-liveupdate", frozenset())
    return " ".join(refused.value.reasons)


def commands(steps: tuple[Step, ...]) -> dict[str, str]:
    return {
        step.id: step.action.command.display() for step in steps if isinstance(step.action, (Run, Answer))
    }


def changes(rendered: Plan) -> list[str]:
    return [step.id for step in rendered.steps if step.kind is not StepKind.READ]


EVERYTHING = {
    "network": NETWORK,
    "vioses": "remote_management",
    "vios_firewall": "open",
    "lpp_sources": "7200-05-04_lpp /install/nim/lpp_source /export/aix72\nlku-ifixes /export/nim/lku-ifixes",
}


def test_a_bare_master_gets_everything_in_order() -> None:
    rendered = plan(BARE, NO_USER, choices=EVERYTHING)
    assert_golden(rendered, "bare")
    ids = changes(rendered)
    wanted = [
        *("hmc_user_made", "keystore_place", "keystore", "keystore_closed", "network_defined", "hmc_defined"),
        *("key_exchanged", "systems_defined", "vios_viodev1_defined", "vios_viodev1_registered"),
        *("lpp_source_7200-05-04_lpp_defined", "lpp_source_lku-ifixes_defined"),
    ]
    assert [each for each in ids if "_port_" not in each] == wanted
    assert len(ids) == len(wanted) + 20


def test_by_hand_and_by_niminit() -> None:
    choices = {"network": NETWORK, "systems": "by_hand", "vioses": "niminit"}
    assert_golden(plan(BARE, NO_USER, choices=choices), "by_hand")


def test_passwords_are_typed_at_prompts_and_no_command_holds_one() -> None:
    rendered = plan(BARE, NO_USER, choices={"network": NETWORK})
    asked = {step.id: step.action for step in rendered.steps if isinstance(step.action, Answer)}
    assert set(asked) == {"hmc_user_made", "keystore"}
    for action in asked.values():
        assert [prompt.credential for prompt in action.prompts] == ["hmc01-liveupdate"] * 2
        assert "passwd" not in action.command.argv and "-p" not in action.command.argv


def test_dkeyexch_has_its_way_round_prepared_with_the_exact_key() -> None:
    rendered = plan(BARE, NO_USER, choices={"network": NETWORK})
    (branch,) = rendered.branches
    assert branch.after == "key_exchanged"
    assert commands(branch.steps) == {"key_installed": f"mkauthkeys -u liveupdate -a '{KEY}'"}
    assert branch.steps[0].host is StepHost.HMC
    without = plan(replace(BARE, public_key=""), NO_USER, choices={"network": NETWORK})
    assert not without.branches
    assert any("no public key" in warning for warning in without.warnings)


def test_what_is_there_is_left_alone() -> None:
    assert "Nothing is missing" in reasons(DONE)
    assert changes(plan(replace(DONE, queried=frozenset()))) == ["key_exchanged"]
    without_cec = {name: each for name, each in DONE.objects.items() if each.type != "cec"}
    assert changes(plan(replace(DONE, objects=without_cec))) == ["systems_defined"]
    loose = {"/export/nim/hmc_liveupdate_passwd": "-rw-r--r--"}
    assert changes(plan(replace(DONE, keystores=loose))) == ["keystore_closed"]
    assert changes(plan(DONE, choices={"vioses": "define"})) == ["vios_viodev1_defined"]


def test_another_role_is_changed_and_recorded_before() -> None:
    rendered = plan(DONE, USER.replace("hmcclientliveupdate", "hmcviewer"))
    sent = commands(rendered.steps)
    assert sent["hmc_user_role"] == "chhmcusr -u liveupdate -t taskrole -v hmcclientliveupdate"
    assert [*sent].index("hmc_user_before") < [*sent].index("hmc_user_role")
    assert "Nothing is missing" in reasons(DONE, USER.replace("hmcclientliveupdate", "hmcsuperadmin"))


@pytest.mark.parametrize(
    ("site", "says"),
    [
        (None, "names no NIM master"),
        (replace(BARE, objects={}), "read it on its page"),
        (replace(DONE, filesets={"dsm.core": "7.2.5.2"}), "installp -agXYd MEDIA dsm.dsh"),
        (replace(DONE, filesets=None), "was not read"),
        (BARE, "name the one to define"),
    ],
)
def test_what_a_set_up_cannot_do_is_said(site: NimSite | None, says: str) -> None:
    assert says in reasons(site)


def client(name: str, number: int, profile: str, system: SiteSystem = SYSTEM) -> tuple[SiteClient, NimStanza]:
    more = {"mgmt_profile1": profile} if profile else {}
    known = stanza(
        name, "machines", "standalone", connect="nimsh", platform="chrp", netboot_kernel="64", **more
    )
    return SiteClient(name, name, name, number, system), known


def fleet(*clients: tuple[SiteClient, NimStanza], cecs: tuple[NimStanza, ...] = (CEC,)) -> NimSite:
    objects = {each.name: each for each in (MASTER, VLAN, HMC, *cecs, *(known for _, known in clients))}
    return replace(DONE, objects=objects, clients=tuple(one for one, _ in clients))


PAY = client("pay01", 26, "hmc01 30 9080-M9S_78A1234")
WEB = client("web01", 27, "hmc01 27 9080-M9S_78A1234")
NEW = client("web02", 29, "")
ALL = {"clients": "all"}


def test_the_whole_fleet_at_once_and_only_what_differs() -> None:
    rendered = plan(fleet(PAY, WEB, NEW), name="nim_client_setup", choices=ALL)
    assert_golden(rendered, "fleet")
    assert rendered.parameters["clients"] == {
        "pay01": {"now": "hmc01 30 9080-M9S_78A1234", "then": "hmc01 26 9080-M9S_78A1234"},
        "web02": {"now": "none", "then": "hmc01 29 9080-M9S_78A1234"},
    }
    ids = [step.id for step in rendered.steps]
    assert max(ids.index(f"{name}_reached") for name in ("pay01", "web02")) < ids.index("pay01_changed")
    (branch,) = rendered.branches
    assert branch.after == "pay01_after"
    assert commands(branch.steps) == {
        "pay01_put_back": "nim -o change -a identity=30 -a mgmt_source=9080-M9S_78A1234 pay01"
    }


def test_one_lpar_alone() -> None:
    rendered = plan(fleet(PAY, WEB, NEW), name="nim_client_setup")
    assert changes(rendered) == ["pay01_changed"]
    assert rendered.steps[-1].on_failure is OnFailure.CHOOSE
    assert "Nothing is to be changed" in reasons(fleet(WEB), name="nim_client_setup", choices=ALL)


def test_a_system_is_found_by_its_exact_serial_number() -> None:
    longer = stanza("frame2", "management", "cec", serial="9105-42A*78A12345")
    moved = client("web01", 27, "hmc01 27 frame2")
    rendered = plan(fleet(PAY, moved, cecs=(longer, CEC)), name="nim_client_setup", choices=ALL)
    assert rendered.parameters["clients"]["web01"]["then"] == "hmc01 27 9080-M9S_78A1234"
    says = reasons(fleet(PAY, cecs=(longer,)), name="nim_client_setup")
    assert "has no object of 9080-M9S-78A1234 (78A1234)" in says


def test_an_lpar_that_nim_does_not_know_becomes_its_client() -> None:
    rendered = plan(DONE, name="nim_client_setup")
    assert_golden(rendered, "new_client")
    assert changes(rendered) == ["client_registered", "pay01_changed"]
    assert (
        "-a connect=nimsh -a platform=chrp -a netboot_kernel=64 -a identity=26"
        in commands(rendered.steps)["pay01_changed"]
    )


def test_lpars_that_one_may_not_ask_for_are_named_and_left_alone() -> None:
    site = replace(fleet(PAY), left_out=("ora01",))
    rendered = plan(site, name="nim_client_setup", choices=ALL)
    assert any("ora01" in warning for warning in rendered.warnings)
    assert list(rendered.parameters["clients"]) == ["pay01"]


@pytest.mark.parametrize(
    "text",
    [
        "vlan4 1.1.0.0 255.255.255.0",
        "vlan4 1.1.0.0 255.255.255.0 1.2.0.1",
        "a;b 1.1.0.0 255.255.255.0 1.1.0.1",
        "vlan4 1.1.0.9 255.255.255.0 1.1.0.1",
    ],
)
def test_networks_that_cannot_be(text: str) -> None:
    with pytest.raises(Invalid):
        words.network(text)


@pytest.mark.parametrize("text", ["lpp", "lpp relative", "lpp /a /b /c", "-a /b", "lpp /a/../b"])
def test_lpp_sources_that_cannot_be(text: str) -> None:
    with pytest.raises(Invalid):
        words.lpp_source(text)
