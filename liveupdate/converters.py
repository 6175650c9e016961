"""Parts of addresses that this room has its own words for."""

from django.urls.converters import StringConverter


class StreamConverter(StringConverter):
    """The name of one of a command's two streams."""

    regex = "stdout|stderr"
