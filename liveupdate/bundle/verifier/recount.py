"""Counts anew what a compliance report of a bundle says, from nothing but entries."""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

from liveupdate.bundle.verifier.changes import changes_of, register_of, runs_in_order
from liveupdate.bundle.verifier.figures import figures_of
from liveupdate.bundle.verifier.health import CLAIMS, HAPPENINGS, health_of, is_gap
from liveupdate.bundle.verifier.keys import KeySpan
from liveupdate.bundle.verifier.leave import leave_figures, leaves_of
from liveupdate.bundle.verifier.numbers import counted
from liveupdate.bundle.verifier.opening import Broken, Bundle, Entry, sha256_of
from liveupdate.bundle.verifier.people import access_of, holders_of, roles_counted
from liveupdate.bundle.verifier.population import Population, commands_in
from liveupdate.bundle.verifier.runs import runs_of
from liveupdate.bundle.verifier.sampling import sample_of

BUDGET = 7
"""The place of the budget among the cells of `blackout.runs`."""


class Recount(NamedTuple):
    """Figures by their keys, and rows of tables by theirs, as the entries give them."""

    figures: dict[str, Any]
    tables: dict[str, list[list[Any]]]


def recount(bundle: Bundle, report: Any) -> Recount:
    """Everything that the report says of its period and that entries give."""
    period, standing = report["period"], report["standing"]
    size, until = int(standing["size"]), str(report["as_of"])
    entries = [entry for entry in bundle.entries if entry.seq < size]
    population = Population(period["begin"], period["end"], bundle.files, report["scope"]["team"])
    population.see_all(entries)
    commands, within = commands_in(runs_of(entries)), [each for each in entries if population.within(each)]
    by_type, cut = counted(each.type for each in within), min(period["end"], until)
    people = population.history.people
    holders = holders_of(people, _signed_in(entries), cut)
    told = [each for each in within if each.type in (*HAPPENINGS, *CLAIMS) or is_gap(each)]
    leaves = leaves_of(population.exceptions, period["begin"], cut, population.team)
    figures = {
        **_header(bundle, report, entries),
        **figures_of(population, commands),
        **changes_of(population, commands, until),
        "deviations.repeated": _repeated(population, entries),
        "blackout.within": _within_budget(population, report),
        **leave_figures(leaves, cut),
        **access_of(people, holders, by_type, population.access_reviews, cut),
        **health_of(by_type, told),
    }
    register = register_of(population, commands)
    tables = {
        "register": register,
        "access.roles": roles_counted(holders),
        "access.people": [[each.person, each.words, each.signed_at, each.stale] for each in holders],
        "ledger.types": [list(each) for each in sorted(by_type.items())],
        "sample": _sample(register, standing["root"]),
    }
    return Recount(figures, tables)


def _header(bundle: Bundle, report: Any, entries: list[Entry]) -> dict[str, Any]:
    """The first section: what the report says it is about."""
    period, standing = report["period"], report["standing"]
    verified = [entry.said for entry in entries if entry.type == "ledger.verify"]
    return {
        "period.begin": period["begin"],
        "period.end": period["end"],
        "period.time_zone": period["time_zone"],
        "scope.team": report["scope"]["team"] or "all teams",
        "schema": report["schema"],
        "ledger.origin": standing["checkpoint"].partition("\n")[0],
        "ledger.size": standing["size"],
        "ledger.root": f"sha256:{standing['root']}",
        "ledger.key": _fingerprint(bundle.keys, standing["size"]),
        "coverage.known_since": _known_since(entries, min(period["end"], report["as_of"])),
        "ledger.verified_at": verified[-1]["at"] if verified else "",
        "ledger.verified_good": verified[-1]["d"]["ok"] if verified else None,
        "sample.seed": standing["root"],
    }


def _fingerprint(keys: list[KeySpan], size: int) -> str:
    """The SHA-256 of the verifier key that signed at this size."""
    key = next(span.key for span in reversed(keys) if span.since <= size)
    text = f"{key.origin}+{key.name.hex()}+{base64.b64encode(bytes([1]) + key.public).decode()}"
    return sha256_of(text.encode())


def _known_since(entries: list[Entry], cut: str) -> str:
    """When the first change of an LPAR was entered; empty for none before a moment."""
    times = (str(each.said["at"]) for each in entries if each.type == "lpar.change")
    return next((at for at in times if at < cut), "")


def _signed_in(entries: list[Entry]) -> dict[str, str]:
    """When each person signed in last."""
    return {str(each.said["actor"]["id"]): str(each.said["at"]) for each in entries if each.type == "auth.ok"}


def _repeated(population: Population, entries: list[Entry]) -> int:
    """Steps of the period's runs that ended and took more than one attempt."""
    runs = {run.run for _, run in runs_in_order(population)}
    again, ended = set(), {}
    for entry in entries:
        subject = entry.said["sub"]
        step = (subject.get("run"), subject.get("step"))
        if entry.type == "step.start" and entry.said["d"]["attempt"] > 1:
            again.add(step)
        elif entry.type in ("step.end", "step.skip"):
            ended[step] = entry.said["d"]["state"] != "unknown"
    return sum(step[0] in runs and ended.get(step, False) for step in again)


def _within_budget(population: Population, report: Any) -> dict[str, int]:
    """The blackouts that kept to the budgets that the report names of them."""
    budgets = {row["cells"][0]: row["cells"][BUDGET] for row in table_of(report, "blackout.runs")["rows"]}
    took = {run.run: run.result.get("blackout_ms") for _, run in runs_in_order(population)}
    kept = [took[run] <= 1000 * budget for run, budget in budgets.items() if took.get(run) is not None]
    return {"part": sum(kept), "whole": len(kept)}


def table_of(report: Any, key: str) -> Any:
    """The table of this key. Raises Broken."""
    for section in report["sections"]:
        for each in section["tables"]:
            if each["key"] == key:
                return each
    raise Broken(f"The compliance report has no table {key}.")


def _sample(register: list[list[Any]], seed: str) -> list[list[Any]]:
    """The runs drawn: place, run, request, LPAR, outcome."""
    rows = {row[0]: row for row in register}
    drawn = enumerate(sample_of(rows, seed), 1)
    return [[place, run, rows[run][1], rows[run][10], rows[run][3]] for place, run in drawn]
