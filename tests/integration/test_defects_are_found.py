"""What an LPAR of the lab has wrong in security and workload is what readiness finds, line by line."""

from pathlib import Path

import pytest

from inventory.actions.facts import refresh_facts, stored_facts
from inventory.lab.estate import running_lab
from inventory.models import Lpar
from liveupdate.readiness.base import FindingState, Outcome
from liveupdate.readiness.catalogue import assess
from liveupdate.records.subjects import subject_of_lpar
from portal.audit.actor import Actor
from tests.lab_estate import import_lab

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120), pytest.mark.deep]

DEFECTS = {
    "kerberos_mount": ("RQ-143", FindingState.BLOCKER, "/hr is mounted with sec=krb5"),
    "kerberos_server": ("RQ-143", FindingState.BLOCKER, "krb5kdc"),
    "trusted_logging": ("RQ-144", FindingState.BLOCKER, "vlog0"),
    "security_profile": ("RQ-145", FindingState.BLOCKER, "PCIv3"),
    "audited_wpar": ("RQ-147", FindingState.BLOCKER, "wpar2"),
    "ipsec": ("RQ-148", FindingState.BLOCKER, "ipsec_v4"),
    "trusted_execution": ("RQ-140", FindingState.BLOCKER, "is on"),
    "proc_reader": ("RQ-161", FindingState.BLOCKER, "topas_nmon"),
    "unsafe_extension": ("RQ-163", FindingState.WARNING, "/opt/vendor/drivers/agentke"),
    "probevue": ("RQ-164", FindingState.BLOCKER, "probevue"),
    "system_trace": ("RQ-165", FindingState.WARNING, "trace"),
    "storage_keys": ("RQ-166", FindingState.WARNING, "8 storage keys"),
    "backup_agent": ("RQ-167", FindingState.WARNING, "dsmcad"),
    "debugger": ("RQ-169", FindingState.BLOCKER, "truss"),
    "system_dump": ("RQ-172", FindingState.WARNING, "Thu Apr 10"),
    "missing_script": ("RQ-176", FindingState.WARNING, "/opt/app/quiesce.sh"),
    "installer": ("RQ-177", FindingState.BLOCKER, "alt_disk_copy"),
    "hardware_error": ("RQ-178", FindingState.WARNING, "hdisk0: PATH HAS FAILED"),
}


def test_each_defect_is_found_and_nothing_of_it_on_another_lpar(tmp_path: Path) -> None:
    with running_lab(tmp_path, speed=300) as lab:
        import_lab(lab)
        for defect in DEFECTS:
            lab.defect("web01", defect)
        found = {name: _findings(name) for name in ("web01", "pay01")}
    for defect, (check, state, said) in DEFECTS.items():
        outcome = found["web01"][check]
        assert (outcome.state, said in outcome.message) == (state, True), (defect, outcome.message)
    for check in {check for check, _, _ in DEFECTS.values()}:
        assert found["pay01"][check].state in (FindingState.OK, FindingState.NOT_APPLICABLE), check


def _findings(name: str) -> dict[str, Outcome]:
    lpar = Lpar.objects.get(host__name=name)
    refresh_facts(lpar, Actor.worker("w1"))
    findings = assess(subject_of_lpar(lpar, stored_facts(lpar))).findings
    return {finding.check.id: finding.outcome for finding in findings}
