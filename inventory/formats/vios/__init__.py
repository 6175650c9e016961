"""Outputs of a VIOS that no readiness check needs: one command and its parser per file."""
