"""Texts that we start: whether one may leave now, when it is due, and what an answer to it says.

One reminder of an unfinished conversation; the follow-ups of a referral, and after them whether the family got what it needed;
a milestone that a parent wanted to watch; and the invitation when the child reaches the next age. The same judgement is made when
the text is written and once more when it is about to leave, because minutes or a night may lie between.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from intake.rules.another_person import MAY_BE_REASSIGNED
from intake.rules.referral import ReferralStatus
from intake.rules.texting_hours import day_after, next_allowed
from intake.rules.words import unstretched, words_of


class OutreachKind(StrEnum):
    """Why we start a text; also the ``purpose`` of its message."""

    REMINDER = "reminder"
    FOLLOW_UP = "follow_up"
    NEEDS_MET = "needs_met"
    ASK_AGAIN = "ask_again"
    NEXT_CHECK = "next_check"


class Carried(StrEnum):
    """Who brings a referral to its program: our staff, or the family by itself."""

    STAFF = "staff"
    FAMILY = "family"


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
    DELETION = "deletion"
    OVER_AGE = "over_age"
    REFUSED = "refused"


# A referral that is on its way.
UNDER_WAY = frozenset({ReferralStatus.SENT, ReferralStatus.RECEIVED, ReferralStatus.COULD_NOT_REACH,
                       ReferralStatus.WAIT_LISTED, ReferralStatus.EVALUATED})
# The kinds that speak of a referral, and those that only make sense while something waits for an answer.
OF_REFERRALS = frozenset({OutreachKind.FOLLOW_UP, OutreachKind.NEEDS_MET})
_OF_OPEN_QUESTIONS = frozenset({OutreachKind.REMINDER, OutreachKind.ASK_AGAIN})
# An answer to these opens questions about the child: "GO" and its kin, never a number.
OPENED_BY_GO = frozenset({OutreachKind.ASK_AGAIN, OutreachKind.NEXT_CHECK})

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
    ``referral_ended`` is for a text about a referral. ``deletion``: the family wants its data deleted. ``over_age``: the child
    is no longer served. ``unanswered``: a message of the parent waits for its turn. ``texted_today``: we have started another
    text to this phone today. ``not_the_family``: a relative, a doctor or a teacher wrote, to whom nothing of the child is said.
    ``pause`` must have passed since the parent last wrote. ``zones``: the affiliate's, then those of the phone's area code.
    ``silence``: for how long nobody may have written, so that the phone counts as the family's. ``not_before``: the day of an
    invitation has moved, because the birth date was corrected.
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
    deletion: bool = False
    over_age: bool = False
    unanswered: bool = False
    texted_today: bool = False
    not_the_family: bool = False
    silence: timedelta = MAY_BE_REASSIGNED
    not_before: datetime | None = None


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
    unsure = case.last_inbound_at is None or now - case.last_inbound_at > case.silence  # then a person calls instead
    moved = case.not_before is not None and case.not_before > case.due_at
    reasons = {
        WhyNot.DELETION: case.deletion,
        WhyNot.REFERRAL_ENDED: case.kind in OF_REFERRALS and case.referral_ended,
        WhyNot.NOT_THE_FAMILY: case.not_the_family,
        WhyNot.OVER_AGE: case.over_age,
        WhyNot.NO_OPT_IN: not case.opted_in,
        WhyNot.NOT_OPEN: not case.is_open,
        WhyNot.NOTHING_OPEN: case.kind in _OF_OPEN_QUESTIONS and not case.question_open,
        WhyNot.STAFF_WRITES: case.staff_write,
        WhyNot.DANGER: case.danger,
        WhyNot.NUMBER_UNSURE: unsure,
        WhyNot.TOO_LATE: now - case.due_at > TOO_LATE_AFTER and not moved,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _earliest(case: Circumstances, now: datetime) -> datetime:
    times = [now, case.due_at, *([case.not_before] if case.not_before is not None else [])]
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


def due_after(at: datetime, days: int, zones: Sequence[str]) -> datetime:
    """``days`` after ``at``, moved into the allowed hours."""
    return next_allowed(at + timedelta(days=days), zones)


def carried_by(ways: Collection[str], familys_ways: Collection[str], *, sent_by_agent: bool) -> Carried:
    """Who brings a referral to its program, by the ``ways`` the program takes it.

    The family, when no way is open to staff, or when the agent marked it as sent: it sends nothing itself, so it has told the
    family how to go there.
    """
    only_theirs = bool(ways) and all(way in familys_ways for way in ways)
    return Carried.FAMILY if sent_by_agent or only_theirs else Carried.STAFF


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


def is_only_courtesy(text: str, courtesy: Collection[str]) -> bool:
    """Whether the message is nothing but words of ``courtesy``: "thanks", "ok, gracias"."""
    return bool(words_of(text)) and not _words(text, courtesy)


def _words(text: str, courtesy: Collection[str]) -> list[str]:
    plain = (unstretched(word)[0] if word.isalpha() else word for word in words_of(text))
    return [word for word in plain if word not in courtesy]
