"""Every address of the portal."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("portal.web.urls")),
    path("", include("portal.access.urls")),
    path("", include("inventory.urls")),
    path("", include("liveupdate.urls")),
    path("account/", include("portal.access.account.urls")),
    path("api/", include("portal.api")),
    path("people/", include("portal.access.people.urls")),
    path("audit/", include("portal.access.auditing.urls")),
]

handler400 = "portal.web.errors.bad_request"
handler403 = "portal.web.errors.forbidden"
handler404 = "portal.web.errors.not_found"
handler500 = "portal.web.errors.server_error"
