"""Why something is not possible, or not yet, as the API says it."""

from rest_framework import serializers

from liveupdate.control.reasons import Reason


class ReasonSerializer(serializers.Serializer[Reason]):
    """One reason: `code` stays as it is, `until` is when it ends by itself, `link` is where to act."""

    code = serializers.CharField()
    message = serializers.CharField()
    remedy = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True)
    link = serializers.CharField()
