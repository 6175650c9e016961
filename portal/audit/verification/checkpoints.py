"""Checks what was signed: the database's checkpoints, the anchor file, the signer's memory."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portal.audit.log_keys import LogKeys
from portal.audit.models import Checkpoint
from portal.audit.note import BadNote, Head
from portal.audit.signer import SealRefused, SignerFiles, SignerState
from portal.audit.verification.memory import Memory
from portal.audit.verification.report import Problem

SETTLE_S = 2.0


@dataclass(slots=True)
class Signed:
    """Every signed head that can be found, by size, and what is wrong with what was found."""

    heads: dict[int, bytes] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Of the newest signed head."""
        return max(self.heads, default=0)

    def add(self, where: str, text: str, keys: LogKeys) -> Head | None:
        """Check a signed note and keep what it says, unless people gave up the entries that it is of."""
        try:
            head = keys.verify(text)
        except BadNote as error:
            self.problems.append(Problem(f"{where}: {error.message}"))
            return None
        if keys.is_abandoned(text):
            self.warnings.append(f"{where}: its {head.size} entries were given up for another log.")
            return None
        if self.heads.setdefault(head.size, head.root) != head.root:
            self.problems.append(Problem(f"{where}: two different checkpoints at {head.size} entries."))
        self.notes.setdefault(head.size, text)
        return head


def collect(files: SignerFiles, keys: LogKeys) -> Signed:
    """Read every checkpoint there is, outside the database first: it is written there first."""
    found = Signed()
    for one in keys.unvouched():
        found.warnings.append(f"Only people vouched for the key {one.vkey}: ask them.")
    _read_memory(found, files)
    anchored = _read_anchor(found, files.anchor, keys)
    stored = _read_database(found, keys)
    missing = anchored - stored
    if missing == {max(anchored, default=-1)}:
        missing -= _wait_for(max(missing))
    for size in sorted(missing):
        found.problems.append(Problem(f"The checkpoint at {size} entries is missing in the database."))
    for size in sorted(stored - anchored):
        found.problems.append(Problem(f"The checkpoint at {size} entries is missing in {files.anchor}."))
    return found


def compare(signed: Signed, roots: Mapping[int, bytes], size: int, named: set[int]) -> list[Problem]:
    """Problems between the signed heads and the roots of the entries as they are now.

    `named` are the places already found bad: a range that holds one of them needs no further word.
    """
    good = 0
    for at in sorted(signed.heads):
        if at > size:
            return [Problem(f"Entries {size} to {signed.size - 1} are missing: they were signed.", size)]
        if roots.get(at) == signed.heads[at]:
            good = at
        elif named.isdisjoint(range(good, at)):
            what = f"Entries {good} to {at - 1} are not those that were signed: one of them or more was "
            return [Problem(what + "altered, inserted, removed or moved.", good)]
        else:
            return []
    return []


def _read_memory(found: Signed, files: SignerFiles) -> None:
    try:
        state = SignerState.load(files.state)
        leaves = files.leaves.read_bytes() if files.leaves.exists() else b""
    except PermissionError:
        found.warnings.append(f"The signer's memory {files.state} cannot be read by this user; not compared.")
        return
    except SealRefused as error:
        found.problems.append(Problem(error.message))
        return
    if state is None:
        return
    found.heads[state.size] = state.root
    leaves = leaves[: 32 * state.size]
    if len(leaves) == 32 * state.size:
        found.memory = Memory(leaves, state.root)
    else:
        found.problems.append(Problem(f"The signer's list of leaves {files.leaves} was cut."))


def _read_anchor(found: Signed, path: Path, keys: LogKeys) -> set[int]:
    if not path.exists():
        return set()
    sizes = set()
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1], 1):
        try:
            text = str(json.loads(line)["checkpoint"])
        except (ValueError, KeyError, TypeError, RecursionError):
            found.problems.append(Problem(f"{path}, line {number}: this is no checkpoint."))
            continue
        head = found.add(f"{path}, line {number}", text, keys)
        if head is not None:
            sizes.add(head.size)
    return sizes


def _read_database(found: Signed, keys: LogKeys) -> set[int]:
    sizes = set()
    for row in Checkpoint.objects.order_by("size"):
        head = found.add(f"Checkpoint at {row.size} entries", row.note, keys)
        if head is not None and (head.size, head.root) != (row.size, bytes(row.root)):
            found.problems.append(Problem(f"Checkpoint at {row.size} entries: its row was altered."))
        sizes.add(row.size)
    return sizes


def _wait_for(size: int) -> set[int]:
    """The newest anchored checkpoint may be on its way into the database."""
    deadline = time.monotonic() + SETTLE_S
    while time.monotonic() < deadline:
        if Checkpoint.objects.filter(size=size).exists():
            return {size}
        time.sleep(0.05)
    return set()
