"""Django's registration of this room."""

from importlib import import_module

from django.apps import AppConfig
from django.core.checks import register
from django.urls import register_converter

from liveupdate.converters import StreamConverter
from portal.audit.deleted_with_output import DELETED_WITH_OUTPUT
from portal.audit.verification.comparisons import COMPARISONS
from portal.web import health


class LiveUpdateConfig(AppConfig):
    """The `liveupdate` app."""

    name = "liveupdate"
    label = "liveupdate"

    def ready(self) -> None:
        """Check the settings, let a verification compare what pages show,
        say what an erasure meets, and let addresses name a stream."""
        health.register("mail", import_module("liveupdate.actions.mailing").mail_works, vital=False)
        checks = import_module("liveupdate.checks")
        register(checks.check_drift_rules)
        register(checks.check_preview_proof)
        COMPARISONS.extend(import_module("liveupdate.evidence").COMPARED)
        import_module("liveupdate.records.reports").keep_as_made()
        DELETED_WITH_OUTPUT.append(import_module("liveupdate.records.deleted_output").delete_output)
        people = import_module("portal.access.personal.duties")
        people.DUTIES.append(import_module("liveupdate.records.duties").duties_of)
        people.ERASED_WITH_PERSON.append(import_module("liveupdate.records.erased_names").erase_names)
        register_converter(StreamConverter, "stream")
