"""What had been let go and an older backup brought back: the entry is there, its deletion is not."""

import json

from portal.audit.authority import Authority
from portal.audit.chunks import is_stored
from portal.audit.models import Entry, Release
from portal.audit.releases import authorities

AGAIN = {
    "entries": "Prune them again: manage.py ledger_prune --entries --before {before} …",
    "chunks": "Prune it again: manage.py ledger_prune --chunks --before {before} …",
    "withheld": "A secret is in it: withhold it again with manage.py redact_late …",
}


def brought_back() -> list[str]:
    """A sentence for each entry whose bytes are there again, with what to do; none once that was done."""
    return [_sentence(each) for each in authorities() if _is_back(each)]


def _is_back(authority: Authority) -> bool:
    if authority.what == "withheld":
        own = Release.objects.filter(intake__entry__seq=authority.seq)
        return not own.exists() and any(map(is_stored, authority.digests))
    span = authority.span
    done = Release.objects.filter(what=authority.what, first__lte=span.start, end__gte=span.stop)
    return not done.exists()


def _sentence(authority: Authority) -> str:
    content = Entry.objects.values_list("intake__content", flat=True).get(seq=authority.seq)
    before = str(json.loads(bytes(content))["d"].get("before", ""))[:10]
    things = "Entries" if authority.what == "entries" else "Output"
    return (
        f"{things} {authority.words} came back with a restored backup. "
        f"{AGAIN[authority.what].format(before=before)}"
    )
