"""Requests, decisions, runs and findings in the API."""
