"""Compares a compliance report of a bundle with what the entries give."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from liveupdate.bundle.verifier.checkpoint import BadCheckpoint
from liveupdate.bundle.verifier.figures import EQUATIONS
from liveupdate.bundle.verifier.keys import head_by
from liveupdate.bundle.verifier.opening import Broken, Bundle
from liveupdate.bundle.verifier.outside import (
    COUNTED_BY_CHARTS,
    COUNTED_BY_ROWS,
    NOT_RECOUNTED,
    PRUNABLE,
    SIDES_NOT_RECOUNTED,
    TAKEN_AS_TOLD,
)
from liveupdate.bundle.verifier.recount import Recount, recount, table_of
from liveupdate.bundle.verifier.releases import Finding, authorities_of

COMPLIANCE = "reports/compliance.json"
SIDES = ("left", "right")


class Comparison(NamedTuple):
    """What is wrong with a report; and what of it was not recounted, by name with the reason."""

    findings: list[Finding]
    not_recounted: dict[str, str]


def check_report(bundle: Bundle) -> Comparison:
    """Compare every number of the compliance report, where the bundle holds one. Raises Broken."""
    if COMPLIANCE not in bundle.files:
        return Comparison([], {})
    report = json.loads(bundle.files[COMPLIANCE].decode())
    _check_standing(bundle, report)
    told = recount(bundle, report)
    left_out = _left_out(bundle, report)
    findings: list[Finding] = []
    for section in report["sections"]:
        name = f"Section {section['number']} ({section['key']})"
        wrong = [
            *_figures(section, told.figures, left_out),
            *_equations(section, told.figures),
            *_tables(section, told),
        ]
        findings += [Finding(False, f"{name}: {text}") for text in wrong]
    findings += [Finding(False, text) for text in (*_counts(report), *_controls(report))]
    return Comparison(findings, left_out)


def _check_standing(bundle: Bundle, report: Any) -> None:
    """The report is of this ledger and of the period that was exported. Raises Broken."""
    standing, period, scope = report["standing"], report["period"], bundle.manifest["scope"]
    try:
        head = head_by(bundle.keys, standing["checkpoint"])
    except BadCheckpoint as error:
        raise Broken(f"The compliance report is of another ledger: {error}") from error
    if (head.size, head.root.hex()) != (standing["size"], standing["root"]):
        raise Broken("The compliance report names another size or root than its checkpoint.")
    if head.size > bundle.head.size:
        raise Broken("The compliance report is of more entries than the checkpoint.")
    if head.size == bundle.head.size and head.root != bundle.head.root:
        raise Broken("The compliance report is of another ledger.")
    if [period["begin"], period["end"]] != [scope.get("from"), scope.get("to")]:
        raise Broken("The compliance report is of another period than the bundle.")


def _left_out(bundle: Bundle, report: Any) -> dict[str, str]:
    """What is not recounted, with the reason: more where entries of the period were pruned."""
    left_out = dict(NOT_RECOUNTED)
    begin = report["period"]["begin"]
    first = min((entry.seq for entry in bundle.entries if entry.said["at"] >= begin), default=0)
    pruned = [each for each in authorities_of(bundle) if each.what == "entries" and each.span.stop > first]
    for each in pruned:
        left_out.update(dict.fromkeys(PRUNABLE, f"entries that it counts were {each.words}"))
    left_out.update(TAKEN_AS_TOLD)
    left_out.update({f"{key}, {side} side": why for (key, side), why in SIDES_NOT_RECOUNTED.items()})
    return dict(sorted(left_out.items()))


def _figures(section: Any, figures: dict[str, Any], left_out: dict[str, str]) -> list[str]:
    wrong = []
    for each in section["figures"]:
        key, value = each["key"], each["value"]
        if each["must_be"] is not None and each["as_expected"] is not (value == each["must_be"]):
            wrong.append(f"whether {key} is as it must be is told wrongly.")
        if key in left_out:
            continue
        if key not in figures and not key.startswith("controls."):
            wrong.append(f"it has a figure {key} that this verifier does not know.")
        elif figures.get(key, value) != value:
            wrong.append(f"{key} is {_said(value)}; the entries give {_said(figures[key])}.")
    return wrong


def _equations(section: Any, figures: dict[str, Any]) -> list[str]:
    wrong = []
    for each in section["equations"]:
        key, values = each["key"], [[term["value"] for term in each[side]] for side in SIDES]
        left, right = map(sum, values)
        if [left, right, left == right] != [each["left_sum"], each["right_sum"], each["holds"]]:
            wrong.append(f"the sums of {key} are not those of its terms.")
        for at, keys in enumerate(EQUATIONS.get(key, ())):
            given = [figures[name] for name in keys]
            if keys and values[at] != given:
                wrong.append(f"the {SIDES[at]} side of {key} is {values[at]}; the entries give {given}.")
    return wrong


def _tables(section: Any, told: Recount) -> list[str]:
    """The first row that differs of each table, by the columns that entries give."""
    wrong = []
    for each in section["tables"]:
        wanted = told.tables.get(each["key"])
        if wanted is None:
            continue
        width = len(wanted[0]) if wanted else None
        found = [row["cells"][:width] for row in each["rows"]]
        if len(found) != len(wanted):
            text = f"the table {each['key']} has {len(found)} rows; the entries give {len(wanted)}."
            wrong.append(text)
            continue
        at = next((n for n, row in enumerate(found) if row != wanted[n]), None)
        if at is not None:
            text = (
                f"row {at + 1} of {each['key']} is {_said(found[at])}; the entries give {_said(wanted[at])}."
            )
            wrong.append(text)
    return wrong


def _counts(report: Any) -> list[str]:
    """Figures against the rows and charts of the report that they count."""
    told = {each["key"]: each["value"] for section in report["sections"] for each in section["figures"]}
    wrong = []
    for keys, name in COUNTED_BY_ROWS:
        figures, rows = sum(told[key] for key in keys), len(table_of(report, name)["rows"])
        if figures != rows:
            wrong.append(f"{' and '.join(keys)} count {figures}; the table {name} has {rows} rows.")
    charts = {each["key"]: each["series"] for section in report["sections"] for each in section["charts"]}
    for key, name in COUNTED_BY_CHARTS:
        shown = sum(value or 0 for series in charts[name] for value in series["values"])
        if told[key] != shown:
            wrong.append(f"{key} is {told[key]}; the chart {name} shows {shown}.")
    return wrong


def _controls(report: Any) -> list[str]:
    """Each control stands as the numbers do that it rests on, and is counted."""
    figures = {each["key"]: each for section in report["sections"] for each in section["figures"]}
    holds = {key: each["as_expected"] is True for key, each in figures.items()}
    holds.update(
        (each["key"], each["holds"]) for section in report["sections"] for each in section["equations"]
    )
    controls = [each for section in report["sections"] for each in section["controls"]]
    wrong = []
    for each in controls:
        failing = [key for key in each["rests_on"] if not holds[key]]
        if bool(failing) is not (each["status"] == "not satisfied"):
            wrong.append(f"the control {each['standard']} {each['name']} is {each['status']!r} wrongly.")
    for status in ("satisfied", "not satisfied", "not assessed"):
        key, count = (
            f"controls.{status.replace(' ', '_')}",
            sum(each["status"] == status for each in controls),
        )
        if figures[key]["value"] != count:
            wrong.append(f"{key} is {figures[key]['value']}; its controls are {count}.")
    return wrong


def _said(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:300]
