"""Import of hosts by page: check first, then take it; all rows or none."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import FormView

from inventory.actions.imports import ImportResult, import_hosts
from inventory.forms import ImportForm
from portal.access.policies import require
from portal.access.requests import person_of
from portal.access.roles import Role
from portal.audit.actor import Actor
from portal.lib.errors import Invalid


class ImportView(FormView[ImportForm]):
    """Shows what a file would change; imports it once it is clean."""

    template_name = "inventory/import.html"
    form_class = ImportForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Administrators only."""
        require(person_of(request), {Role.ADMINISTRATOR}, None, "import hosts")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: ImportForm) -> HttpResponse:
        """Import, or show what stands in the way or would change."""
        filename, raw = form.cleaned_data["filename"], form.cleaned_data["raw"]
        person = person_of(self.request)
        try:
            result = import_hosts(
                filename,
                raw,
                actor=Actor.person(person.public_id),
                person=person,
                dry_run="import" not in self.request.POST,
            )
        except Invalid as refused:
            form.add_error(None, f"{refused.message} {refused.remedy}".strip())
            return self.form_invalid(form)
        if result.applied:
            count = sum(change.what != "unchanged" for change in result.changes)
            told = f"Imported {filename}: {count} of {len(result.changes)} rows changed something."
            messages.success(self.request, told)
            return redirect("hosts")
        return self.render_to_response(self._checked(filename, raw, result))

    def _checked(self, filename: str, raw: bytes, result: ImportResult) -> dict[str, Any]:
        """The form again with the checked text in it, and what the check said."""
        kind = "csv" if filename.lower().endswith(".csv") else "yaml"
        text = raw.decode("utf-8-sig", "replace")
        again = ImportForm(initial={"format": kind, "content": text})
        return self.get_context_data(form=again, result=result, filename=filename)
