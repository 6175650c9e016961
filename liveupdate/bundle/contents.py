"""What lies in a bundle beside the entries: output, plans, policies, the report, pages to look at."""

import json
from collections.abc import Iterable, Iterator, Sequence

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from liveupdate.bundle.script import verify_script
from liveupdate.bundle.verifier.numbers import numbers_of
from liveupdate.bundle.verifier.opening import Entry
from liveupdate.bundle.verifier.runs import commands_of, runs_of
from liveupdate.bundle.viewer import run_page
from liveupdate.control.policy import SHIPPED
from liveupdate.models import Plan, PolicyVersion
from portal.access.models import User
from portal.audit.chunks import load_chunk
from portal.audit.releases import release_of_output
from portal.lib.canonical import canonical_json, digest
from portal.lib.errors import Conflict

STYLE = "portal.css"
MOMENTS = ("from", "to")
"""Words of a scope that are times in RFC 3339."""
File = tuple[str, bytes]


def contents_of(
    scope: dict[str, str], entries: list[Entry], reports: Sequence[File], *, names: bool
) -> Iterator[File]:
    """Every file that is not proof of the entries. With `names` also who is behind the pseudonyms.

    Raises Conflict and ChunkDamaged where a plan or output is not as it was entered.
    """
    numbers = numbers_of(entries)
    people = _people(entries) if names else {}
    yield "verify.py", verify_script().encode()
    yield "README.txt", render_to_string("bundle/readme.txt", {"scope": scope}).encode()
    yield "report.json", canonical_json(numbers)
    yield "people.json", canonical_json(people)
    yield from reports
    yield from _chunks(entries)
    yield from _plans(entries)
    yield from _policies(entries)
    yield "pages/style.css", _style()
    yield (
        "index.html",
        render_to_string(
            "bundle/index.html",
            {
                "about": _in_words(scope),
                "numbers": numbers,
                "people": people,
                "reports": [name for name, _ in reports if not name.endswith(".csv")],
                "tables": [name for name, _ in reports if name.endswith(".csv")],
            },
        ).encode(),
    )
    for run, found in runs_of(entries).items():
        page = run_page(run, found, commands_of(found), people)
        yield f"pages/run-{run}.html", render_to_string("bundle/run.html", page).encode()


def _in_words(scope: dict[str, str]) -> dict[str, str]:
    """The scope with its moments as people read them."""
    return {
        what: f"{value[:10]} {value[11:19]} UTC" if what in MOMENTS else value
        for what, value in scope.items()
    }


def _chunks(entries: Iterable[Entry]) -> Iterator[File]:
    """Output that is there; of what was pruned or withheld the entries tell that it was."""
    named = {name: entry.seq for entry in entries for name in entry.said["d"].get("chunks", ())}
    for name, seq in sorted(named.items()):
        if not release_of_output(name, seq):
            yield f"chunks/{name.removeprefix('sha256:')}", load_chunk(name)


def _plans(entries: Iterable[Entry]) -> Iterator[File]:
    digests = {str(entry.said["sub"]["plan"]) for entry in entries if entry.type == "run.queue"}
    for name in sorted(digests):
        plan = Plan.objects.filter(digest=name).first()
        if plan is None or digest(plan.document.encode()) != name:
            raise Conflict(
                f"The plan {name[:19]} is not as it was frozen.",
                remedy="Run audit_verify.",
                code="plan_altered",
            )
        yield f"plans/{name.removeprefix('sha256:')}.json", plan.document.encode()


def _policies(entries: Iterable[Entry]) -> Iterator[File]:
    named = {entry.said["d"].get("policy", "") for entry in entries if entry.type == "request.submit"}
    texts = named_policies()
    for name in sorted(named & set(texts)):
        yield f"policies/{name.removeprefix('sha256:')}.json", texts[name]


def named_policies() -> dict[str, bytes]:
    """The text of every version of the policy by its digest, the shipped one included."""
    shipped = canonical_json(SHIPPED)
    return {digest(shipped): shipped} | {
        each.digest: each.document.encode() for each in PolicyVersion.objects.all()
    }


def _people(entries: Iterable[Entry]) -> dict[str, str]:
    seen = {str(entry.said["actor"]["id"]) for entry in entries}
    seen |= {str(entry.said["sub"]["user"]) for entry in entries if "user" in entry.said["sub"]}
    people = User.objects.filter(public_id__in=seen)
    return {person.public_id: str(person) for person in people.order_by("public_id")}


def _style() -> bytes:
    found = finders.find(STYLE)
    if not isinstance(found, str):
        raise Conflict(
            f"The style sheet {STYLE} is missing.", remedy="Install the portal anew.", code="file_missing"
        )
    with open(found, "rb") as stream:  # noqa: PTH123 - a finder gives a text
        return stream.read()


def entry_of(seq: int, content: bytes) -> Entry:
    """A stored entry as the verifier reads it."""
    return Entry(seq, content, json.loads(content))
