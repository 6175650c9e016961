"""Addresses of this room."""

from django.urls import URLPattern, path

from portal.access import views

urlpatterns: list[URLPattern] = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
]
