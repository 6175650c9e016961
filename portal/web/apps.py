"""Django's registration of this room."""

from django.apps import AppConfig

from portal.web.signatures import remember_signatures


class WebConfig(AppConfig):
    """The `web` app."""

    name = "portal.web"
    label = "web"

    def ready(self) -> None:
        """Make lists cheap."""
        remember_signatures()
