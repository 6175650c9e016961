"""Compares an entry's bytes with the copies of its members beside them."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from portal.audit.rows import RawRow, StoredRow, instant

_QUOTE = ord('"')


def copies_hold(row: RawRow) -> bool:
    """Whether an entry whose bytes are known to be canonical has these copies, told without reading it all.

    Keys are sorted, so actor and time stand at the beginning, number, subject and event at the end, and
    a quote inside a text never looks like one of these. False also where only reading can tell.
    """
    _, _, _, content, _, _, event, kind, actor, request, run, rs, epoch, at = row
    head = f'{{"actor":{{"id":"{actor}","k":"{kind}"}},"at":"{at[:10]}T{at[11:26]}Z",'
    tail = f',"t":"{event}","v":1}}'.encode()
    if not (content.startswith(head.encode()) and content.endswith(tail) and at[26:] in ("", "+00")):
        return False
    start = content.rfind(b',"sub":{')
    subject = _subject(content[start + 7 : -len(tail)])
    if rs is None:
        return bool(content[start - 1] == _QUOTE and subject[0] == request and run is epoch is None)
    return bool(content.endswith(b',"rs":%d' % rs, 0, start) and subject == (request, run, epoch))


@lru_cache(maxsize=4096)
def _subject(content: bytes) -> tuple[str, Any, Any]:
    """Request, run and epoch of a subject: neighbours often have the same. Raises ValueError."""
    subject = json.loads(content)
    return str(subject.get("request", "")), subject.get("run"), subject.get("epoch")


def altered_copies(row: StoredRow, document: Mapping[str, Any]) -> list[str]:
    """Names of columns that do not say what the entry says. Raises KeyError, ValueError, TypeError."""
    subject, actor, rs = document["sub"], document["actor"], document.get("rs")
    entered = (
        *(document["t"], actor["k"], actor["id"], str(subject.get("request", "")), rs),
        *((None, None) if rs is None else (subject["run"], subject.get("epoch"))),
    )
    stored = (row.event, row.actor_kind, row.actor_id, row.request, row.rs, row.run, row.epoch)
    names = ("event", "actor_kind", "actor_id", "request", "rs", "run", "epoch")
    altered = [name for name, held, said in zip(names, stored, entered, strict=True) if held != said]
    if instant(row.at) != datetime.fromisoformat(document["at"]):
        altered.append("at")
    return altered
