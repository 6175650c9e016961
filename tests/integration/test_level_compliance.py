"""Baselines, exceptions and IBM's list of faults: what counts, who may, and that lists agree with words."""

from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils.timezone import localdate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.actions.advisories import import_apar_list
from inventory.actions.exposures import compare_all, keep_exposures, lists_to_compare
from inventory.actions.facts import stored_facts
from inventory.actions.levels import (
    BaselineWish,
    Leave,
    create_baseline,
    end_baseline,
    end_exception,
    grant_exception,
    note_level,
)
from inventory.facts.base import FactSet
from inventory.models import (
    Advisory,
    AparFile,
    Baseline,
    Exposure,
    LevelChange,
    LevelException,
    Lpar,
    LppSource,
    NimIfix,
    NimMaster,
    NimObject,
)
from inventory.standings import standing_of, with_compliance
from portal.access.models import User
from portal.audit.actor import Actor
from portal.audit.models import Intake
from portal.lib.clock import now
from portal.lib.errors import Conflict, Invalid, NotAllowed
from tests.compliance import LIST, compliance_of
from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db
LEVELS = ("", "7100-05-09-2320", "7200-02-02-1810", "7200-02-02-1832", "7200-05-03-2148", "7200-05-10-2520")
MINIMUMS = ("7200-02-02-1832", "7200-05", "7200-05-03", "7200-05-09-2446", "7300-00-01-2148")


@pytest.fixture
def fleet() -> Fleet:
    return make_fleet()


def compliance(lpar: Lpar) -> Any:
    row: Any = with_compliance(Lpar.objects.filter(pk=lpar.pk)).get()
    return row.compliance


def baseline(fleet: Fleet, **changes: Any) -> Baseline:
    values: dict[str, Any] = {
        "name": "all", "minimum_level": "7200-05-04", "environment": "", "team": None,
        "due_on": localdate(), "reason": "audit",
    }  # fmt: skip
    return create_baseline(fleet.adm, BaselineWish(**(values | changes)))


def leave(owner: User, expires_on: date, reason: str = "r") -> Leave:
    return Leave(owner, reason, "watched closely", min(localdate(), expires_on), expires_on)


def test_the_day_of_the_baseline_decides(fleet: Fleet) -> None:
    lpar = fleet.lpars["pay01"]
    assert compliance(lpar) == "no_baseline"
    asked = baseline(fleet)
    assert compliance(lpar) == "behind"
    Baseline.objects.filter(pk=asked.pk).update(due_on=localdate() - timedelta(days=1))
    assert compliance(lpar) == "overdue"
    end_baseline(fleet.adm, asked.pk)
    assert compliance(lpar) == "no_baseline"
    with pytest.raises(Conflict):
        end_baseline(fleet.adm, asked.pk)


def test_an_exception_excuses_until_its_last_day_or_its_end(fleet: Fleet) -> None:
    lpar = fleet.lpars["pay01"]
    baseline(fleet)
    given = grant_exception(fleet.adm, lpar.pk, leave(fleet.ana, localdate(), "vendor"))
    assert compliance(lpar) == "excepted"
    LevelException.objects.update(expires_on=localdate() - timedelta(days=1))
    assert compliance(lpar) == "behind"
    LevelException.objects.update(expires_on=localdate())
    end_exception(fleet.adm, given.pk, "certified")
    assert compliance(lpar) == "behind"
    events = list(Intake.objects.filter(event__startswith="exception.").values_list("event", flat=True))
    assert events == ["exception.grant", "exception.expire"]


def test_nobody_excuses_themselves_or_backwards_or_without_the_role(fleet: Fleet) -> None:
    lpar, today = fleet.lpars["pay01"].pk, localdate()
    with pytest.raises(Invalid, match="themselves"):
        grant_exception(fleet.adm, lpar, leave(fleet.adm, today, "r"))
    with pytest.raises(Invalid, match="is over"):
        grant_exception(fleet.adm, lpar, leave(fleet.ana, today - timedelta(days=1), "r"))
    with pytest.raises(NotAllowed):
        grant_exception(fleet.bo, lpar, leave(fleet.ana, today, "r"))
    with pytest.raises(NotAllowed):
        create_baseline(fleet.bo, BaselineWish("x", "7200-05", "", None, today, "r"))
    with pytest.raises(Invalid, match="not an AIX level"):
        baseline(fleet, minimum_level="7.2")
    baseline(fleet)
    with pytest.raises(Conflict):
        baseline(fleet)


def test_a_level_that_is_not_known_any_more_does_not_comply(fleet: Fleet) -> None:
    lpar = fleet.lpars["pay01"]
    baseline(fleet, minimum_level="7200-05")
    assert compliance(lpar) == "compliant"
    for unknown in (
        {"level_read_at": None},
        {"level_read_at": now() - timedelta(days=2), "facts_read_at": now()},
        {"level_read_at": now(), "facts_read_at": now() - timedelta(days=2), "stale_at": now()},
        {"level_read_at": now(), "facts_read_at": None, "stale_at": None, "level": ""},
    ):
        Lpar.objects.filter(pk=lpar.pk).update(**unknown)
        assert compliance(lpar) == "compliance_unknown"
        assert standing_of(Lpar.objects.get(pk=lpar.pk)).compliance == "compliance_unknown"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_lists_and_words_agree(fleet: Fleet, data: st.DataObject) -> None:
    """The rule stands twice, in SQL for lists and in Python for words: both give the same."""
    Baseline.objects.all().delete()
    LevelException.objects.all().delete()
    moment, today = now(), localdate()
    for number in range(data.draw(st.integers(0, 3))):
        baseline(
            fleet,
            name=str(number),
            minimum_level=data.draw(st.sampled_from(MINIMUMS)),
            environment=data.draw(st.sampled_from(["", "production", "Test"])),
            team=data.draw(st.sampled_from([None, fleet.teams["Payroll"]])),
            due_on=today + timedelta(days=data.draw(st.integers(-1, 1))),
        )
    lpar = fleet.lpars[data.draw(st.sampled_from(sorted(fleet.lpars)))]
    if data.draw(st.booleans()):
        grant_exception(fleet.adm, lpar.pk, leave(fleet.ana, today, "r"))
    hour = timedelta(hours=1)
    Lpar.objects.filter(pk=lpar.pk).update(
        level=data.draw(st.sampled_from(LEVELS)),
        level_read_at=data.draw(st.sampled_from([None, moment - 3 * hour, moment - hour])),
        facts_read_at=data.draw(st.sampled_from([None, moment - 2 * hour])),
        stale_at=data.draw(st.sampled_from([None, moment - hour, moment + hour])),
    )
    lpar.refresh_from_db()
    assert compliance(lpar) == standing_of(lpar).compliance


def test_a_changed_level_is_kept(fleet: Fleet) -> None:
    lpar = fleet.lpars["pay01"]
    before = lpar.level
    note_level(lpar, before)
    note_level(lpar, "7200-05-04-2220")
    changes = list(LevelChange.objects.filter(lpar=lpar).values_list("level_before", "level_after"))
    assert changes[0] == (before, "7200-05-04-2220")
    assert lpar.level == "7200-05-04-2220"


def test_the_list_shows_who_is_exposed(fleet: Fleet) -> None:
    compliance_of(fleet)
    exposed = Exposure.objects.filter(advisory__apar="IJ50001")
    assert exposed.get(lpar=fleet.lpars["pay01"]).filesets == ["bos.mp64 7.2.5.103"]
    assert not Exposure.objects.filter(advisory__apar="IJ50002").exists()
    file = AparFile.objects.get()
    assert [refusal["line"] for refusal in file.refused] == [5]
    assert file.skipped == 1


def test_an_lpar_without_facts_is_unknown_and_keeps_what_was_known(fleet: Fleet) -> None:
    compliance_of(fleet)
    lpar = fleet.lpars["pay01"]
    keep_exposures(lpar, FactSet())
    lpar.refresh_from_db()
    assert "lslpp has not been read yet" in lpar.exposure_look.problem
    assert lpar.exposures.exists()


def test_a_newer_list_replaces_the_older_and_is_compared_once(fleet: Fleet) -> None:
    compliance_of(fleet)
    assert lists_to_compare() == []
    newer = LIST.replace(b"7.2.5.105,20260102", b"7.2.5.10,20260102")
    done = import_apar_list("new.csv", newer, actor=Actor.command("t"), person=None, dry_run=False)
    assert done.file is not None
    assert lists_to_compare() == [done.file.pk]
    compare_all(done.file.pk)
    assert lists_to_compare() == []
    assert not Exposure.objects.exists()
    keep_exposures(fleet.lpars["pay01"], stored_facts(fleet.lpars["pay01"]))
    assert set(Advisory.objects.values_list("file", flat=True)) == {done.file.pk}


def test_the_pages(fleet: Fleet) -> None:
    advisory, asked, _ = compliance_of(fleet)
    client = Client()
    client.force_login(fleet.adm)
    listed = client.get("/compliance/?compliance=excepted").content.decode()
    assert "pay01" in listed
    assert "Excepted until" in listed
    assert "7200-05-03-2148 is below 7200-05-04 (production 2026)" in listed
    assert "IJ50001" in client.get("/advisories/?exposed=yes").content.decode()
    assert "IJ50002" not in client.get("/advisories/?exposed=yes").content.decode()
    shown = client.get(f"/advisories/{advisory.pk}/").content.decode()
    assert "Live Update can apply it" in shown
    assert "bos.mp64 7.2.5.103" in shown
    assert client.post(f"/compliance/baselines/{asked.pk}/end/").status_code == 302
    refused = client.post("/advisories/import/", {"file": SimpleUploadedFile("x.csv", b"a,b\n")})
    assert "does not begin with the header" in refused.content.decode()
    taken = client.post("/advisories/import/", {"file": SimpleUploadedFile("apar.csv", LIST)})
    assert taken.status_code == 302
    wanted = {"name": "n", "minimum_level": "7.2", "due_on": localdate().isoformat(), "reason": "r"}
    assert "not an AIX level" in client.post("/compliance/baselines/", wanted).content.decode()
    wanted["minimum_level"] = "7200-05"
    assert client.post("/compliance/baselines/", wanted).status_code == 302
    today = localdate().isoformat()
    excuse = {"owner": fleet.ana.pk, "reason": "r", "starts_on": today, "expires_on": today}
    assert "required" in client.post(f"/lpars/{fleet.lpars['pay02'].pk}/exception/", excuse).content.decode()
    excuse["compensation"] = "Watched closely"
    assert client.post(f"/lpars/{fleet.lpars['pay02'].pk}/exception/", excuse).status_code == 302


def test_a_fix_that_lies_in_an_lpp_source_is_shown(fleet: Fleet) -> None:
    advisory, *_ = compliance_of(fleet)
    master = NimMaster.objects.get()
    known = NimObject.objects.create(
        master=master, name="lku-ifixes", object_class="resources", object_type="lpp_source", read_at=now()
    )
    source = LppSource.objects.create(nim_object=known, location="/export", read_at=now())
    client = Client()
    client.force_login(fleet.adm)
    address = f"/advisories/{advisory.pk}/"
    assert "none of those known" in client.get(address).content.decode()
    path = "emgr/ppc/IJ50001m3a.260101.epkg.Z"
    ifix = NimIfix.objects.create(lpp_source=source, path=path, label="IJ50001m3a", lu_capable=True)
    assert "LU capable" in client.get("/advisories/").content.decode()
    assert path in client.get("/advisories/?export=csv").content.decode()
    NimIfix.objects.filter(pk=ifix.pk).update(lu_capable=None)
    assert "LU capable?" in client.get(address).content.decode()
    ifix.delete()
    LppSource.objects.update(packages=[["bos.mp64", "7.2.5.105", "I"], ["bos.mp64", "7.3.1.0", "I"]])
    assert "none of those known" in client.get(address).content.decode()
    LppSource.objects.update(packages=[["bos.mp64", "7.2.5.106", "I"]])
    assert "bos.mp64 7.2.5.106" in client.get(address).content.decode()


def test_other_teams_lpars_are_not_counted(fleet: Fleet) -> None:
    advisory, *_ = compliance_of(fleet)
    client = Client()
    client.force_login(fleet.wes)
    assert "pay01" not in client.get("/compliance/").content.decode()
    assert "pay01" not in client.get(f"/advisories/{advisory.pk}/").content.decode()


def test_the_command_tells_what_it_did_not_understand(fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "apar.csv").write_bytes(LIST)
    said = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("import_advisories", str(tmp_path / "apar.csv"), "--dry-run", stdout=said)
    assert ended.value.code == 1
    assert "line 5: 'bos.mp64' is not FILESET:LOW-HIGH" in said.getvalue()
    assert not AparFile.objects.exists()
