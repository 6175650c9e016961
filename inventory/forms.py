"""Forms of the inventory's pages."""

from typing import Any

from django import forms
from django.utils.timezone import localdate

from inventory.actions.decisions import HostEntry
from inventory.imports.reader import MAX_BYTES
from inventory.models import Credential, NimMaster
from inventory.transport.algorithms import WEAK
from portal.access.models import Team, User

DAY = forms.DateInput(attrs={"type": "date"})


class ImportForm(forms.Form):
    """A file, or its content after it was checked; `format` tells CSV from YAML for pasted text."""

    file = forms.FileField(
        required=False, label="File", help_text="A .csv or .yaml file, or paste its content below."
    )
    format = forms.ChoiceField(choices=[("csv", "CSV"), ("yaml", "YAML")], label="Format of what is pasted")
    content = forms.CharField(
        required=False,
        label="Content",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "class": "mono"}),
    )

    def clean(self) -> dict[str, Any]:
        """`filename` and `raw`: what is to be imported, wherever it came from."""
        cleaned = super().clean() or {}
        upload = cleaned.get("file")
        if upload is not None:
            if upload.size > MAX_BYTES:
                raise forms.ValidationError("The file is larger than 4 MiB.")
            cleaned["filename"], cleaned["raw"] = upload.name, upload.read()
        elif "format" in cleaned and cleaned.get("content", "").strip():
            cleaned["filename"] = f"pasted.{cleaned['format']}"
            cleaned["raw"] = cleaned["content"].encode()
        else:
            raise forms.ValidationError("Choose a file or paste its content.")
        return cleaned


class BaselineForm(forms.Form):
    """What level is asked of whom until when."""

    name = forms.CharField(max_length=60, label="Name", help_text="What people call it: production 2026.")
    minimum_level = forms.CharField(
        max_length=20,
        label="Lowest level",
        help_text="7200-05-04-2220; or with parts left open, 7200-05-04 or 7200-05.",
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "autocomplete": "off"}),
    )
    environment = forms.CharField(max_length=20, required=False, help_text="Empty: every environment.")
    team = forms.ModelChoiceField(Team.objects.all(), required=False, empty_label="Every team")
    due_on = forms.DateField(widget=DAY, label="Due on", help_text="From the next day on it is overdue.")
    reason = forms.CharField(max_length=2000, label="Why", widget=forms.Textarea(attrs={"rows": 2}))


class ExceptionForm(forms.Form):
    """Leave for one LPAR to stay below its baselines."""

    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True), label="Owner", help_text="Who asked for it and answers for it."
    )
    reason = forms.CharField(max_length=2000, label="Why", widget=forms.Textarea(attrs={"rows": 2}))
    compensation = forms.CharField(
        max_length=2000,
        label="Meanwhile",
        help_text="What is done against the risk: a firewall rule, closer watching.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    starts_on = forms.DateField(widget=DAY, label="From", initial=localdate)
    expires_on = forms.DateField(
        widget=DAY, label="Until", help_text="The last day; after it the LPAR is overdue again."
    )


class SshExceptionForm(forms.Form):
    """What one host may use below the portal's floor of SSH algorithms; nothing chosen ends an exception."""

    algorithms = forms.MultipleChoiceField(
        choices=[(name, name) for name in WEAK],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Allowed below the floor",
    )
    reason = forms.CharField(required=False, max_length=400, label="Why, and until when")


class AparListForm(forms.Form):
    """IBM's list of security and HIPER faults."""

    file = forms.FileField(label="apar.csv", help_text="As IBM publishes it (FLRT, page aparCSV).")

    def clean_file(self) -> Any:
        """Refuses what cannot be the list by its size."""
        upload = self.cleaned_data["file"]
        if upload.size > 16 * MAX_BYTES:
            raise forms.ValidationError("The file is larger than 64 MiB.")
        return upload


class EntryForm(forms.Form):
    """What the portal has to know of new LPARs that no HMC tells: whose they are, and how to sign in."""

    team = forms.ModelChoiceField(queryset=Team.objects.order_by("name"))
    environment = forms.CharField(max_length=20, initial="production")
    application = forms.CharField(max_length=80, required=False)
    account = forms.CharField(max_length=32, initial="root")
    credential = forms.ModelChoiceField(queryset=Credential.objects.order_by("name"))
    port = forms.IntegerField(min_value=1, max_value=65535, initial=22)
    nim_master = forms.ModelChoiceField(
        queryset=NimMaster.objects.select_related("host"), required=False, label="NIM master"
    )

    @property
    def entry(self) -> HostEntry:
        """What was entered."""
        return HostEntry(**self.cleaned_data)


class OneEntryForm(EntryForm):
    """The same for one LPAR, which may get another name and address than those proposed."""

    name = forms.CharField(max_length=100, label="Name", help_text="What the portal calls the host.")
    address = forms.CharField(max_length=253, help_text="A host name or IP address.")
    field_order = ("name", "address")
