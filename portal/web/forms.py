"""How forms look, for every form of the portal."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Renders `{{ form }}` and `{{ form.name.as_field_group }}` with the portal's components."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
