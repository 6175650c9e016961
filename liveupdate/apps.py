"""Django's registration of this room."""

from django.apps import AppConfig


class LiveUpdateConfig(AppConfig):
    """The `liveupdate` app."""

    name = "liveupdate"
    label = "liveupdate"
