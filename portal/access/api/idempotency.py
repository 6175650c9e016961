"""`Idempotency-Key`: a POST that is sent once more is answered as before, and done once."""

from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access.models import IdempotentAnswer, User
from portal.lib.canonical import digest
from portal.lib.clock import now
from portal.lib.errors import Invalid

KEPT_FOR = timedelta(days=1)
HEADER = "Idempotency-Key"
PARAMETER = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description="Any text that names this one wish, at most 200 characters. Sent once more within a day, "
    "with the same body, it is answered as the first time and nothing is done again.",
)
REPLAYED = "Idempotent-Replayed"
KEPT_HEADERS = ("Location", "ETag")


def once(request: Request, person: User, act: Callable[[], Response]) -> Response:
    """What `act` answers, done in one transaction with keeping its answer; or the answer that was kept.

    Without the header it is only done. Raises Invalid where the key was used for something else, and
    whatever `act` raises: then nothing is kept.
    """
    key = request.headers.get(HEADER, "")
    if not key:
        return act()
    if len(key) > 200 or not key.isprintable():
        raise Invalid(f"{HEADER} has 1 to 200 characters that can be printed.", code="value_not_possible")
    asked = digest(f"{request.method} {request.get_full_path()}\n".encode() + request.body)
    IdempotentAnswer.objects.filter(person=person, at__lt=now() - KEPT_FOR).delete()
    if kept := IdempotentAnswer.objects.filter(person=person, key=key).first():
        return _again(kept, asked)
    try:
        with transaction.atomic():
            row = IdempotentAnswer.objects.create(person=person, key=key, asked_digest=asked, status=0)
            answer = act()
            row.status, row.body = answer.status_code, answer.data
            row.headers = {name: answer[name] for name in KEPT_HEADERS if name in answer}
            row.save()
    except IntegrityError:
        kept = IdempotentAnswer.objects.filter(person=person, key=key).first()
        if kept is None:
            raise
        return _again(kept, asked)
    return answer


def _again(kept: IdempotentAnswer, asked: str) -> Response:
    if kept.asked_digest != asked:
        raise Invalid(
            f"This {HEADER} was used for another request.",
            remedy="Use a new one for each wish.",
            code="key_reused",
        )
    return Response(kept.body, kept.status, headers={**kept.headers, REPLAYED: "true"})
