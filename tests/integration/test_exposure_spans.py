"""From when until when an LPAR had a fault: begun by the look that finds it, ended with what ended it."""

import pytest

from inventory.actions.advisories import import_apar_list
from inventory.actions.exposures import compare_all, keep_exposures
from inventory.actions.facts import stored_facts
from inventory.compliance.severity import Severity
from inventory.facts.base import FactSet
from inventory.models import Exposure, ExposureSpan, Lpar
from portal.audit.actor import Actor
from portal.lib.clock import now
from tests.compliance import LIST, compliance_of
from tests.estate import reading
from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db
APAR = "IJ50001"
IFIX = """\
ID  STATE LABEL      INSTALL TIME      UPDATED BY ABSTRACT
=== ===== ========== ================= ========== ======================================
1    S    IJ50001m3a 01/05/26 09:12:44            A fault in the kernel

STATE codes:
 S = STABLE
"""


@pytest.fixture
def lpar() -> Lpar:
    fleet: Fleet = make_fleet()
    compliance_of(fleet)
    return fleet.lpars["pay01"]


def span(lpar: Lpar) -> ExposureSpan:
    return ExposureSpan.objects.get(lpar=lpar, apar=APAR)


def look(lpar: Lpar, **changes: str) -> None:
    facts = stored_facts(lpar)
    for name, said in changes.items():
        facts.add(reading(name, said))
    keep_exposures(lpar, facts)


def newer_list(content: bytes) -> None:
    done = import_apar_list("new.csv", content, actor=Actor.command("t"), person=None, dry_run=False)
    assert done.file is not None
    compare_all(done.file.pk)


def said(lpar: Lpar, fact: str) -> str:
    """What a fact's command printed."""
    reading = stored_facts(lpar).readings[(fact, "")]
    return reading.output.stdout


def updated(lpar: Lpar) -> str:
    """What `lslpp` says once the fileset with the fault has the level that cures it."""
    before = said(lpar, "lslpp")
    assert "bos.mp64:bos.mp64:7.2.5.103" in before
    return before.replace("bos.mp64:bos.mp64:7.2.5.103", "bos.mp64:bos.mp64:7.2.5.106")


def test_it_begins_when_the_fault_is_found_and_only_once(lpar: Lpar) -> None:
    first = span(lpar)
    assert (first.severity, f"{first.issued_on}") == (Severity.HIGH, "2026-01-02")
    assert (first.ended_at, first.ended_by) == (None, "")
    assert abs((now() - first.found_at).total_seconds()) < 60
    look(lpar)
    keep_exposures(lpar, FactSet())
    again = span(lpar)
    assert (again.pk, again.found_at, again.ended_at) == (first.pk, first.found_at, None)
    assert not ExposureSpan.objects.filter(apar__in=("IJ50002", "IJ50003")).exists()


def test_an_update_ends_it_and_a_fall_back_begins_another(lpar: Lpar) -> None:
    before = now()
    look(lpar, lslpp=updated(lpar))
    ended = span(lpar)
    assert ended.ended_by == ExposureSpan.End.UPDATE
    assert ended.ended_at is not None and before <= ended.ended_at <= now()
    look(lpar)
    spans = ExposureSpan.objects.filter(lpar=lpar, apar=APAR).order_by("pk")
    assert [each.ended_by for each in spans] == ["update", ""]
    assert spans[1].found_at >= ended.ended_at
    assert Exposure.objects.filter(lpar=lpar, advisory__apar=APAR).exists()


def test_an_interim_fix_ends_it(lpar: Lpar) -> None:
    look(lpar, emgr_list=IFIX)
    ended = span(lpar)
    assert (ended.ended_by, ended.ended_at is None) == (ExposureSpan.End.IFIX, False)
    assert Exposure.objects.get(lpar=lpar, advisory__apar=APAR).cured_by == "IJ50001m3a"


def test_a_list_that_names_it_no_longer_ends_it_as_such(lpar: Lpar) -> None:
    newer_list(LIST.replace(b"IJ50001,", b"IJ59999,"))
    ended = span(lpar)
    assert (ended.ended_by, ended.ended_at is None) == (ExposureSpan.End.LIST, False)
    assert ExposureSpan.objects.get(lpar=lpar, ended_at=None).apar == "IJ59999"


def test_a_list_that_narrows_its_filesets_ends_it_by_their_level(lpar: Lpar) -> None:
    newer_list(LIST.replace(b"7.2.5.0-7.2.5.105,20260102", b"7.2.5.0-7.2.5.10,20260102"))
    assert span(lpar).ended_by == ExposureSpan.End.UPDATE
