"""Foundations of the API: refusals, pages, byte ranges."""
