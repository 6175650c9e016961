"""Say something about a request to those who ask and decide."""

from django.db import transaction

from liveupdate.actions.requests import subject_of
from liveupdate.models import Comment
from liveupdate.policies import require_voice, visible_requests
from portal.access.models import User
from portal.audit.actor import Actor
from portal.audit.events import Event
from portal.audit.record import record
from portal.lib.errors import Invalid

LONGEST = 2000
"""Characters of one comment."""


def say(person: User, request_id: int, text: str) -> Comment:
    """Keep what a person says about a request, whatever its state; nobody takes it away again.

    Raises Invalid for nothing or too much, NotAllowed for who neither asks nor decides in its team.
    """
    if not text.strip() or len(text) > LONGEST:
        raise Invalid(
            f"A comment has 1 to {LONGEST} characters.", remedy="Say it in as many.", code="text_length"
        )
    with transaction.atomic():
        request = visible_requests(person).select_related("team", "lpar__host").filter(pk=request_id).first()
        if request is None:
            raise Invalid("There is no such request among those you may see.", code="not_found")
        require_voice(person, request)
        comment = Comment.objects.create(request=request, person=person, text=text)
        data = {"comment": comment.pk, "text": text}
        record(Event.REQUEST_COMMENT, Actor.person(person.public_id), subject_of(request), data)
    return comment
