"""Compares the accepted host keys with what was entered when they were accepted."""

from collections.abc import Iterator, Mapping
from typing import Any

from inventory.models import HostKey
from portal.audit.events import Event
from portal.audit.verification.comparisons import RowComparison, Values


class PinnedKeys(RowComparison[str]):
    """The one accepted key of a host, against the newest `hostkey.pin`.

    A host without one needs no comparison: the portal does not speak to it.
    """

    events = frozenset({Event.HOSTKEY_PIN})
    complete = False

    def said(self, document: Mapping[str, Any]) -> tuple[str, Values]:
        """By the host's name."""
        return document["sub"]["host"], (document["d"]["fingerprint"],)

    def rows(self) -> Iterator[tuple[str, Values]]:
        """Every host that has accepted keys; more than one is itself not what was entered."""
        pinned: dict[str, list[str]] = {}
        keys = HostKey.objects.filter(state=HostKey.State.PINNED).order_by("pk")
        for host, fingerprint in keys.values_list("host__name", "fingerprint"):
            pinned.setdefault(host, []).append(fingerprint)
        for host, fingerprints in pinned.items():
            yield host, tuple(fingerprints)

    def name(self, key: str) -> str:
        """The accepted key of host pay01."""
        return f"The accepted key of host {key}"
