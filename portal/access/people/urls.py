"""Addresses of the pages of people."""

from django.urls import URLPattern, path

from portal.access.people import views

urlpatterns: list[URLPattern] = [
    path("", views.PeopleView.as_view(), name="people"),
    path("<int:pk>/", views.PersonView.as_view(), name="person"),
    path("<int:pk>/grant/", views.GrantView.as_view(), name="grant-role"),
    path(
        "<int:pk>/second-factor/reset/",
        views.ResetSecondFactorView.as_view(),
        name="reset-second-factor",
    ),
    path("<int:pk>/revoke/<int:membership>/", views.RevokeView.as_view(), name="revoke-role"),
]
