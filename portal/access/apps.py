"""Django's registration of this room."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """The `access` app."""

    name = "portal.access"
    label = "access"
