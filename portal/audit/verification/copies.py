"""Compares an entry's bytes with the copies of its members beside them."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from portal.audit.objects import object_of
from portal.audit.rows import RawRow, StoredRow, instant

_QUOTE = ord('"')


def copies_hold(row: RawRow) -> bool:
    """Whether an entry whose bytes are known to be canonical has these copies, told without reading it all.

    Keys are sorted, so actor and time stand at the beginning, outcome, number, subject, event and
    channel at the end, and a quote inside a text never looks like one of these. False also where only
    reading can tell.
    """
    content, event, kind, actor, channel, action, outcome, thing, request, run, rs, epoch, at = _of(row)
    head = f'{{"actor":{{"id":"{actor}","k":"{kind}"}},"at":"{at[:10]}T{at[11:26]}Z",'
    if not (content.startswith(head.encode()) and at[26:] in ("", "+00")):
        return False
    start = content.rfind(b',"sub":{')
    end = content.rfind(b',"t":"')
    version, *said = _tail(content[end + 1 :])
    subject = _subject(content[start + 7 : end])
    if said != [event, channel, action] or thing != (subject[3] if version > 1 else ""):
        return False
    if not content.endswith(_before_subject(outcome, rs), 0, start):
        return False
    if rs is None:
        return bool(content[start - 1] == _QUOTE and subject[0] == request and run is epoch is None)
    return bool(subject[:3] == (request, run, epoch))


def _of(row: RawRow) -> RawRow:
    return row[3], *row[6:]


def _before_subject(outcome: str, rs: int | None) -> bytes:
    said = f',"outcome":"{outcome}"' if outcome else ""
    return (said if rs is None else f'{said},"rs":{rs}').encode()


@lru_cache(maxsize=4096)
def _tail(content: bytes) -> tuple[int, str, str, str]:
    """Version, event, channel and action of the end of an entry. Raises ValueError."""
    tail = json.loads(b"{" + content)
    return int(tail["v"]), str(tail["t"]), *_via(tail)


def _via(document: Mapping[str, Any]) -> tuple[str, str]:
    """Channel and action; entries of version 1 have neither."""
    via = document.get("via", {})
    return str(via.get("channel", "")), str(via.get("action", ""))


@lru_cache(maxsize=4096)
def _subject(content: bytes) -> tuple[str, Any, Any, str]:
    """Request, run, epoch and object of a subject: neighbours often have the same. Raises ValueError."""
    subject = json.loads(content)
    request = str(subject.get("request", ""))
    return request, subject.get("run"), subject.get("epoch"), object_of(subject)


def copies_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the columns beside an entry's bytes have to hold, but for `at`. Raises KeyError, TypeError."""
    subject, actor, rs = document["sub"], document["actor"], document.get("rs")
    channel, action = _via(document)
    return {
        "event": document["t"],
        "actor_kind": actor["k"],
        "actor_id": actor["id"],
        "channel": channel,
        "action": action,
        "outcome": document.get("outcome", ""),
        "object": object_of(subject) if document["v"] > 1 else "",
        "request": str(subject.get("request", "")),
        "rs": rs,
        "run": None if rs is None else subject["run"],
        "epoch": None if rs is None else subject.get("epoch"),
    }


def altered_copies(row: StoredRow, document: Mapping[str, Any]) -> list[str]:
    """Names of columns that do not say what the entry says. Raises KeyError, ValueError, TypeError."""
    altered = [name for name, said in copies_of(document).items() if getattr(row, name) != said]
    if instant(row.at) != datetime.fromisoformat(document["at"]):
        altered.append("at")
    return altered
