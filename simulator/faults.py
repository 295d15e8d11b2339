"""Failures on request: what goes wrong with sends, receipts, handsets and webhooks, and how often.

A fault script is a JSON document such as `{"send": [{"kind": "error_after", "status": 500, "times": 3}],
"callbacks": {"shuffle": true}, "webhooks": {"drop": 0.05}, "seed": 7}`. With a seed the same script draws the
same lots, so that a failing run can be repeated.
"""

from random import Random
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Chance = Annotated[float, Field(ge=0, le=1)]
Item = TypeVar("Item")

SendFaultKind = Literal[
    "error_before",  # an error answer; the message was not taken
    "error_after",  # an error answer although the message was taken
    "hang_before",  # no answer for `seconds`, then 503; not taken
    "hang_after",  # taken, and no answer for `seconds`
    "reset",  # the connection is cut; not taken
    "reset_after",  # taken, then the connection is cut
    "throttle",  # 429 with Retry-After; not taken
]


class _Script(BaseModel):
    # A misspelt fault would make a test pass for the wrong reason, so unknown names are refused.
    model_config = ConfigDict(extra="forbid")


class SendFault(_Script):
    """One kind of failure of `POST Messages.json`, for the next `times` requests that draw its lot."""

    kind: SendFaultKind
    status: Annotated[int, Field(ge=400, le=599)] = 500
    code: int | None = None
    seconds: Annotated[float, Field(ge=0, le=3600)] = 30
    retry_after: Annotated[int, Field(ge=0)] = 1
    times: Annotated[int, Field(ge=1)] = 1
    chance: Chance = 1.0

    @property
    def takes_message(self) -> bool:
        """Whether the message is accepted and delivered in spite of the failure."""
        return self.kind in {"error_after", "hang_after", "reset_after"}


class HandsetFault(_Script):
    """The next `times` messages do not reach the handset, for example 30003 (unreachable)."""

    status: Literal["undelivered", "failed"] = "undelivered"
    error_code: int = 30003
    times: Annotated[int, Field(ge=1)] = 1


class CallbackFaults(_Script):
    """How delivery receipts misbehave: posted twice, out of order, not at all, or only after a while."""

    duplicate: bool = False
    shuffle: bool = False
    drop: Chance = 0.0
    late_seconds: Annotated[float, Field(ge=0, le=86400)] = 0.0


class WebhookFaults(_Script):
    """How inbound webhooks misbehave; a dropped one is still in the list of messages."""

    duplicate: bool = False
    drop: Chance = 0.0


class FaultScript(_Script):
    """Everything that shall go wrong. The default is that nothing does."""

    send: list[SendFault] = []
    handset: list[HandsetFault] = []
    callbacks: CallbackFaults = CallbackFaults()
    webhooks: WebhookFaults = WebhookFaults()
    seed: int | None = None


class Faults:
    """The script in force, what is left of it, and the lots it draws."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        self.replace(FaultScript())

    def replace(self, script: FaultScript) -> None:
        """Put `script` in force, in place of what was left of the one before."""
        self.script = script.model_copy(deep=True)
        self._lots = Random(script.seed)

    @property
    def active(self) -> bool:
        """Whether anything can still go wrong."""
        return self.script.model_copy(update={"seed": None}) != FaultScript()

    def next_send_fault(self) -> SendFault | None:
        """The failure of this send, if one is due; uses up one of its times."""
        for fault in self.script.send:
            if self._drawn(fault.chance):
                self.script.send = _use_up(self.script.send, fault)
                return fault
        return None

    def next_handset_fault(self) -> HandsetFault | None:
        """The failure of this delivery, if one is due; uses up one of its times."""
        if not self.script.handset:
            return None
        fault = self.script.handset[0]
        self.script.handset = _use_up(self.script.handset, fault)
        return fault

    def receipt_copies(self) -> int:
        """How often this receipt is posted: 0 when dropped, 2 when duplicated."""
        if self._drawn(self.script.callbacks.drop):
            return 0
        return 2 if self.script.callbacks.duplicate else 1

    def webhook_copies(self) -> int:
        """How often this inbound webhook is posted: 0 when dropped, 2 when duplicated."""
        if self._drawn(self.script.webhooks.drop):
            return 0
        return 2 if self.script.webhooks.duplicate else 1

    def holds_receipts(self) -> bool:
        """Whether receipts wait until the delivery is over, because they come shuffled or late."""
        return self.script.callbacks.shuffle or self.script.callbacks.late_seconds > 0

    def shuffled(self, receipts: list[Item]) -> list[Item]:
        """The receipts in the order they go out. Two different ones never keep their natural order."""
        if not self.script.callbacks.shuffle:
            return receipts
        order = self._lots.sample(receipts, len(receipts))
        return order if order != receipts else list(reversed(receipts))

    def _drawn(self, chance: float) -> bool:
        return self._lots.random() < chance


CountedFault = TypeVar("CountedFault", SendFault, HandsetFault)


def _use_up(faults: list[CountedFault], used: CountedFault) -> list[CountedFault]:
    left = used.model_copy(update={"times": used.times - 1})
    return [left if fault is used else fault for fault in faults if fault is not used or left.times > 0]
