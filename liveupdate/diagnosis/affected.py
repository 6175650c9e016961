"""Which AIX levels a signature concerns, by what `knowledge/levels.yaml` knows."""

from inventory.facts.level import Level
from liveupdate.diagnosis.base import Signature
from liveupdate.knowledge.levels import TABLE, Hit, allows, apars_of, first_level, hit_by

ALL_LEVELS = "all levels"


def levels_of(signature: Signature) -> list[str]:
    """The levels concerned, in words."""
    if signature.defect is not None:
        return [_words(hit) for hit in TABLE.defects[signature.defect].hits if hit.first != hit.before]
    if signature.until is not None:
        return [f"below {first_level(signature.until)}"]
    return [ALL_LEVELS]


def apars(signature: Signature) -> list[str]:
    """The APARs that repair it, in their order of names."""
    return sorted(apars_of(signature.defect)) if signature.defect is not None else []


def concerns(signature: Signature, level: Level) -> bool | None:
    """Whether the level is one of those; None when it does not say enough to tell."""
    try:
        if signature.defect is not None:
            return hit_by(signature.defect, level) is not None
        return signature.until is None or not allows(signature.until, level)
    except ValueError:
        return None


def repaired_by(signature: Signature, level: Level) -> str:
    """The APAR that repairs it at this level; empty if there is none, or it is not known."""
    if signature.defect is None or not level.is_complete:
        return ""
    hit = hit_by(signature.defect, level)
    return hit.apar if hit else ""


def _words(hit: Hit) -> str:
    if hit.before is not None:
        words = f"{hit.first} and above, below {hit.before}"
    elif hit.first == hit.through:
        words = str(hit.first)
    else:
        words = f"{hit.first} to {hit.through}"
    return f"{words} ({hit.apar})" if hit.apar else words
