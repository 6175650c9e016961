"""Every reason that the portal gives for a no, collected from its source: what `docs/reasons.md` holds."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

KINDS = {
    "Reason": "hold",
    "Refusal": "refusal of a decision",
    "SpoolFailed": "hold",
    "Conflict": "refusal: not in this state",
    "Invalid": "refusal: not acceptable",
    "NotAllowed": "refusal: not allowed",
}
CODE_FIRST = ("Reason", "Refusal")
"""Kinds whose first argument is the code, the second the words."""
DEFAULTS = {"Conflict": "conflict", "Invalid": "invalid", "NotAllowed": "not_allowed"}
HEAD = """# Reasons

Every no has a code: pages show it, JSON answers and the ledger hold it. Codes stay as they are; the words may
change. `manage.py document_reasons` writes this page from the source.

A *hold* keeps an approved request from its start and ends by itself or by somebody's care. A *refusal* is the
answer to an action.
"""


@dataclass(frozen=True, slots=True, order=True)
class Said:
    """One place that says no: its code, what kind it is, and its words (`…` is what is filled in)."""

    code: str
    kind: str
    words: str


def reasons_in(sources: Iterable[Path]) -> set[Said]:
    """Everything that these modules say no with."""
    return {said for path in sources for said in _in_module(ast.parse(path.read_text(encoding="utf-8")))}


def document_of(found: set[Said]) -> str:
    """The page."""
    parts = [HEAD]
    for code in sorted({said.code for said in found}):
        parts.append(f"\n## {code}\n\n")
        parts += [f"- {said.kind}: {said.words}\n" for said in sorted(found) if said.code == code]
    return "".join(parts)


def _in_module(tree: ast.Module) -> Iterator[Said]:
    named = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
            yield from _in_call(node, node.func.id, named)


def _in_call(call: ast.Call, name: str, named: dict[str, ast.expr]) -> Iterator[Said]:
    given = {word.arg: word.value for word in call.keywords if word.arg}
    code, message = given.get("code"), given.get("message")
    if name in CODE_FIRST and len(call.args) > 1:
        code, message = call.args[0], call.args[1]
    elif name not in CODE_FIRST and call.args:
        message = call.args[0]
    if isinstance(code, ast.Name):
        code = named.get(code.id)
    if code is None and name in DEFAULTS:
        code = ast.Constant(DEFAULTS[name])
    if isinstance(code, ast.Constant) and isinstance(code.value, str) and message is not None:
        yield Said(code.value, KINDS[name], _words(message))


def _words(message: ast.expr) -> str:
    """The text of a message; what is only known when it is said is `…`."""
    if isinstance(message, ast.Constant):
        return str(message.value)
    if isinstance(message, ast.JoinedStr):
        return "".join(_words(part) for part in message.values)
    return "…"
