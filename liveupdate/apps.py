"""Django's registration of this room."""

from importlib import import_module

from django.apps import AppConfig

from portal.audit.verification.comparisons import COMPARISONS


class LiveUpdateConfig(AppConfig):
    """The `liveupdate` app."""

    name = "liveupdate"
    label = "liveupdate"

    def ready(self) -> None:
        """Let a verification of the ledger compare what pages show."""
        COMPARISONS.extend(import_module("liveupdate.evidence").COMPARED)
