"""What other rooms know of a person: what keeps them from being erased, and what is erased with them."""

from collections.abc import Callable, Iterator

from portal.access.models import User
from portal.lib.errors import Conflict

DUTIES: list[Callable[[User], Iterator[Conflict]]] = []
"""Each tells what is still open with a person, as the refusal to erase them. Rooms add theirs."""

ERASED_WITH_PERSON: list[Callable[[User], None]] = []
"""Each removes a person's names from rows of its room, while `User` still has them; in the transaction."""
