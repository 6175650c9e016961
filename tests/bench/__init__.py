"""Measures the portal beside references: `python -m tests.bench`."""
