"""Django's registration of this room."""

from django.apps import AppConfig


class RunnerConfig(AppConfig):
    """The `runner` app."""

    name = "portal.runner"
    label = "runner"
