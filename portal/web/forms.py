"""How forms look, for every form of the portal."""

from django.forms import DateTimeInput
from django.forms.renderers import TemplatesSetting
from django.utils.functional import lazy
from django.utils.timezone import get_current_timezone_name


def _in_site_zone() -> str:
    return f"Time zone of this site: {get_current_timezone_name()}."


IN_SITE_ZONE = lazy(_in_site_zone, str)()
"""The help of a `LocalTimeInput`: which zone its times are of."""


class LocalTimeInput(DateTimeInput):
    """A date and time in the site's zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class Renderer(TemplatesSetting):
    """Renders `{{ form }}` and `{{ form.name.as_field_group }}` with the portal's components."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
