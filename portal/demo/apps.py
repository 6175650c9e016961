"""Django's registration of this room."""

from importlib import import_module

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The `demo` app."""

    name = "portal.demo"
    label = "demo"

    def ready(self) -> None:
        """Register the deployment check."""
        import_module("portal.demo.checks")
