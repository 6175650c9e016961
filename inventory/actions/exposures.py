"""Compare LPARs with IBM's list: at each look, and all of them after a new list came in."""

from functools import lru_cache

from django.db import transaction
from django.db.models import QuerySet

from inventory.actions.readings import reading_of
from inventory.compliance.apar_list import read_apar_list
from inventory.compliance.exposure import Advisories
from inventory.compliance.exposure import Exposure as Found
from inventory.compliance.severity import severity_of
from inventory.facts.aix.emgr_list import EMGR_LIST
from inventory.facts.aix.lslpp import LSLPP
from inventory.facts.base import FactMissing, FactSet
from inventory.models import Advisory, AparFile, Exposure, ExposureLook, ExposureSpan, FactReading, Lpar
from portal.lib.clock import now

NEEDED = (LSLPP.name, EMGR_LIST.name)


def newest_list() -> AparFile | None:
    """The list that counts, without its bytes."""
    return AparFile.objects.defer("content").first()


def keep_exposures(lpar: Lpar, facts: FactSet) -> None:
    """Compare an LPAR's filesets and interim fixes with the newest list, if there is one.

    Without the facts its exposure is unknown: what was known before is kept and the look says so.
    """
    file = newest_list()
    if file is None:
        return
    found: list[Found] = []
    problem = ""
    try:
        filesets, ifixes = facts.value(LSLPP), facts.value(EMGR_LIST)
        found = _advisories(file.pk, file.digest).of(filesets, ifixes)
    except FactMissing as missing:
        problem = missing.reason
    with transaction.atomic():
        Lpar.objects.select_for_update(of=("self",)).get(pk=lpar.pk)
        ExposureLook.objects.update_or_create(
            lpar=lpar, defaults={"file": file, "problem": problem, "looked_at": now()}
        )
        if not problem:
            _store(lpar, file, found)


def lists_to_compare() -> list[int]:
    """The newest list, while LPARs have not been compared with it."""
    file = newest_list()
    return [file.pk] if file is not None and _waiting(file).exists() else []


def compare_all(file_id: int) -> None:
    """Compare every LPAR that was not with this list, by the facts read last."""
    file = AparFile.objects.defer("content").get(pk=file_id)
    for lpar in _waiting(file).select_related("host").iterator(chunk_size=100):
        keep_exposures(lpar, _facts(lpar))


def _waiting(file: AparFile) -> QuerySet[Lpar]:
    return Lpar.objects.in_service().exclude(exposure_look__file=file)


def _facts(lpar: Lpar) -> FactSet:
    facts = FactSet()
    rows = FactReading.objects.filter(subject=lpar.host, current=True, fact__in=NEEDED)
    for row in rows.select_related("host"):
        facts.add(reading_of(row))
    return facts


def _store(lpar: Lpar, file: AparFile, found: list[Found]) -> None:
    _keep_spans(lpar, file, found)
    lines = {exposure.advisory.line: exposure for exposure in found}
    rows = Advisory.objects.filter(file=file, line__in=lines).only("pk", "line")
    Exposure.objects.filter(lpar=lpar).delete()
    Exposure.objects.bulk_create(
        Exposure(
            lpar=lpar,
            advisory=row,
            filesets=list(lines[row.line].filesets),
            cured_by=lines[row.line].cured_by[:20],
        )
        for row in rows
    )


def _keep_spans(lpar: Lpar, file: AparFile, found: list[Found]) -> None:
    """Begin the time of each fault that is new, and end that of each that is gone, with what ended it."""
    at = now()
    present = {each.advisory.apar[:60]: each for each in found if not each.cured_by}
    open_spans = {span.apar: span for span in ExposureSpan.objects.filter(lpar=lpar, ended_at=None)}
    ExposureSpan.objects.bulk_create(
        ExposureSpan(
            lpar=lpar,
            apar=apar,
            severity=severity_of(each.advisory.type, each.advisory.cvss),
            issued_on=each.advisory.issued_on,
            found_at=at,
        )
        for apar, each in present.items()
        if apar not in open_spans
    )
    gone = [span for apar, span in open_spans.items() if apar not in present]
    cured = {each.advisory.apar[:60] for each in found if each.cured_by}
    names = {span.apar for span in gone}
    listed = set(Advisory.objects.filter(file=file, apar__in=names).values_list("apar", flat=True))
    for span in gone:
        end = ExposureSpan.End.UPDATE if span.apar in listed else ExposureSpan.End.LIST
        span.ended_at, span.ended_by = at, ExposureSpan.End.IFIX if span.apar in cured else end
    ExposureSpan.objects.bulk_update(gone, ["ended_at", "ended_by"])


@lru_cache(maxsize=2)
def _advisories(file_id: int, _digest: str) -> Advisories:
    """A list by fileset, read anew from its bytes once per process."""
    content = bytes(AparFile.objects.values_list("content", flat=True).get(pk=file_id))
    return Advisories(read_apar_list(content).advisories)
