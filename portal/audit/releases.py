"""Which bytes were let go, for pages and exports: read from the entries that let them go."""

import json
from dataclasses import dataclass

from portal.audit.authority import RELEASES, Authority, BadAuthority, authority_in
from portal.audit.chunks import is_stored, load_chunk, pieces_of
from portal.audit.models import Entry


def authorities() -> list[Authority]:
    """Every one that is what two people enter, the oldest first; verification tells of the others."""
    found = []
    rows = Entry.objects.filter(intake__event__in=RELEASES).order_by("seq")
    for seq, content in rows.values_list("seq", "intake__content"):
        try:
            authority = authority_in(seq, json.loads(bytes(content)))
        except (BadAuthority, ValueError):
            continue
        if authority:
            found.append(authority)
    return found


def release_of_entry(seq: int | None) -> Authority | None:
    """By what the bytes of the entry at a place may be missing."""
    if seq is None:
        return None
    return next((each for each in authorities() if each.what == "entries" and seq in each.span), None)


def release_of_output(digest: str, seq: int | None) -> Authority | None:
    """By what output is not there that the entry at a place names; None where it is, or is lost.

    What was withheld stays so although the same bytes came again.
    """
    if seq is None:
        return None
    may = [each for each in authorities() if each.lets_go(digest, seq)]
    held = next((each for each in may if each.what == "withheld"), None)
    return held or (None if is_stored(digest) else next(iter(may), None))


def released_output(run: int) -> list[str]:
    """What of a run's output was let go, in words; empty for most."""
    letting = [each for each in authorities() if each.what != "entries"]
    if not letting:
        return []
    rows = Entry.objects.filter(intake__run=run, intake__event="cmd.out").order_by("seq")
    words: dict[str, None] = {}
    for seq, content in rows.values_list("seq", "intake__content"):
        data = json.loads(bytes(content))["d"]
        for name in data["chunks"]:
            may = any(each.lets_go(name, seq) for each in letting)
            release = release_of_output(name, seq) if may else None
            if release:
                words[f"{data['stream']} of command {data['command']}: {release.words}"] = None
    return list(words)


def output_or_words(digest: str, seq: int | None) -> bytes:
    """Output that the entry at a place names, or by what it is gone. Raises ChunkDamaged."""
    release = release_of_output(digest, seq)
    return f"[{digest}: {release.words}]\n".encode() if release else load_chunk(digest)


@dataclass(frozen=True, slots=True)
class Letting:
    """How something was let go: when, by which people (pseudonyms), and why."""

    at: str
    people: tuple[str, ...]
    reason: str


def letting_of(authority: Authority) -> Letting:
    """What the entry of an authority says of itself."""
    content = Entry.objects.values_list("intake__content", flat=True).get(seq=authority.seq)
    said = json.loads(bytes(content))
    people = tuple(str(each["user"]) for each in said["d"]["people"])
    return Letting(str(said["at"]), people, str(said["d"]["reason"]))


def release_of_stream(run: int, command: int, stream: str, part: range) -> Authority | None:
    """By what some of these bytes of a command's stream may be missing; None where all are there or lost."""
    if not any(each.what != "entries" for each in authorities()):
        return None
    rows = Entry.objects.filter(intake__run=run, intake__event="cmd.out").order_by("seq")
    for seq, content in rows.values_list("seq", "intake__content"):
        data = json.loads(bytes(content))["d"]
        if (data["command"], data["stream"]) != (command, stream):
            continue
        for name, place in pieces_of(data):
            touched = place.start < part.stop and part.start < place.stop
            if touched and (release := release_of_output(name, seq)):
                return release
    return None
