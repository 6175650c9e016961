"""The page of `docs/` that lists every requirement: written by `manage.py document_checks`."""

from collections.abc import Sequence

from liveupdate.readiness.base import Check, Severity
from liveupdate.readiness.chapters import by_chapter

HEAD = """# Readiness checks

Every requirement that the portal tests before a Live Update, by the handbook's numbers.
`manage.py document_checks` writes this page from the checks themselves.

*Blocks*: no update while it is not met. *Warns*: a person judges. *Recalled*: no readable source states
the rule; verify it before you rely on it. *Asks a person*: no command can tell, so somebody answers
with a reason and a last day, on the LPAR's page.
"""
WEIGHT = {Severity.BLOCKER: "Blocks", Severity.WARNING: "Warns", Severity.INFORMATION: "Informs"}


def document_of(checks: Sequence[Check]) -> str:
    """The page as Markdown."""
    parts = [HEAD]
    for title, members in by_chapter(checks).items():
        parts.append(f"## {title}\n")
        parts += [_section(check) for check in members]
    return "\n".join(parts)


def _section(check: Check) -> str:
    marks = [WEIGHT[check.severity]]
    marks += ["recalled"] if check.recalled else []
    marks += ["asks a person"] if check.question else []
    rows = [
        ("Why", check.why),
        ("Question", check.question),
        ("Look", check.see),
        ("Cure", check.remedy),
        ("Varies", check.varies),
        ("Source", "" if check.source.startswith("RQ-") else check.source),
    ]
    lines = [f"- **{name}**: {text}" for name, text in rows if text]
    return "\n".join([f"### {check.id} {check.title}\n", f"{', '.join(marks)}.\n", *lines, ""])
