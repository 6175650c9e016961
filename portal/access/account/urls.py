"""Addresses of the pages of one's own account."""

from django.urls import URLPattern, path

from portal.access.account import second_factor, sessions, tokens, views

urlpatterns: list[URLPattern] = [
    path("", views.AccountView.as_view(), name="account"),
    path("second-factor/", second_factor.EnrolView.as_view(), name="enrol"),
    path("second-factor/begin/", second_factor.BeginView.as_view(), name="begin-enrolment"),
    path("second-factor/remove/", second_factor.RemoveView.as_view(), name="remove-second-factor"),
    path("second-factor/recovery-codes/", second_factor.RecoveryCodesView.as_view(), name="recovery-codes"),
    path("sessions/end-others/", sessions.EndOthersView.as_view(), name="end-other-sessions"),
    path("sessions/<slug:name>/end/", sessions.EndSessionView.as_view(), name="end-session"),
    path("tokens/", tokens.MakeTokenView.as_view(), name="make-token"),
    path("tokens/<int:pk>/revoke/", tokens.RevokeTokenView.as_view(), name="revoke-token"),
]
