"""Addresses of the pages of people."""

from django.urls import URLPattern, path

from portal.access.people import personal, views

urlpatterns: list[URLPattern] = [
    path("", views.PeopleView.as_view(), name="people"),
    path("<int:pk>/", views.PersonView.as_view(), name="person"),
    path("<int:pk>/grant/", views.GrantView.as_view(), name="grant-role"),
    path(
        "<int:pk>/second-factor/reset/",
        views.ResetSecondFactorView.as_view(),
        name="reset-second-factor",
    ),
    path("<int:pk>/erasure/ask/", personal.AskErasureView.as_view(), name="ask-erasure"),
    path("<int:pk>/erasure/withdraw/", personal.WithdrawErasureView.as_view(), name="withdraw-erasure"),
    path("<int:pk>/erasure/confirm/", personal.ConfirmErasureView.as_view(), name="confirm-erasure"),
    path("<int:pk>/hold/set/", personal.SetHoldView.as_view(), name="set-hold"),
    path("<int:pk>/hold/ask-end/", personal.AskEndOfHoldView.as_view(), name="ask-end-of-hold"),
    path("<int:pk>/hold/end/", personal.EndHoldView.as_view(), name="end-hold"),
    path("<int:pk>/revoke/<int:membership>/", views.RevokeView.as_view(), name="revoke-role"),
]
