"""Read-only rows of the ledger for pages."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import BinaryField, Case, F, Func, IntegerField, QuerySet, Subquery, Value, When

from portal.audit.events import Event
from portal.audit.merkle import inclusion_holds, inclusion_proof, leaf_hash
from portal.audit.models import Checkpoint, Intake
from portal.audit.releases import release_of_entry
from portal.audit.tree import stored_subtree
from portal.lib.canonical import canonical_json
from portal.lib.errors import Conflict


def entries() -> QuerySet[Intake]:
    """Every entry, newest first, with its place and `state`: sealed, unsealed or waiting for a place."""
    signed = Checkpoint.objects.order_by("-size").values("size")[:1]
    state = Case(
        When(entry__seq__lt=Subquery(signed), then=Value("sealed")),
        When(entry__seq__isnull=False, then=Value("unsealed")),
        default=Value("waiting"),
    )
    return Intake.objects.select_related("entry").annotate(state=state).order_by("-id")


SEARCHED = 100_000
"""Newest entries that a search for words looks through: it reads each of them."""


class _Position(Func):
    """Where bytes stand in bytes, from 1; 0 where they do not."""

    function = "instr"
    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """PostgreSQL's word for it."""
        turned = self.copy()
        turned.set_source_expressions(self.get_source_expressions()[::-1])
        return turned.as_sql(compiler, connection, template="position(%(expressions)s)", arg_joiner=" IN ")


def holding(rows: QuerySet[Intake], words: str) -> QuerySet[Intake]:
    """Those of `rows`, among the newest `SEARCHED` of the ledger, whose bytes hold the words as written."""
    newest = Intake.objects.order_by("-id").annotate(floor=F("id") - SEARCHED).values("floor")[:1]
    return containing(rows.filter(pk__gt=Subquery(newest)), canonical_json(words)[1:-1])


def containing(rows: QuerySet[Intake], part: bytes) -> QuerySet[Intake]:
    """Those of `rows` whose bytes hold `part`; each of them is read."""
    sought = Value(part, output_field=BinaryField())
    return rows.alias(found=_Position(F("content"), sought)).filter(found__gt=0)


def seq_of(intake: Intake) -> int | None:
    """The entry's place in the ledger; None while it waits for one."""
    return intake.entry.seq if hasattr(intake, "entry") else None


def document(intake: Intake) -> dict[str, Any]:
    """What the entry says; empty where its bytes were damaged."""
    try:
        read = json.loads(bytes(intake.content))
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def intent_of(run: int, command: int) -> bytes:
    """The bytes of the entry that announced a command of a run. Raises LookupError."""
    for content in (
        Intake.objects.filter(run=run, event=Event.CMD_INTENT)
        .order_by("-rs")
        .values_list("content", flat=True)
        .iterator()
    ):
        if json.loads(bytes(content))["d"]["command"] == command:
            return bytes(content)
    raise LookupError(f"The ledger knows of no intent of command {command} of run {run}.")


@dataclass(frozen=True, slots=True)
class EntryProof:
    """How far an entry is proven.

    `state` is waiting (no place yet), unsigned (no checkpoint covers it yet), proven, or broken.
    """

    state: str
    seq: int | None
    leaf: str
    path: tuple[bytes, ...] = ()
    checkpoint: Checkpoint | None = None


def prove(intake: Intake) -> EntryProof:
    """Recompute the entry's leaf from its bytes and prove it under the newest checkpoint.

    Of a pruned entry the leaf that stays is proven.
    """
    seq, content = seq_of(intake), bytes(intake.content)
    leaf = leaf_hash(content) if content or not release_of_entry(seq) else bytes(intake.leaf)
    if seq is None:
        return EntryProof("waiting", None, leaf.hex())
    checkpoint = Checkpoint.objects.order_by("-size").first()
    if checkpoint is None or checkpoint.size <= seq:
        return EntryProof("unsigned", seq, leaf.hex())
    try:
        path = inclusion_proof(seq, checkpoint.size, stored_subtree)
    except LookupError:
        return EntryProof("broken", seq, leaf.hex(), (), checkpoint)
    holds = inclusion_holds(seq, checkpoint.size, leaf, path, bytes(checkpoint.root))
    return EntryProof("proven" if holds else "broken", seq, leaf.hex(), tuple(path), checkpoint)


def proof_text(proof: EntryProof) -> str:
    """The proof as a file for other tools (https://c2sp.org/tlog-proof). Raises Conflict."""
    if proof.state != "proven" or proof.checkpoint is None:
        raise Conflict(
            f"The entry is {proof.state}: there is no proof of it.",
            remedy="Wait for a checkpoint.",
            code="nothing_signed",
        )
    path = "".join(f"{base64.b64encode(part).decode()}\n" for part in proof.path)
    return f"c2sp.org/tlog-proof@v1\nindex {proof.seq}\n{path}\n{proof.checkpoint.note}"
