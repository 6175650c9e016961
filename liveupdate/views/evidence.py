"""An evidence bundle for whoever audits: asked for on a page, checked without the portal."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.generic import TemplateView

from liveupdate.bundle.scope import Scope
from liveupdate.bundle.writing import write_bundle
from liveupdate.pages.evidence_form import EvidenceForm
from portal.access.auditing.views import READERS
from portal.access.policies import require
from portal.access.requests import person_of
from portal.audit.actor import Actor
from portal.audit.partial import count_of
from portal.lib.errors import Invalid
from portal.web.downloads import download

WRITTEN_HERE = 20_000
"""Entries of a bundle that is written while somebody waits; more is a matter for the command."""
PIECE = 64 * 1024


class EvidenceView(TemplateView):
    """Choose what a bundle is about, and take it away."""

    template_name = "audit/evidence.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """For auditors and administrators of everything. Raises NotAllowed."""
        require(person_of(request), READERS, None, "take evidence away")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, filled with what the address names."""
        form = kwargs.pop("form", None) or EvidenceForm(initial=self.request.GET.dict())
        return super().get_context_data(form=form, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """The bundle as a download. Raises Conflict where nothing belongs to what was asked for."""
        form = EvidenceForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        try:
            _check_size(form.scope)
        except Invalid as error:
            form.add_error(None, f"{error.message} {error.remedy}")
            return self.render_to_response(self.get_context_data(form=form), status=400)
        name = "-".join(["evidence", *(str(word)[:10] for word in form.scope.words.values())])
        actor = Actor.person(person_of(request).public_id)
        return download(_pieces(_written(form, actor)), f"{name}.zip")


def _check_size(scope: Scope) -> None:
    count = count_of(scope.wanted)
    if count > WRITTEN_HERE:
        raise Invalid(
            f"About {count:,} entries belong to it: too many to write while you wait.",
            remedy="Ask for less, or run `manage.py evidence`, which has no limit.",
            code="too_many_entries",
        )


def _written(form: EvidenceForm, actor: Actor) -> BinaryIO:
    """The bundle as an open file that nobody else sees and that is gone when it is closed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evidence.zip"
        names = not form.cleaned_data["pseudonyms"]
        write_bundle(form.scope, path, actor, names=names, told=lambda *_progress: None)
        return path.open("rb")


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(PIECE):
            yield piece
