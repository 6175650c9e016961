"""Outputs of a NIM master that no readiness check needs: one command and its parser per file."""
