"""What every template knows."""

from django.conf import settings
from django.http import HttpRequest


def site(_request: HttpRequest) -> dict[str, str]:
    """`portal_name`, and `portal_environment` where set (`demo`, `test`, …)."""
    return {"portal_name": settings.SITE_NAME, "portal_environment": settings.SITE_ENVIRONMENT}
