"""Every address of the portal."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("portal.web.urls")),
    path("", include("portal.access.urls")),
    path("", include("inventory.urls")),
    path("", include("liveupdate.urls")),
    path("audit/", include("portal.audit.urls")),
]
