"""What a verification of the ledger compares with it: rows that decide to whom the portal speaks."""

from inventory.evidence.host_keys import PinnedKeys

COMPARED = (PinnedKeys,)
