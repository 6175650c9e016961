"""What may be sent to the API."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from rest_framework import serializers


def one_of(kind: type[StrEnum], **options: Any) -> serializers.ChoiceField:
    """A value of an enumeration."""
    return serializers.ChoiceField(choices=[(member.value, member.name) for member in kind], **options)


class ExactSerializer(serializers.Serializer[Any]):
    """Takes the fields that it names and refuses every other: nothing that is sent is silently ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError for fields that there are not, and for wrong values."""
        strange = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        if strange:
            raise serializers.ValidationError({str(name): ["There is no such field."] for name in strange})
        return super().to_internal_value(data)
