"""What had been let go and an older backup brought back: the entry is there, its deletion is not."""

import json

from portal.audit.authority import Authority
from portal.audit.models import Entry, Release
from portal.audit.releases import authorities

AGAIN = {
    "entries": "Prune them again: manage.py ledger_prune --entries --before {before} …",
    "chunks": "Prune it again: manage.py ledger_prune --chunks --before {before} …",
    "withheld": "A secret is in it: withhold it again with manage.py redact_late …",
}


def brought_back() -> list[str]:
    """A sentence for each entry whose bytes are there again, with what to do."""
    done = set(Release.objects.values_list("intake__entry__seq", flat=True))
    return [_sentence(each) for each in authorities() if each.seq not in done]


def _sentence(authority: Authority) -> str:
    content = Entry.objects.values_list("intake__content", flat=True).get(seq=authority.seq)
    before = str(json.loads(bytes(content))["d"].get("before", ""))[:10]
    things = "Entries" if authority.what == "entries" else "Output"
    return (
        f"{things} {authority.words} came back with a restored backup. "
        f"{AGAIN[authority.what].format(before=before)}"
    )
