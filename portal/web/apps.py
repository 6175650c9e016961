"""Django's registration of this room."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The `web` app."""

    name = "portal.web"
    label = "web"
