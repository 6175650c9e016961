"""What the portal keeps of a person beside the ledger, and how it goes: commitment, legal hold, erasure."""
