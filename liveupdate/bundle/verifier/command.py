"""The command line of the stand-alone verifier."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from liveupdate.bundle.verifier.approvals import check_approvals
from liveupdate.bundle.verifier.numbers import numbers_of
from liveupdate.bundle.verifier.opening import Broken, Bundle, check_anchors, open_bundle
from liveupdate.bundle.verifier.releases import Finding, false_claims
from liveupdate.bundle.verifier.report import check_report
from liveupdate.bundle.verifier.runs import check_run, runs_of

GOOD, ALTERED, INCOMPLETE, USAGE = 0, 1, 2, 3


class Parser(argparse.ArgumentParser):
    """Ends with 3 for a command line that it does not understand."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Say how it is used."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def main(arguments: list[str]) -> int:
    """Check a bundle; returns 0 good, 1 altered or not allowed, 2 incomplete, 3 wrong use."""
    parser = Parser(prog="verify.py", description="Checks an evidence bundle. Needs nothing but Python 3.8.")
    parser.add_argument("bundle", help="the file that `manage.py evidence` wrote")
    parser.add_argument(
        "--vkey", default="", help="the log's verifier key, or a file with it, from elsewhere"
    )
    parser.add_argument("--anchor", default="", help="a file of checkpoints that was kept elsewhere")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    options = parser.parse_args(arguments)
    try:
        content = Path(options.bundle).read_bytes()
        anchor = Path(options.anchor).read_bytes() if options.anchor else b""
        key = Path(options.vkey).read_text() if Path(options.vkey).is_file() else options.vkey
    except OSError as error:
        sys.stderr.write(f"verify.py: {error}\n")
        return USAGE
    try:
        bundle = open_bundle(content, key)
        anchors = check_anchors(bundle, anchor)
        told = check_report(bundle)
        findings = [*check_contents(bundle), *told.findings]
    except Broken as error:
        return show(options.json, None, 0, [Finding(False, str(error))])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        text = f"An entry is not in the ledger's format ({type(error).__name__}: {error})."
        return show(options.json, None, 0, [Finding(False, text)])
    return show(options.json, bundle, anchors, findings, told.not_recounted)


def check_contents(bundle: Bundle) -> list[Finding]:
    """What is wrong with what the entries say."""
    findings = false_claims(bundle)
    for run, entries in sorted(runs_of(bundle.entries).items()):
        findings += check_run(bundle, run, entries)
    findings += check_approvals(bundle)
    before_export = [entry for entry in bundle.entries if entry.seq != bundle.export.seq]
    if json.loads(bundle.files["report.json"].decode()) != numbers_of(before_export):
        findings.append(Finding(False, "The numbers of report.json are not those that the entries give."))
    return findings


def show(
    as_json: bool,
    bundle: Bundle | None,
    anchors: int,
    findings: list[Finding],
    not_recounted: dict[str, str] | None = None,
) -> int:
    """Print the result; returns the exit code."""
    authorised = [finding.text for finding in findings if finding.authorised]
    wrong = [finding.text for finding in findings if not finding.incomplete and not finding.authorised]
    lacking = [finding.text for finding in findings if finding.incomplete]
    code = ALTERED if wrong else INCOMPLETE if lacking else GOOD
    result: dict[str, Any] = {
        "result": ("good", "altered", "incomplete")[code],
        "wrong": wrong,
        "lacking": lacking,
        "authorised": authorised,
        "not_recounted": not_recounted or {},
    }
    if bundle:
        result.update(_about(bundle), anchors=anchors)
    sys.stdout.write(json.dumps(result, indent=1, sort_keys=True) + "\n" if as_json else _in_words(result))
    return code


def _about(bundle: Bundle) -> dict[str, Any]:
    return {
        "origin": bundle.key.origin,
        "key": bundle.key.name.hex(),
        "size": bundle.head.size,
        "root": bundle.head.root.hex(),
        "scope": bundle.manifest["scope"],
        "entries": len(bundle.entries),
        "runs": len(runs_of(bundle.entries)),
    }


def _in_words(result: dict[str, Any]) -> str:
    lines = [*result["wrong"], *result["lacking"], *result["authorised"]]
    for why in sorted(set(result["not_recounted"].values())):
        names = [name for name, each in result["not_recounted"].items() if each == why]
        lines.append(f"Not recounted: {', '.join(names)}; because {why}.")
    if "root" in result:
        lines.append(
            f"{result['entries']} entries of {result['origin']} (key {result['key']}), "
            f"{result['runs']} runs, {result['anchors']} earlier checkpoints; "
            f"the root over {result['size']} entries is {result['root']}."
        )
    word = {"good": "Good.", "altered": "NOT GOOD.", "incomplete": "INCOMPLETE."}[result["result"]]
    return "\n".join([*lines, word]) + "\n"
