"""The lab's NIM master over SSH: a look at an LPAR asks it too, and a discovery reads all that it knows."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from inventory.actions.decisions import accept
from inventory.actions.facts import stored_facts
from inventory.facts.base import FactSet, ReadingState
from inventory.facts.nim.nim_object import NIM_OBJECT
from inventory.lab.estate import RunningLab, running_lab
from inventory.models import Discovered, FactReading, NimIfix, NimMaster, NimObject
from liveupdate.actions.looks import look_at, named_lpar
from liveupdate.readiness.base import FindingState
from liveupdate.readiness.catalogue import Assessment, assess
from liveupdate.records.subjects import subject_of_lpar
from liveupdate.states import Verdict
from portal.access.models import User
from portal.audit.actor import Actor
from portal.audit.models import Intake
from tests.lab_estate import Estate, import_lab
from tests.lab_ssh import session

ACTOR = Actor.command("test")
NIM_CHECKS = ("RQ-007", "RQ-034", "RQ-056", "RQ-057", "RQ-058", "RQ-179")
pytestmark = [pytest.mark.deep, pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=300) as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab) -> Iterator[Estate]:
    yield import_lab(lab)
    lab.clear("nim01")


def states(assessment: Assessment) -> dict[str, FindingState]:
    return {f.check.id: f.state for f in assessment.findings if f.check.id in NIM_CHECKS}


def through_nim(name: str) -> dict[str, FindingState]:
    lpar = named_lpar(name)
    return states(assess(subject_of_lpar(lpar, stored_facts(lpar), procedure="nim_live_update")))


def administer(lab: RunningLab, *commands: str) -> None:
    """Run commands on the NIM master, as its administrator would."""
    with session(lab, "nim01") as shell:
        for command in commands:
            assert shell.run(command).status == 0, command


def discover(capsys: pytest.CaptureFixture[str], wanted: int = 0) -> dict[str, Any]:
    """What the command says of the NIM master."""
    capsys.readouterr()
    status = 0
    try:
        call_command("discover", "--nim", "nim01", "--json")
    except SystemExit as left:
        status = int(left.code or 0)
    (row,) = json.loads(capsys.readouterr().out)
    assert status == wanted, row
    return dict(row)


def changes(row: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {item["name"]: (item["change"], item["decision"]) for item in row["items"]}


@pytest.mark.deep
def test_the_nim_master_is_part_of_a_look(estate: Estate) -> None:
    facts, assessment = look_at(named_lpar("pay01"), ACTOR)
    assert facts.keys(NIM_OBJECT) == ["9080-M9S_78A1234", "hmc01", "liveupdate_data_pay01", "pay01"]
    assert assessment.verdict == Verdict.READY
    assert states(assessment)["RQ-179"] == FindingState.OK
    assert set(through_nim("pay01").values()) == {FindingState.OK}

    look_at(named_lpar("web02"), ACTOR)
    unknown = through_nim("web02")
    assert unknown["RQ-056"] == unknown["RQ-058"] == FindingState.BLOCKER
    assert unknown["RQ-179"] == FindingState.WARNING

    estate.lab.fault("nim01", "refuse")
    facts, assessment = look_at(named_lpar("pay01"), ACTOR)
    assert {r.state for r in facts.readings.values() if r.host == "nim01"} == {ReadingState.UNREACHABLE}
    assert assessment.verdict == Verdict.READY
    assert set(through_nim("pay01").values()) == {FindingState.UNKNOWN, FindingState.OK}


def test_all_that_a_nim_master_knows_is_discovered(
    estate: Estate, capsys: pytest.CaptureFixture[str]
) -> None:
    first = discover(capsys)
    assert (first["state"], first["problems"]) == ("done", [])
    assert set(changes(first).values()) == {("new", "accepted")} and len(changes(first)) == 17
    assert first["found"] == {
        "objects": 17, "read": 17, "clients": 3, "linked": 3, "lpp_sources": 3, "live_update_data": 2,
    }  # fmt: skip
    master = NimMaster.objects.get()
    pay01 = master.nim_objects.get(name="pay01")
    assert (str(pay01.lpar), pay01.get("mgmt_profile1")) == ("pay01", "hmc01 26 9080-M9S_78A1234")
    source = master.nim_objects.get(name="7200-05-04_lpp").lpp_source
    assert (source.kernel_level, source.package_count, source.files) == ("7.2.5.106", 165, 7)
    assert source.contents_digest.startswith("sha256:") and source.toc_digest.startswith("sha256:")
    asked = subject_of_lpar(named_lpar("pay01"), FactSet(), media=f"nim01:{source.location}")
    told = {finding.check.id: finding.outcome for finding in assess(asked).findings}
    assert (told["RQ-018"].state, told["RQ-018"].evidence[0].host) == (FindingState.OK, "nim01")
    assert "holds 165 packages" in told["RQ-018"].message
    capable = dict(NimIfix.objects.values_list("label", "lu_capable"))
    assert capable.pop("IJ41685m3a") is False
    assert set(capable) == {"IJ36810s3a", "IJ43869m3a", "IJ44994m4a", "1022104a"} and all(capable.values())
    assert "nhdisk = hdisk2" in master.nim_objects.get(name="liveupdate_data_pay01").live_update_data.text
    readings = FactReading.objects.filter(subject=master.host, current=True)
    assert readings.get(fact="nim_hmc_systems", key="hmc01").stdout.startswith("name=9080-M9S-78A1234,")
    assert Intake.objects.filter(event="discovery.end").count() == 1

    administer(
        estate.lab,
        "nim -o change -a identity=31 -a mgmt_source=9080-M9S_78A1234 web01",
        "nim -o remove 7200-05-03_lpp",
        "printf 'more' >> /export/nim/lku-ifixes/IJ36810s3a.211012.epkg.Z",
        "touch /export/nim/gone",
        "nim -o define -t live_update_data -a server=master -a location=/export/nim/gone lud_pay02",
        "rm /export/nim/gone",
    )
    second = discover(capsys)
    assert changes(second) == {
        "web01": ("changed", "accepted"),
        "7200-05-03_lpp": ("gone", "open"),
        "lku-ifixes": ("changed", "accepted"),
        "lud_pay02": ("new", "accepted"),
    }
    assert (
        master.nim_objects.get(name="lud_pay02").live_update_data.problem
        == "There is no file /export/nim/gone."
    )
    assert NimObject.objects.in_service().filter(name="7200-05-03_lpp").exists()
    asked = [one["argv"] for one in estate.lab.ran("nim01", "emgr")]
    assert len(asked) == 6, "a fix that is known by its digest is not asked again"

    gone = Discovered.objects.get(discovery=second["discovery"], change="gone")
    accept(User.objects.get(username="adm"), gone.pk)
    assert not NimObject.objects.in_service().filter(name="7200-05-03_lpp").exists()
    assert changes(discover(capsys)) == {}

    estate.lab.fault("nim01", "refuse")
    assert discover(capsys, 1)["state"] == "failed"
    assert NimObject.objects.in_service().count() == 17
    page = Client()
    page.force_login(User.objects.get(username="adm"))
    shown = page.get(reverse("nim-master", args=[master.pk])).content.decode()
    assert "IJ36810s3a" not in shown and "lku-ifixes" in shown and "The last contact failed." in shown
