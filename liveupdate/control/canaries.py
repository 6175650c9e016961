"""Canaries that represent: of many LPARs few that have every trait of the others (greedy set cover)."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What of an LPAR could make an update go otherwise; `unknown` names what nobody has read."""

    traits: frozenset[str]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which LPARs have nothing that no canary has; `missing` maps the other traits to who has them."""

    covered: tuple[str, ...]
    total: int
    missing: Mapping[str, tuple[str, ...]]
    canaries: int

    @property
    def summary(self) -> str:
        """Without the traits."""
        verb = "covers" if self.canaries == 1 else "cover"
        return f"{verb} {len(self.covered)} of {self.total} LPARs' fingerprints"

    @property
    def sentence(self) -> str:
        """`covers 34 of 40 LPARs' fingerprints; not covered: …`, with what most LPARs have first."""
        return f"{self.summary}; not covered: {', '.join(self.missing)}" if self.missing else self.summary


def propose_canaries(
    fingerprints: Mapping[str, Fingerprint], most: int, eligible: Collection[str] | None = None
) -> list[str]:
    """At most `most` LPARs whose traits together are as many as greed finds; of equals the first by name.

    Only those of `eligible` are taken, all where it is None; the first is taken even if nothing is known.
    """
    weights = Counter(trait for each in fingerprints.values() for trait in each.traits)
    left = sorted(set(fingerprints if eligible is None else eligible) & set(fingerprints))
    chosen: list[str] = []
    seen: frozenset[str] = frozenset()
    while left and len(chosen) < most:
        gains = {name: fingerprints[name].traits - seen for name in left}
        best = max(left, key=lambda name: (len(gains[name]), sum(weights[one] for one in gains[name])))
        if chosen and not gains[best]:
            break
        chosen.append(best)
        left.remove(best)
        seen |= fingerprints[best].traits
    return chosen


def coverage_of(fingerprints: Mapping[str, Fingerprint], canaries: Collection[str]) -> Coverage:
    """What these canaries stand for."""
    seen = frozenset[str]().union(*(fingerprints[name].traits for name in canaries))
    missing: dict[str, list[str]] = {}
    covered = []
    for name, each in sorted(fingerprints.items()):
        unknown = [] if name in canaries else [f"unknown {what}" for what in each.unknown]
        others = [*sorted(each.traits - seen), *unknown]
        for trait in others:
            missing.setdefault(trait, []).append(name)
        if not others:
            covered.append(name)
    by_weight = sorted(missing.items(), key=lambda item: (-len(item[1]), item[0]))
    named = {trait: tuple(who) for trait, who in by_weight}
    return Coverage(tuple(covered), len(fingerprints), named, len(canaries))
