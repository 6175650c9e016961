"""What a verification of the ledger compares with it: who has which rights, and signs in with what.

Adding a comparison is adding it to `COMPARED`.
"""

from portal.access.evidence.people import Accounts, Memberships
from portal.access.evidence.personal import Erasures, LegalHolds, Names
from portal.access.evidence.second_factors import SecondFactors, UsedRecoveryCodes
from portal.access.evidence.tokens import Tokens

COMPARED = (Memberships, Accounts, Names, Erasures, LegalHolds, SecondFactors, UsedRecoveryCodes, Tokens)
