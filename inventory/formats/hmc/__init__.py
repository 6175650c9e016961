"""Outputs of an HMC that no readiness check needs: one command and its parser per file."""
