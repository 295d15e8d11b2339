"""Texts that we start: whether one may leave now, when it is due, and what an answer to it says.

There are two kinds: one reminder of an unfinished conversation, and the follow-ups of a referral. The same judgement is made
when the text is written and once more when it is about to leave, because minutes or a night may lie between.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from intake.rules.another_person import may_be_reassigned
from intake.rules.referral import ReferralStatus
from intake.rules.texting_hours import day_after, next_allowed
from intake.rules.words import unstretched, words_of


class OutreachKind(StrEnum):
    """Why we start a text; also the ``purpose`` of its message."""

    REMINDER = "reminder"
    FOLLOW_UP = "follow_up"


class WhyNot(StrEnum):
    """Why a text that was planned is never sent."""

    NO_OPT_IN = "no_opt_in"
    NOT_OPEN = "not_open"
    NOTHING_OPEN = "nothing_open"
    STAFF_WRITES = "staff_writes"
    DANGER = "danger"
    REFERRAL_ENDED = "referral_ended"
    SENT_ANEW = "sent_anew"
    CALLED_BACK = "called_back"
    NUMBER_UNSURE = "number_unsure"
    TOO_LATE = "too_late"
    WRONG_NUMBER = "wrong_number"
    CALLED_OFF = "called_off"
    NOT_THE_FAMILY = "not_the_family"


# A referral there is nothing more to ask about: the family has arrived, or will not.
ENDED = frozenset({ReferralStatus.CONNECTED, ReferralStatus.DECLINED, ReferralStatus.NOT_ELIGIBLE, ReferralStatus.CLOSED})
# A referral that is on its way.
UNDER_WAY = frozenset({ReferralStatus.SENT, ReferralStatus.RECEIVED, ReferralStatus.COULD_NOT_REACH,
                       ReferralStatus.WAIT_LISTED, ReferralStatus.EVALUATED})

TOO_LATE_AFTER = timedelta(days=3)  # we were away so long that the text would puzzle; our choice
NOT_IN_AN_EXCHANGE = timedelta(hours=2)  # a follow-up does not come between a question and its answer; our choice
LOOK_AGAIN_AFTER = timedelta(hours=1)
# A planned follow-up that no text brings is for a person to make; for the other reasons a person is on the case already.
FOR_A_PERSON = frozenset({WhyNot.NO_OPT_IN, WhyNot.NOT_OPEN, WhyNot.NUMBER_UNSURE, WhyNot.TOO_LATE,
                          WhyNot.NOT_THE_FAMILY})


@dataclass(frozen=True)
class Circumstances:
    """What the judgement rests on.

    ``opted_in``: the newest word of this phone in the ledger is yes, and it is not suppressed. ``is_open``: the conversation
    is neither refused, opted out nor somebody else's. ``question_open``: something waits for an answer. ``staff_write``: a
    person writes here now. ``danger``: words of danger were told that staff have not cleared, or ever of violence at home.
    ``referral_ended`` is for a follow-up. ``unanswered``: a message of the parent waits for its turn. ``texted_today``: we
    have started another text to this phone today. ``not_the_family``: a relative, a doctor or a teacher wrote, to whom nothing
    of the child is said. ``pause`` must have passed since the parent last wrote. ``zones``: the
    affiliate's, then those of the phone's area code.
    """

    kind: OutreachKind
    due_at: datetime
    zones: Sequence[str]
    pause: timedelta
    last_inbound_at: datetime | None = None
    opted_in: bool = True
    is_open: bool = True
    question_open: bool = True
    staff_write: bool = False
    danger: bool = False
    referral_ended: bool = False
    unanswered: bool = False
    texted_today: bool = False
    not_the_family: bool = False


@dataclass(frozen=True)
class Judgement:
    """``never``: the text is given up, and why. ``later``: it may leave from then on. Neither: it may leave now."""

    never: WhyNot | None = None
    later: datetime | None = None

    @property
    def now(self) -> bool:
        """Whether the text may leave now."""
        return self.never is None and self.later is None


def judge(case: Circumstances, now: datetime) -> Judgement:
    """Whether the text may leave ``now``, later, or never."""
    never = _never(case, now)
    if never is not None:
        return Judgement(never=never)
    earliest = next_allowed(_earliest(case, now), case.zones)
    return Judgement() if earliest <= now else Judgement(later=earliest)


def _never(case: Circumstances, now: datetime) -> WhyNot | None:
    about_reminder, about_follow_up = case.kind is OutreachKind.REMINDER, case.kind is OutreachKind.FOLLOW_UP
    unsure = case.last_inbound_at is None or may_be_reassigned(now, case.last_inbound_at)  # then a person calls instead
    reasons = {
        WhyNot.REFERRAL_ENDED: about_follow_up and case.referral_ended,
        WhyNot.NOT_THE_FAMILY: case.not_the_family,
        WhyNot.NO_OPT_IN: not case.opted_in,
        WhyNot.NOT_OPEN: not case.is_open,
        WhyNot.NOTHING_OPEN: about_reminder and not case.question_open,
        WhyNot.STAFF_WRITES: case.staff_write,
        WhyNot.DANGER: case.danger,
        WhyNot.NUMBER_UNSURE: unsure,
        WhyNot.TOO_LATE: now - case.due_at > TOO_LATE_AFTER,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _earliest(case: Circumstances, now: datetime) -> datetime:
    times = [now, case.due_at]
    if case.last_inbound_at is not None:
        times.append(case.last_inbound_at + case.pause)
    if case.unanswered:
        times.append(now + LOOK_AGAIN_AFTER)
    if case.texted_today:
        times.append(day_after(now, case.zones[0]))
    return max(times)


def reminder_due(last_inbound_at: datetime, after: timedelta, zones: Sequence[str]) -> datetime:
    """When the reminder is due: ``after`` the parent's last message, moved into the allowed hours."""
    return next_allowed(last_inbound_at + after, zones)


def follow_ups_due(sent_at: datetime, days: Sequence[int], zones: Sequence[str], now: datetime) -> list[datetime]:
    """When the follow-ups of a referral are due: ``days`` after it was sent, in the allowed hours; without those long past."""
    due = [next_allowed(sent_at + timedelta(days=number), zones) for number in days]
    return [at for at in due if now - at <= TOO_LATE_AFTER]


def read_answer(text: str, ready: Mapping[str, Collection[str]], courtesy: Collection[str]) -> str | None:
    """The code of the ready answer that the WHOLE message is, or None: its number, one of its words, or both ("1 yes").

    ``ready``: folded ways to say each code, in the order of their numbers from 1; ``courtesy``: words that change nothing. A
    longer message is never guessed at: "yes they called but only to say no" is for a person to read.
    """
    words = _words(text, courtesy)
    for number, (code, ways) in enumerate(ready.items(), start=1):
        rest = words[1:] if words[:1] == [str(number)] else words
        if words and (not rest or " ".join(rest) in ways):
            return code
    return None


def is_one_of(text: str, ways: Collection[str], courtesy: Collection[str]) -> bool:
    """Whether the WHOLE message is one of ``ways`` (folded), with or without the words of ``courtesy`` around it."""
    return any(" ".join(_words(text, ignored)) in ways for ignored in ((), courtesy))


def _words(text: str, courtesy: Collection[str]) -> list[str]:
    plain = (unstretched(word)[0] if word.isalpha() else word for word in words_of(text))
    return [word for word in plain if word not in courtesy]
