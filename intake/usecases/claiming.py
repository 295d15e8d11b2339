"""The last word before a text leaves, asked right before every try: may it, must it wait, in which words, at whose cost.

A text that may have left already (a try without an answer, a worker that died in it) is handed out to be looked up first; only
when the provider does not know it after a while is it sent again. Times are in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.rules.pauses import DISCREET_GIVEN_UP, is_given_up
from intake.rules.sms_text import Accents, as_sms
from intake.rules.texting_hours import allowed, day_after
from intake.store.connection import Store
from intake.store.models import Conversation, Message
from intake.usecases import spend
from intake.usecases.alarms import SPEND_CAP, clear_alarm, keeps_texts_back, raise_alarm, stood_since
from intake.usecases.discretion import is_said_discreetly
from intake.usecases.outreach import started_by_us_may_leave
from intake.usecases.receiving import WRONG_PERSON
from intake.usecases.resending import is_superseded, reached_meanwhile, tell_staff
from intake.usecases.sendings import ASKS_PHONE, DANGER, PRACTICE, STAFF, first_sending
from intake.usecases.sms_size import MOST_SEGMENTS, count
from intake.usecases.suppression import confirms_opt_out, forbids, found_wrong

REPLY_VALID = timedelta(hours=4)  # the provider drops what it could not hand over by then; its own default is ten hours
NEXT_PART_AFTER = timedelta(seconds=3)  # carriers may swap texts that follow each other closely
_EVENING = timedelta(hours=4)  # before midnight: when texts that we start end, by texting_hours


@dataclass(frozen=True)
class SendingRules:
    """How texts leave: accents kept or dropped, seconds of looking up an unclear send, a day's segments (None: no cap).

    Without a ``time_zone`` the day is UTC's and a text is sent anew at any hour.
    """

    accents: Accents = "keep"
    unclear_seconds: float = 30.0
    daily_segments: int | None = None
    time_zone: str | None = None


NO_RULES = SendingRules()


@dataclass(frozen=True)
class ToSend:
    """A text ready to leave: our message id, the phone (E.164), the words as they leave, and how long they are worth it.

    ``tried_before``: an earlier try may have gone out; look it up first. ``tries`` is the number of the try, taken up ``at``.
    """

    message_id: UUID
    conversation_id: UUID
    phone: str
    text: str
    tried_before: bool
    at: datetime
    tries: int = 0
    validity_seconds: int = int(REPLY_VALID.total_seconds())
    is_overdue: bool = False


@dataclass(frozen=True)
class NotYet:
    """The text must wait; ``within`` seconds another try is worth while, if that is known. ``aside``: others need not."""

    reason: str
    within: float | None = None
    aside: bool = False


def claim(store: Store, message_id: UUID, rules: SendingRules = NO_RULES, *, not_found: int | None = None,
          now: datetime | None = None) -> ToSend | NotYet | None:
    """Takes a text up for one try; None when there is nothing to send (done, given up, opted out).

    ``not_found`` says that the try of this number was looked up and the provider does not know it. ``now`` is the time of day
    by which ages and hours are counted; the database's, which dates all that waits, when None.
    """
    with store.transaction() as session:
        found = lock_text(session, message_id)
        if found is None or found[1].state not in ("queued", "sending"):
            return None
        at = now or session.execute(select(func.clock_timestamp())).scalar_one()
        return _Claim(session, *found, rules, at).answer(not_found)


def lock_text(session: Session, message_id: UUID) -> tuple[Conversation, Message] | None:
    """A text of ours and its conversation, both locked, the conversation first as everywhere; None when it is none of ours."""
    query = select(Message.conversation_id).where(Message.id == message_id, Message.direction == "outbound")
    conversation_id = session.scalar(query)
    if conversation_id is None:
        return None
    conversation = session.get_one(Conversation, conversation_id, with_for_update={"key_share": True})
    return conversation, session.get_one(Message, message_id, with_for_update=True, populate_existing=True)


@dataclass
class _Claim:
    """One claim: the text with its conversation, both locked, and the moment."""

    session: Session
    conversation: Conversation
    message: Message
    rules: SendingRules
    now: datetime

    def answer(self, not_found: int | None) -> ToSend | NotYet | None:
        if self._needs_no_try():
            return None
        may_have_left = self.message.state == "sending"
        if may_have_left and self.message.tries != not_found:
            return self._as_it_leaves(tried_before=True)
        if self._is_overdue():
            self._give_up()
            return None
        wait = self._must_wait()
        if wait is None and not started_by_us_may_leave(self.session, self.message, self.now):
            return None
        return wait or self._begin_try(may_have_left)

    def _needs_no_try(self) -> bool:
        message = self.message
        if self.conversation.practice:  # a made-up family: nothing leaves, whatever state somebody has set
            message.state, message.error_code = "canceled", PRACTICE
        elif message.twilio_sid:  # a receipt came before the answer to the send, or instead of it
            message.state, message.sent_at = "sent", message.sent_at or self.now
        elif forbids(self.session, self.conversation, message):
            message.state, message.error_code = "canceled", "opted_out"
        elif found_wrong(self.session, self.conversation, self.conversation.phone_index,
                         answers=message.in_reply_to is not None):
            message.state, message.error_code = "canceled", WRONG_PERSON
        elif message.resend_of is not None and self._is_out_of_date():
            message.state, message.error_code = "canceled", "superseded"
        elif self.conversation.phone is None:
            message.state, message.error_code = "failed", "no_phone"
            tell_staff(self.session, self.conversation, message)
        return message.state not in ("queued", "sending")

    def _is_out_of_date(self) -> bool:
        return (is_superseded(self.session, first_sending(self.session, self.message))
                or reached_meanwhile(self.session, self.message))

    def _is_overdue(self) -> bool:
        age = self.now - self.message.created_at
        if is_said_discreetly(self.message) and age > DISCREET_GIVEN_UP:
            return True
        held = self.message.resend_of is not None or (
            is_given_up(age, started_by_us=self._we_start(), held=False)
            and stood_since(self.session, SPEND_CAP, self.message.created_at))
        return is_given_up(age, started_by_us=self._we_start(), held=held)

    def _give_up(self) -> None:
        self.message.error_code = "unknown" if self.message.state == "sending" else "expired"
        self.message.state = "failed"
        tell_staff(self.session, self.conversation, self.message)

    def _we_start(self) -> bool:
        """Whether the program itself begins to write; what a person writes is in a talk."""
        return self.message.in_reply_to is None and self.message.purpose != STAFF

    def _passes(self) -> bool:
        """Danger and the confirmation of an opt-out wait for no cap, no pause and no hour."""
        return confirms_opt_out(self.message) or first_sending(self.session, self.message).purpose == DANGER

    def _must_wait(self) -> NotYet | None:
        if (until := self._until_looked_up()) is not None:
            return NotYet("unclear", (until - self.now).total_seconds())
        if (until := self._until_the_part_before_is_gone()) is not None:
            return NotYet("part_before", (until - self.now).total_seconds())
        if self._passes():
            return None
        zone = self.rules.time_zone
        if self.message.resend_of is not None and zone and not allowed(self.now, (zone,)):
            return NotYet("hours", aside=True)
        return NotYet("refused", aside=self._we_start()) if keeps_texts_back(self.session, self.now) else None

    def _until_looked_up(self) -> datetime | None:
        """Until when a text that may have left is looked up only, counted from the last try; the list may show it late."""
        if self.message.state != "sending":
            return None
        started = self.message.attempted_at or self.message.created_at
        until = max(self.message.unclear_since or started, started) + timedelta(seconds=self.rules.unclear_seconds)
        return until if until > self.now else None

    def _until_the_part_before_is_gone(self) -> datetime | None:
        if self.message.in_reply_to is None or self.message.position is None:
            return None
        before = self.session.scalar(select(Message).where(
            Message.in_reply_to == self.message.in_reply_to, Message.position < self.message.position)
            .order_by(Message.position.desc()).limit(1))
        if before is None or before.state not in ("queued", "sending", "sent"):
            return None
        until = (before.sent_at if before.state == "sent" and before.sent_at else self.now) + NEXT_PART_AFTER
        return until if until > self.now else None

    def _begin_try(self, again: bool) -> ToSend | NotYet:
        size = count(self._words())
        if not self._is_paid_for(size.segments):
            return NotYet("spend_cap", aside=self._we_start())
        message = self.message
        if again:
            message.unclear_since = message.unclear_since or message.attempted_at or self.now
        message.state, message.tries, message.attempted_at = "sending", message.tries + 1, self.now
        message.segments, message.encoding = size.segments, size.encoding
        return self._as_it_leaves(tried_before=False)

    def _is_paid_for(self, segments: int) -> bool:
        cap, zone = self.rules.daily_segments, self.rules.time_zone or "UTC"
        if cap is None or self._passes():
            return spend.book(self.session, self.now, zone, segments, None) is not None
        most = int(cap * spend.SHARE_FOR_STARTED) if self._we_start() else cap
        spent = spend.book(self.session, self.now, zone, segments, most)
        if spent is None and not self._we_start():
            raise_alarm(self.session, SPEND_CAP)
        elif spent is not None and spent + MOST_SEGMENTS <= cap:
            clear_alarm(self.session, SPEND_CAP)
        return spent is not None

    def _words(self) -> str:
        return as_sms(self.message.text, self.rules.accents)

    def _as_it_leaves(self, *, tried_before: bool) -> ToSend:
        assert self.conversation.phone is not None
        return ToSend(self.message.id, self.conversation.id, self.conversation.phone, self._words(), tried_before,
                      self.now, self.message.tries, self._validity(), self._is_overdue())

    def _validity(self) -> int:
        """Seconds in which the provider may hand the text over: a text that we start not after the evening's end."""
        valid = DISCREET_GIVEN_UP if is_said_discreetly(self.message) else REPLY_VALID
        asked_for_now = self.message.purpose == ASKS_PHONE  # by somebody who sits before a screen and waits for it
        if self._we_start() and not asked_for_now and self.rules.time_zone and not self._passes():
            valid = min(valid, day_after(self.now, self.rules.time_zone) - _EVENING - self.now)
        return max(int(valid.total_seconds()), 60)
