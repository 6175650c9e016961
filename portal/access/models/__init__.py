"""The tables of this room."""

from portal.access.models.people import Membership, Team, User, new_public_id
from portal.access.models.saved_filters import SavedFilter
from portal.access.models.second_factors import RecoveryCode, SecondFactor

__all__ = [
    "Membership",
    "RecoveryCode",
    "SavedFilter",
    "SecondFactor",
    "Team",
    "User",
    "new_public_id",
]
