"""Counts a compliance report of a bundle anew, from nothing but the entries that it is about."""

from __future__ import annotations

import json
from typing import Any

from liveupdate.bundle.verifier.figures import figures_of, rows_of
from liveupdate.bundle.verifier.opening import Broken, Bundle
from liveupdate.bundle.verifier.population import Population, commands_in
from liveupdate.bundle.verifier.releases import Finding
from liveupdate.bundle.verifier.runs import runs_of

COMPLIANCE = "reports/compliance.json"
OWN_COLUMNS = 7
"""The first columns of the register, which entries give."""


def check_report(bundle: Bundle) -> list[Finding]:
    """What is wrong with the numbers of the compliance report, where the bundle holds one."""
    if COMPLIANCE not in bundle.files:
        return []
    report = json.loads(bundle.files[COMPLIANCE].decode())
    size = int(report["standing"]["size"])
    if size > bundle.head.size:
        raise Broken("The compliance report is of more entries than the checkpoint.")
    if size == bundle.head.size and report["standing"]["root"] != bundle.head.root.hex():
        raise Broken("The compliance report is of another ledger.")
    period = report["period"]
    population = Population(period["begin"], period["end"], bundle.files, report["scope"]["team"])
    entries = [entry for entry in bundle.entries if entry.seq < size]
    population.see_all(entries)
    commands = commands_in(runs_of(entries))
    findings = _equations(report)
    told = {each["key"]: each["value"] for section in report["sections"] for each in section["figures"]}
    for key, value in figures_of(population, commands).items():
        if key in told and told[key] != value:
            findings.append(
                Finding(False, f"The report says {key} is {told[key]}; the entries give {value}.")
            )
    rows = [row["cells"] for row in _table(report, "register")["rows"]]
    wanted = rows_of(population, commands)
    if [cells[:OWN_COLUMNS] for cells in rows] != wanted:
        findings.append(Finding(False, "The report's change register is not what the entries give."))
    return findings


def _equations(report: Any) -> list[Finding]:
    findings = []
    for section in report["sections"]:
        for each in section["equations"]:
            left, right = (sum(term["value"] for term in each[side]) for side in ("left", "right"))
            if [left, right, left == right] != [each["left_sum"], each["right_sum"], each["holds"]]:
                findings.append(
                    Finding(False, f"The report's sums of {each['key']} are not those of its terms.")
                )
    return findings


def _table(report: Any, key: str) -> Any:
    for section in report["sections"]:
        for each in section["tables"]:
            if each["key"] == key:
                return each
    raise Broken(f"The compliance report has no table {key}.")
