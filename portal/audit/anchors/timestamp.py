"""A time-stamp authority: proof of when a checkpoint was there at the latest (RFC 3161)."""

import base64
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from portal.audit.anchors.base import Anchor, AnchorFailed, Answer, Published
from portal.audit.models import Receipt
from portal.lib.errors import Invalid

TIMEOUT_S = 20.0
QUERY_TYPE = "application/timestamp-query"


class TimestampAnchor(Anchor):
    """Has the newest checkpoint time-stamped once in a while."""

    kind = "timestamp"

    def __init__(self, url: str, ca_file: str, hours: float) -> None:
        self.url = url
        self.pause = timedelta(hours=hours)
        self.roots = _certificates(ca_file)
        self.name = f"timestamp {url}"

    def publish(self, checkpoint: Published, last: int) -> Answer | None:
        """Ask for a token over the checkpoint and check it. Raises AnchorFailed."""
        content = checkpoint.note.encode()
        request = TimestampRequestBuilder().data(content).nonce(nonce=True).build()
        try:
            with httpx.Client(timeout=TIMEOUT_S, trust_env=False) as client:
                reply = client.post(
                    self.url, content=request.as_bytes(), headers={"Content-Type": QUERY_TYPE}
                )
            reply.raise_for_status()
            response = decode_timestamp_response(reply.content)
        except (httpx.HTTPError, ValueError) as error:
            raise AnchorFailed(f"{self.name} gives no token: {error}.") from error
        if response.tst_info.nonce != request.nonce:
            raise AnchorFailed(f"{self.name} answered another question.")
        token = base64.b64encode(reply.content).decode()
        stamped_at(token, checkpoint.note, self.roots)
        return Answer(Receipt.Kind.TOKEN, token, {"checkpoint": checkpoint.note, "token": token})


def stamped_at(token: str, note: str, roots: list[Certificate]) -> datetime:
    """When the checkpoint was stamped, once the token (a base64 reply) was checked. Raises AnchorFailed."""
    builder = VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        response: TimeStampResponse = decode_timestamp_response(base64.b64decode(token, validate=True))
        builder.build().verify_message(response, note.encode())
    except (ValueError, VerificationError) as error:
        raise AnchorFailed(f"A time-stamp token is not good: {error}.") from error
    return response.tst_info.gen_time


def _certificates(path: str) -> list[Certificate]:
    try:
        return load_pem_x509_certificates(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise Invalid(
            f"{path!r} holds no certificates of a time-stamp authority ({error}).",
            remedy="Name its root certificates (PEM) in LEDGER_TIMESTAMP_CA.",
            code="file_not_readable",
        ) from error
