"""Celery tasks of this room."""
