"""Addresses of this room."""

from django.urls import URLPattern, path

from portal.access import filter_views, views

urlpatterns: list[URLPattern] = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-in/code/", views.SignInCode.as_view(), name="sign-in-code"),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
    path("confirm/", views.ConfirmView.as_view(), name="confirm"),
    path("filters/", filter_views.SaveFilterView.as_view(), name="save-filter"),
    path("filters/<int:pk>/remove/", filter_views.RemoveFilterView.as_view(), name="remove-filter"),
]
