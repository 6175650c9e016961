"""Forms of the inventory's pages."""

from typing import Any

from django import forms

from inventory.imports.reader import MAX_BYTES


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
