"""Forms of signing in and of confirming that one is still oneself."""

from django import forms

from portal.access.factors import Factor

CODE = forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"})


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        max_length=40,
        label="Code",
        widget=CODE,
        help_text="Six digits from your authenticator app. Lost it? Type one of your recovery codes.",
    )


class PasswordForm(forms.Form):
    """The password once more."""

    password = forms.CharField(
        max_length=4096,
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


FORM_FOR: dict[Factor, type[forms.Form]] = {
    Factor.PASSWORD: PasswordForm,
    Factor.SECOND_FACTOR: CodeForm,
}
"""What is asked for to give which factor."""
