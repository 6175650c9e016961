"""The controls of a report as OSCAL assessment results (NIST, https://pages.nist.gov/OSCAL/), as JSON.

Ids are UUIDs of version 5 derived from the ledger's root and the report's digest, and the only times are
those of the report: the same report gives the same bytes.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid5

from liveupdate.reports.document import Control, Report, Status
from liveupdate.reports.formats.words import Reader
from portal.lib.clock import rfc3339
from portal.lib.errors import Invalid
from portal.lib.text import visible

OSCAL_VERSION = "1.2.1"
NAMESPACE = UUID("6e2f9f5c-58ab-5d3c-9f0e-7c1f5f0a9b11")
"""Under which the ids of all reports lie."""
PROPS = f"urn:uuid:{NAMESPACE}"
CATALOGUE = "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final"
NO_PLAN = "There is no assessment plan: the portal collects this evidence continuously."
IdOf = Callable[[str], str]


def oscal_of(report: Report) -> bytes:
    """The assessment results, as JSON that people can read too.

    Controls that name no control of SP 800-53 are left out, and so are findings on what was not assessed:
    OSCAL knows satisfied and not satisfied only. Where some of what a control rests on is satisfied and some
    is not, it is not satisfied and its remarks say that it is partly. Raises Invalid for a report without
    controls: assessment results are about some.
    """
    if not has_controls(report):
        raise Invalid(
            f"The report {report.title} assesses no control of SP 800-53.",
            remedy="OSCAL is for compliance evidence; take JSON or CSV of this one.",
            code="assesses_nothing",
        )

    def id_of(name: str) -> str:
        return str(uuid5(NAMESPACE, f"{report.standing.root}/{report.digest}/{name}"))

    results = {
        "uuid": id_of("assessment-results"),
        "metadata": {
            "title": _line(report.title),
            "last-modified": rfc3339(report.as_of),
            "version": report.digest,
            "oscal-version": OSCAL_VERSION,
        },
        "import-ap": {"href": f"#{id_of('no-plan')}", "remarks": NO_PLAN},
        "results": [_result(report, id_of)],
        "back-matter": {"resources": _resources(report, id_of)},
    }
    return json.dumps({"assessment-results": results}, ensure_ascii=False, indent=1).encode() + b"\n"


def has_controls(report: Report) -> bool:
    """Whether it speaks of controls of SP 800-53."""
    return any(control.oscal for section in report.sections for control in section.controls)


def _result(report: Report, id_of: IdOf) -> dict[str, Any]:
    by_control: dict[str, list[Control]] = defaultdict(list)
    for section in report.sections:
        for control in section.controls:
            for name in control.oscal:
                by_control[name].append(control)
    assessed = {
        name: told
        for name in sorted(by_control)
        if (told := [each for each in by_control[name] if each.status is not Status.NOT_ASSESSED])
    }
    standing = report.standing
    result: dict[str, Any] = {
        "uuid": id_of("result"),
        "title": _line(report.title),
        "description": f"{_line(report.title)} from {rfc3339(report.period.begin)} up to "
        f"{rfc3339(report.period.end)}, {_line(report.scope.team) or 'all teams'}.",
        "start": rfc3339(report.period.begin),
        "end": rfc3339(report.period.end),
        "props": [
            _prop("ledger-origin", standing.origin),
            _prop("ledger-size", str(standing.size)),
            _prop("ledger-root", standing.root),
            _prop("report-digest", report.digest),
        ],
        "reviewed-controls": _reviewed(sorted(by_control), sorted(set(by_control) - set(assessed))),
    }
    if assessed:
        result["observations"] = [_observation(report, name, told, id_of) for name, told in assessed.items()]
        result["findings"] = [_finding(name, told, id_of) for name, told in assessed.items()]
    return result


def _reviewed(named: Sequence[str], open_ones: Sequence[str]) -> dict[str, Any]:
    selection: dict[str, Any] = {"include-controls": [{"control-id": name} for name in named]}
    if open_ones:
        selection["remarks"] = f"Not assessed: {', '.join(open_ones)}."
    return {"control-selections": [selection]}


def _observation(report: Report, name: str, controls: Sequence[Control], id_of: IdOf) -> dict[str, Any]:
    reader = Reader.of(report)
    figures = {each.key: each for section in report.sections for each in section.figures}
    keys = [key for control in controls for key in control.rests_on if key in figures]
    told = [
        f"{figures[key].title}: {reader.text(figures[key].value, figures[key].type)}"
        for key in dict.fromkeys(keys)
    ]
    return {
        "uuid": id_of(f"observation {name}"),
        "title": f"What {name} rests on",
        "description": "\n".join([*told, *(_words(control) for control in controls)]),
        "methods": ["EXAMINE"],
        "types": ["control-objective"],
        "relevant-evidence": [
            {"href": f"#{id_of('report')}", "description": "The report with every number."}
        ],
        "collected": rfc3339(report.as_of),
    }


def _finding(name: str, controls: Sequence[Control], id_of: IdOf) -> dict[str, Any]:
    good = [each for each in controls if each.status is Status.SATISFIED]
    is_satisfied = len(good) == len(controls)
    status: dict[str, Any] = {"state": "satisfied" if is_satisfied else "not-satisfied"}
    if good and not is_satisfied:
        status["remarks"] = (
            f"partial: {len(good)} of {len(controls)} requirements that it covers are satisfied"
        )
    return {
        "uuid": id_of(f"finding {name}"),
        "title": f"{name} is {'satisfied' if is_satisfied else 'not satisfied'}",
        "description": "\n".join(_words(control) for control in controls),
        "target": {"type": "statement-id", "target-id": f"{name}_smt", "status": status},
        "related-observations": [{"observation-uuid": id_of(f"observation {name}")}],
    }


def _resources(report: Report, id_of: IdOf) -> list[dict[str, Any]]:
    return [
        {"uuid": id_of("no-plan"), "title": "No assessment plan", "description": NO_PLAN},
        {
            "uuid": id_of("report"),
            "title": "The report as JSON",
            "rlinks": [{"href": "report.json", "media-type": "application/json", "hashes": [_hash(report)]}],
        },
        {"uuid": id_of("catalogue"), "title": "NIST SP 800-53 r5", "rlinks": [{"href": CATALOGUE}]},
    ]


def _hash(report: Report) -> dict[str, str]:
    return {"algorithm": "SHA-256", "value": report.digest.removeprefix("sha256:")}


def _words(control: Control) -> str:
    return (
        f"{_line(control.standard)} {_line(control.name)}: {control.status.value}. {_line(control.because)}"
    )


def _prop(name: str, value: str) -> dict[str, str]:
    """Names are XML names without a colon, values have one line."""
    return {"name": name, "ns": PROPS, "value": _line(value)}


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", visible(text)).strip()
