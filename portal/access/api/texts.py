"""Texts of the portal as programs read them."""

from typing import Any

from rest_framework import serializers

from portal.access.auditing.people import named


class NamedText(serializers.CharField):
    """A text that the portal wrote about people, with their names in place of pseudonyms."""

    def to_representation(self, value: Any) -> str:
        """The text as people read it."""
        return named(super().to_representation(value))
