"""By which entries of the bundle bytes may be missing: what two people pruned or withheld."""

from __future__ import annotations

from typing import NamedTuple

from liveupdate.bundle.verifier.opening import Bundle, Entry
from portal.audit.authority import Authority, BadAuthority, authority_in, authority_over


class Finding(NamedTuple):
    """What is wrong; `incomplete` where something lacks, else something was altered or never allowed.

    With `authorised` nothing is: something lacks, and an entry of two people says so.
    """

    incomplete: bool
    text: str
    authorised: bool = False


def authorities_of(bundle: Bundle) -> list[Authority]:
    """What the bundle's entries let go."""
    found = []
    for entry in bundle.entries:
        try:
            authority = authority_in(entry.seq, entry.said)
        except BadAuthority:
            continue
        if authority:
            found.append(authority)
    return found


def false_claims(bundle: Bundle) -> list[Finding]:
    """Entries that claim that bytes may be missing, and are not what two people enter."""
    findings = []
    for entry in bundle.entries:
        try:
            authority_in(entry.seq, entry.said)
        except BadAuthority as error:
            text = f"Entry {entry.seq} claims that bytes may be missing, but {error}."
            findings.append(Finding(False, text))
    return findings


def lacking_output(bundle: Bundle, name: str, entry: Entry, digest: str) -> Finding:
    """Output that an entry names is not in the bundle."""
    authority = authority_over(digest, entry.seq, authorities_of(bundle))
    if authority:
        return Finding(False, f"{name}: the output {digest} was {authority.words}.", authorised=True)
    return Finding(True, f"{name}: the output {digest} is not in the bundle.")


def lacking_numbers(bundle: Bundle, run: int, entries: list[Entry]) -> list[Finding]:
    """The entries of a run are numbered from 1 on, but for those that were pruned from between them."""
    spans = [each for each in authorities_of(bundle) if each.what == "entries"]
    number, place, pruned = 0, -1, 0
    used: set[Authority] = set()
    for entry in entries:
        gap = entry.said["rs"] - number - 1
        if gap:
            allowed = _places_between(spans, place, entry.seq)
            if not 0 < gap <= len(allowed):
                text = f"Run {run}: its entries are not numbered 1 to {len(entries)}."
                return [Finding(True, text)]
            pruned, used = pruned + gap, used | set(allowed.values())
        number, place = entry.said["rs"], entry.seq
    if not pruned:
        return []
    words = " and ".join(each.words for each in sorted(used, key=lambda each: each.seq))
    return [Finding(False, f"Run {run}: {pruned} entries were {words}.", authorised=True)]


def _places_between(spans: list[Authority], low: int, high: int) -> dict[int, Authority]:
    return {
        place: each
        for each in spans
        for place in range(max(low + 1, each.span.start), min(high, each.span.stop))
    }
