"""The ledger's pages. They stand above the ledger because they ask who may read it."""
