"""Django's registration of this room."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The `demo` app."""

    name = "portal.demo"
    label = "demo"
