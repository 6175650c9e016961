"""Outputs of AIX that no readiness check needs: one command and its parser per file."""
