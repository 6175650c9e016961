"""Verifies the whole ledger against everything that vouches for it."""

import time
from collections.abc import Sequence
from pathlib import Path

from django.db import connection

from portal.audit import triggers
from portal.audit.anchors.configured import configured_anchors
from portal.audit.brought_back import brought_back
from portal.audit.log_keys import LogKeys
from portal.audit.models import Checkpoint, Entry, RunHead, Tile, Verification
from portal.audit.note import BadNote, VerifierKey
from portal.audit.rows import placed_pages, placed_rows, waiting_rows
from portal.audit.signer import SignerFiles
from portal.audit.spool.reconcile import spool_findings
from portal.audit.verification.checkpoints import Signed, collect, compare
from portal.audit.verification.chunks import check_chunks
from portal.audit.verification.entries import EntryWalk
from portal.audit.verification.receipts import add_copies, check_receipts
from portal.audit.verification.report import MOST_PROBLEMS, Problem, Report
from portal.lib.clock import now


def verify_ledger(
    files: SignerFiles | None = None, key: VerifierKey | None = None, copies: Sequence[Path] = ()
) -> Report:
    """Recompute leaves, order, tree, runs and chunks; check signatures, anchors and the signer's memory.

    The portal may go on working meanwhile. Without `key` the keys beside the signing key are trusted;
    `copies` are files with checkpoints that were kept elsewhere.
    Raises BadNote when there is no readable verifier key, Invalid for a copy without checkpoints.
    """
    started = time.monotonic()
    files = files or SignerFiles.from_settings()
    heads_before = dict(RunHead.objects.values_list("run", "rs"))
    signed = _signed(files, key, copies)
    walk = EntryWalk(signed.heads, signed.size, signed.memory)
    waiting = _walk(walk)
    problems = [*signed.problems, *walk.problems]
    named = {problem.seq for problem in problems if problem.seq is not None}
    problems += compare(signed, walk.tree.roots, walk.next_seq, named)
    if walk.memory_is_damaged:
        problems.append(Problem(f"The signer's list of leaves {files.leaves} is damaged."))
    problems += _runs(walk, heads_before)
    problems += [Problem(f"An entry stands at the place {seq}.") for seq in _below_zero()]
    problems += _tiles(walk)
    rows, restored = walk.restored.explained(
        problem for comparison in walk.comparisons for problem in comparison.problems()
    )
    problems += rows
    receipts, refuted = check_receipts(signed.notes, configured_anchors())
    problems += refuted
    problems += spool_findings()
    count, damaged = check_chunks(walk.restored.without_lost(walk.chunks), walk.released.lets_go)
    problems += walk.released.problems()
    report = Report(
        size=walk.next_seq,
        root=walk.tree.root().hex(),
        checkpoint=signed.notes.get(signed.size, ""),
        checkpoint_size=signed.size,
        checkpoint_root=signed.heads.get(signed.size, b"").hex(),
        checkpoints=len(signed.notes),
        unsealed=waiting,
        unsigned=max(0, walk.next_seq - signed.size),
        runs=len(walk.last_rs),
        chunks=count,
        receipts=receipts,
        **walk.released.counts(),
        warnings=[
            *signed.warnings,
            *restored,
            *brought_back(),
            *(f"Trigger {name} is missing." for name in triggers.missing(connection)),
        ],
        problems=problems + damaged,
        seconds=round(time.monotonic() - started, 3),
    )
    report.settle()
    return report


def keep(report: Report) -> Verification:
    """Remember the result for the pages."""
    first = report.first_bad
    return Verification.objects.create(
        finished_at=now(),
        ok=report.ok,
        size=report.size,
        root=report.root,
        first_bad=first.message if first else "",
        seconds=report.seconds,
    )


def _signed(files: SignerFiles, key: VerifierKey | None, copies: Sequence[Path]) -> Signed:
    nothing = not (files.anchor.exists() or files.state.exists() or Checkpoint.objects.exists())
    if key is None and not files.verifier.exists() and nothing and not copies:
        return Signed()
    try:
        keys = files.log_keys()
    except BadNote:
        if key is None:
            raise
        keys = LogKeys.alone(key)
    signed = collect(files, keys)
    if key is not None:
        try:
            keys.trusting(key)
        except BadNote as error:
            signed.problems.insert(0, Problem(error.message))
    for path in copies:
        add_copies(signed, path, keys)
    return signed


def _walk(walk: EntryWalk) -> int:
    """Walk placed entries, then waiting ones, minus those placed meanwhile; returns how many wait."""
    for page in placed_pages():
        walk.place_page(page)
    waiting = {row.intake: row for row in waiting_rows()}
    for row in placed_rows(walk.next_seq):
        waiting.pop(row.intake, None)
        walk.place(row)
    for row in waiting.values():
        walk.wait(row)
    return len(waiting)


def _runs(walk: EntryWalk, before: dict[int, int]) -> list[Problem]:
    """A run's counter never lags behind its entries, nor runs ahead of them."""
    problems = []
    after = dict(RunHead.objects.values_list("run", "rs"))
    for run, rs in before.items():
        last = walk.last_rs.get(run, 0)
        if last < rs:
            problems.append(
                Problem(f"Run {run} has {rs} entries, but those after number {last} are missing.")
            )
    for run, last in walk.last_rs.items():
        if after.get(run, 0) < last:
            problems.append(Problem(f"The counter of run {run} was altered: it has {last} entries at least."))
    return problems


def _below_zero() -> list[int]:
    return list(Entry.objects.filter(seq__lt=0).values_list("seq", flat=True)[:MOST_PROBLEMS])


def _tiles(walk: EntryWalk) -> list[Problem]:
    stored = dict(Tile.objects.filter(level=0).values_list("position", "root"))
    return [
        Problem(f"The stored root of tile {position} (entries {256 * position} …) is wrong or missing.")
        for position, root in enumerate(walk.tree.tile_roots)
        if bytes(stored.get(position, b"")) != root
    ]
