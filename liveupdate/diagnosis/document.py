"""The pages of `docs/signatures/`: written by `manage.py document_signatures` from the signatures."""

from collections.abc import Mapping

from liveupdate.diagnosis import affected
from liveupdate.diagnosis.base import Next, Rank, Signature
from liveupdate.diagnosis.catalogue import SIGNATURES
from liveupdate.diagnosis.diagnosing import filled

INDEX = "README.md"
CHAPTERS: Mapping[str, frozenset[Rank]] = {
    "Causes": frozenset({Rank.CAUSE, Rank.GENERIC, Rank.CLUE}),
    "What would make a run fail": frozenset({Rank.PRECONDITION}),
    "Where it failed": frozenset({Rank.LOST, Rank.ENVELOPE}),
    "No failures": frozenset({Rank.INFORMATION}),
}
RANKS = {
    Rank.CAUSE: "a known cause",
    Rank.GENERIC: "a cause, where no other signature says more of the same line",
    Rank.CLUE: "a clue, where no cause was found",
    Rank.PRECONDITION: "what would make a run fail",
    Rank.LOST: "nobody knows how it ended",
    Rank.ENVELOPE: "says where it failed, never why",
    Rank.INFORMATION: "no failure",
}
FOLLOWS = {
    Next.PREPARE: "cure it before the run",
    Next.RETRY: "cure it and run again",
    Next.PERSON: "a person decides",
}
HEAD = """# Failure signatures

The traces of failures that the portal and `manage.py diagnose` know, with their meaning and remedy.
`manage.py document_signatures` writes these pages from the signatures themselves.

The root cause is the earliest veto or error of `lvupdlog` that a signature knows, else the earliest on
the terminal. Messages that only say where it failed are never the cause, and nothing is said of an
update that succeeded.
"""


def by_chapter() -> dict[str, list[Signature]]:
    """The signatures by what they are: the pitfalls first, then what is known of causes, and so on."""
    chapters = {"Pitfalls": [signature for signature in SIGNATURES if signature.id[0] == "P"]}
    for title, ranks in CHAPTERS.items():
        chapters[title] = [each for each in SIGNATURES if each.rank in ranks and each.id[0] != "P"]
    return chapters


def pages() -> dict[str, str]:
    """Every page by its file name, as Markdown."""
    return {INDEX: _index(), **{f"{each.id}.md": _page(each) for each in SIGNATURES}}


def _index() -> str:
    parts = [HEAD]
    for title, members in by_chapter().items():
        rows = [f"| [{each.id}]({each.id}.md) | {each.title} | {FOLLOWS[each.next]} |" for each in members]
        parts.append("\n".join([f"## {title}\n", "| id | what | then |", "|---|---|---|", *rows, ""]))
    return "\n".join(parts)


def _page(signature: Signature) -> str:
    commands = [filled(command, {}) for command in signature.commands]
    remedy = ["```sh", *commands, "```", ""] if commands else []
    rows = [
        ("Found in", ", ".join(source.value for source in signature.where)),
        ("Weight", RANKS[signature.rank]),
        ("Then", FOLLOWS[signature.next]),
        ("Affected", "; ".join(affected.levels_of(signature))),
        ("Covers", _links(signature.covers)),
        ("Explains", _links(signature.explains)),
        ("Text", "inferred: no public source shows it word for word" if signature.inferred else ""),
    ]
    return "\n".join(
        [
            f"# {signature.id} {signature.title}\n",
            "```text",
            signature.example,
            "```\n",
            f"{signature.cause}\n",
            "## Remedy\n",
            f"{signature.remedy}\n",
            *remedy,
            "## Facts\n",
            *(f"- **{name}**: {text}" for name, text in rows if text),
            "",
        ]
    )


def _links(ids: tuple[str, ...]) -> str:
    return ", ".join(f"[{each}]({each}.md)" for each in ids)
