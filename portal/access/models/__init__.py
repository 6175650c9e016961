"""The tables of this room."""

from portal.access.models.people import Membership, Team, User, new_public_id
from portal.access.models.personal import Erasure, LegalHold
from portal.access.models.saved_filters import SavedFilter
from portal.access.models.second_factors import RecoveryCode, SecondFactor
from portal.access.models.sessions import PersonSession
from portal.access.models.tokens import ApiToken, IdempotentAnswer

__all__ = [
    "ApiToken",
    "Erasure",
    "IdempotentAnswer",
    "LegalHold",
    "Membership",
    "PersonSession",
    "RecoveryCode",
    "SavedFilter",
    "SecondFactor",
    "Team",
    "User",
    "new_public_id",
]
