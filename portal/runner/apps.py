"""Django's registration of this room."""

from importlib import import_module

from django.apps import AppConfig


class RunnerConfig(AppConfig):
    """The `runner` app."""

    name = "portal.runner"
    label = "runner"

    def ready(self) -> None:
        """Register the deployment checks; make Celery's app the current one in every process."""
        import_module("portal.runner.checks")
        import_module("portal.celery")
