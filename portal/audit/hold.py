"""Whether the database is the ledger that was signed; else the portal only reads (a restore is a truncation).

Every process compares by itself, at its first look and every few seconds after it: the newest checkpoint
in the file of anchors, and in the signer's memory where it may read that, with the entries in the database.
"""

import time
from dataclasses import dataclass

import structlog

from portal.audit.anchors.file import newest_notes
from portal.audit.log_keys import LogKeys
from portal.audit.models import Hold
from portal.audit.note import BadNote, Head, unverified
from portal.audit.signer import SealRefused, SignerFiles, SignerState
from portal.audit.tree import ledger_size, stored_frontier
from portal.lib.clock import now
from portal.lib.errors import Conflict

KEPT_S = 2.0
"""How long an answer holds before the next look."""
REMEDY = "Stop the portal and follow `Backup and restore` of docs/admin-guide.md: manage.py ledger_restore."

log = structlog.get_logger(__name__)


class LedgerHeld(Conflict):
    """The portal only reads: its database is not the ledger that was signed."""

    code = "ledger_held"


@dataclass(frozen=True, slots=True)
class Outside:
    """The newest signed head that the database's owner cannot take back, and where it stands."""

    head: Head
    where: str


@dataclass(slots=True)
class _Kept:
    """This process's last answer, and the head that it has found in the database already."""

    until: float = 0.0
    hold: Hold | None = None
    good: Head | None = None


_kept = _Kept()


def current_hold() -> Hold | None:
    """Why the portal only reads, or None. Looks anew every `KEPT_S` seconds."""
    if time.monotonic() >= _kept.until:
        _kept.hold = Hold.objects.filter(lifted_at=None).first() or _look()
        _kept.until = time.monotonic() + KEPT_S
    return _kept.hold


def forget() -> None:
    """Look anew at the next question."""
    _kept.until, _kept.good = 0.0, None


def hold_problems() -> list[Conflict]:
    """The hold as a refusal of whatever would change something; empty without one."""
    hold = current_hold()
    return [] if hold is None else [LedgerHeld(f"The portal only reads. {hold.reason}", remedy=REMEDY)]


def newest_outside(files: SignerFiles) -> Outside | None:
    """The larger of what the file of anchors and the signer's memory hold; None where nothing was signed."""
    found = []
    anchored = _newest_of(newest_notes(files.anchor), files)
    if anchored is not None:
        found.append(Outside(anchored, str(files.anchor)))
    try:
        state = SignerState.load(files.state)
    except (OSError, SealRefused):
        state = None  # another account's, or damaged: the signer itself says so
    if state is not None and state.size:
        found.append(Outside(Head(state.size, state.root), str(files.state)))
    return max(found, key=lambda each: each.head.size, default=None)


def contradiction(outside: Outside) -> str:
    """How the database differs from what was signed, in a sentence; empty where it does not."""
    head, size = outside.head, ledger_size()
    if size < head.size:
        return (
            f"The database holds {size} entries, but {head.size} were signed ({outside.where}): "
            f"entries {size} to {head.size - 1} are missing. It was restored from a backup, or cut."
        )
    try:
        same = stored_frontier(head.size).root() == head.root
    except LookupError:
        same = False
    if same:
        return ""
    return (
        f"The first {head.size} entries of the database are not those that were signed ({outside.where}). "
        "It was restored from a backup and went on, or was altered."
    )


def _look() -> Hold | None:
    outside = newest_outside(SignerFiles.from_settings())
    if outside is None or (outside.head == _kept.good and ledger_size() >= outside.head.size):
        return None
    reason = contradiction(outside)
    if not reason:
        _kept.good = outside.head
        return None
    log.error("ledger.held", reason=reason, remedy=REMEDY)
    return Hold.objects.create(
        found_at=now(), reason=reason, size=ledger_size(), signed_size=outside.head.size
    )


def _newest_of(notes: list[str], files: SignerFiles) -> Head | None:
    keys = _keys(files)
    for text in sorted(notes, key=_claimed_size, reverse=True):
        try:
            if keys is not None and not keys.is_abandoned(text):
                return keys.verify(text)
        except BadNote:
            continue  # audit_verify tells of it
    return None


def _keys(files: SignerFiles) -> LogKeys | None:
    try:
        return files.log_keys()
    except BadNote:
        return None


def _claimed_size(text: str) -> int:
    try:
        return unverified(text)[1].size
    except BadNote:
        return -1
