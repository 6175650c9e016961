"""What a verification of the ledger compares with it: who signs in with what, whose programs come with what.

Adding a comparison is adding it to `COMPARED`.
"""

from portal.access.evidence.second_factors import SecondFactors
from portal.access.evidence.tokens import Tokens

COMPARED = (SecondFactors, Tokens)
