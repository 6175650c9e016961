"""The roles people hold, in a team or everywhere."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a membership lets a person do; nobody decides on a request of their own, in any role."""

    REQUESTER = "requester", "App owner"
    EMERGENCY = "emergency", "Emergency requester"
    APPROVER = "approver", "Approver"
    OPERATOR = "operator", "Operator"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"
