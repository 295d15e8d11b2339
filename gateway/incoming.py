"""What Twilio told us, as it is stored at once or waits in the spool: a text, or a receipt for a text of ours.

``keep`` is the one way into the database for both, whether they come straight from a webhook or out of the spool.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from intake import failpoints
from intake.rules.phones import is_person
from intake.store.connection import Store
from intake.usecases.delivery import report
from intake.usecases.receiving import keep_system_traffic, receive_sms


class _Told(BaseModel):
    # A file of another version is set aside and looked at again by the next one, never read half.
    model_config = ConfigDict(frozen=True, extra="forbid")


class InboundText(_Told):
    """A signed text; ``opt_out_type`` is STOP, START, HELP or None."""

    kind: Literal["text"] = "text"
    message_sid: str
    sender: str
    text: str
    media_count: int
    opt_out_type: str | None


class Receipt(_Told):
    """A signed receipt: ``told_of`` is the id in the address it came to, ``state`` Twilio's word."""

    kind: Literal["receipt"] = "receipt"
    told_of: str
    provider_sid: str
    state: str
    error_code: str | None


Incoming = InboundText | Receipt
_EITHER: TypeAdapter[Incoming] = TypeAdapter(Annotated[Incoming, Field(discriminator="kind")])


def to_bytes(incoming: Incoming) -> bytes:
    """As JSON, to be sealed."""
    return incoming.model_dump_json().encode()


def from_bytes(plain: bytes) -> Incoming:
    """Reads ``to_bytes``; ValueError for anything else."""
    return _EITHER.validate_json(plain)


def name_of(incoming: Incoming) -> str:
    """A name that is the same for a webhook that is repeated: a hash of the provider's id (and a receipt's state)."""
    if isinstance(incoming, InboundText):
        parts = ["text", incoming.message_sid]
    else:
        parts = ["receipt", incoming.told_of, incoming.provider_sid, incoming.state]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def keep(store: Store, incoming: Incoming) -> str:
    """Stores it; returns what became of it: new, repeated, not_a_person; of a receipt known, unknown."""
    if isinstance(incoming, Receipt):
        state = incoming.state
        known = report(store, incoming.told_of, state, incoming.provider_sid, incoming.error_code)
        return "known" if known else "unknown"
    failpoints.reach("before_receiving")
    outcome = _keep_text(store, incoming)
    failpoints.reach("received")
    return outcome


def _keep_text(store: Store, text: InboundText) -> str:
    if not is_person(text.sender):
        keep_system_traffic(store, message_sid=text.message_sid, sender=text.sender, text=text.text)
        return "not_a_person"
    received = receive_sms(
        store,
        message_sid=text.message_sid,
        sender=text.sender,
        text=text.text,
        media_count=text.media_count,
        opt_out_type=text.opt_out_type,
    )
    return "new" if received.new else "repeated"
