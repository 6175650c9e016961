"""Django's registration of this room."""

from importlib import import_module

from django.apps import AppConfig
from django.core.checks import register

from portal.audit.verification.comparisons import COMPARISONS


class LiveUpdateConfig(AppConfig):
    """The `liveupdate` app."""

    name = "liveupdate"
    label = "liveupdate"

    def ready(self) -> None:
        """Check the settings, and let a verification of the ledger compare what pages show."""
        register(import_module("liveupdate.checks").check_drift_rules)
        COMPARISONS.extend(import_module("liveupdate.evidence").COMPARED)
