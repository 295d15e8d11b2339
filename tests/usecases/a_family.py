"""Situations for the tests of the use cases: a made-up family writes, deeds are done as the actions would do them.

No engine takes part. ``a_conversation`` walks to a question with ordinary answers; ``say`` adds what the test is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from walks import walks_of

from intake.content.library import Content
from intake.rules.age import latest_birth_date
from intake.rules.interview import (
    AGENCY,
    CALL_BACK,
    LEGAL_GUARDIAN,
    NEXT_CHECK,
    OF_SOMEBODY_ELSE,
    OWN_NAME,
    PARENT_KNOWS,
    PARENT_PHONE,
    Expects,
    Kind,
)
from intake.store.connection import Store
from intake.store.models import Base, Conversation
from intake.usecases import (
    about_child,
    closing,
    confirm,
    consent,
    contact,
    milestones,
    next_check,
    optional_facts,
    somebody_else,
    worry,
)
from intake.usecases.about_child import Birth
from intake.usecases.case_view import view_case
from intake.usecases.outcome import Outcome
from intake.usecases.receiving import open_chat, receive_chat, receive_sms
from intake.usecases.replying import finish_turn
from intake.usecases.scene import Scene, Turn
from intake.usecases.taking import EngineTurn, take
from intake.usecases.turns import Desk

TODAY = datetime.now(ZoneInfo("America/New_York")).date()  # where the affiliate's families live
PHONE, OTHER_PHONE = "+18605550142", "+18605550177"
WORRY = "She says only two words."
POINTS, WALKS = "m18.social.points_to_show", "m18.movement.walks_alone"

Deed = Callable[[Scene], Expects | None]
Answer = tuple[str, Deed]
Row = TypeVar("Row", bound=Base)
_ids = count(1)


def born(months_ago: int) -> date:
    """The birth date of a child who is ``months_ago`` completed months old today."""
    return latest_birth_date(months_ago, TODAY)


def birth(day: date) -> Answer:
    """A birth date, told as the engine reads it."""
    return day.isoformat(), lambda scene: about_child.tell_birth_date(scene, Birth(dob=day))


def worries(text: str, *domains: str) -> Answer:
    """A worry in its ``domains``, told at its question."""
    return text, lambda scene: worry.tell_worry(scene, list(domains), [])


def milestone(reply: str) -> Answer:
    """One answer to the open milestone."""
    return reply, lambda scene: milestones.answer_milestone(scene, reply)


def no_worries() -> Answer:
    return "no", worry.no_worry


SKIPPED: Answer = ("skip", optional_facts.skip_fact)
ORDINARY: Mapping[Kind | str, Answer] = {
    Kind.CONSENT: ("yes", consent.give_consent),
    Kind.RELATION: ("mom", about_child.tell_relation),
    Kind.CHILD_NAME: ("Mateo", about_child.tell_child_name),
    Kind.BIRTH_DATE: birth(born(18)),
    Kind.EARLY_BIRTH: ("no", lambda scene: about_child.tell_early_birth(scene, "not_yet", None)),
    Kind.WORRY: worries(WORRY, "language_communication"),
    Kind.LOST_SKILLS: ("no", lambda scene: worry.tell_lost_skills(scene, "not_yet", [])),
    Kind.MILESTONE: milestone("yes"),
    Kind.CONFIRM_ANSWERS: ("yes", confirm.confirm_answers),
    Kind.CONTACT_CONSENT: ("yes", contact.agree_to_contact),
    Kind.CONTACT_NAME: ("Rosa", contact.tell_contact_name),
    Kind.PHONE: ("yes", contact.keep_phone),
    Kind.BEST_TIME: ("mornings", lambda scene: contact.tell_best_time(scene, "inform")),
    Kind.PLACE: SKIPPED, Kind.DOCTOR: SKIPPED, Kind.INSURANCE: SKIPPED, Kind.HEARD_FROM: SKIPPED,
    Kind.RACE_ETHNICITY: SKIPPED,
    Kind.NEEDS_MET: ("yes", lambda scene: closing.tell_needs_met(scene, "yes")),
    LEGAL_GUARDIAN.item: ("no", lambda scene: somebody_else.tell_guardianship(scene, "not_yet")),
    PARENT_KNOWS.item: ("yes", lambda scene: somebody_else.tell_parent_knows(scene, "yes")),
    PARENT_PHONE.item: ("no", lambda scene: somebody_else.tell_parent_phone(scene, "not_yet")),
    OWN_NAME.item: ("Dana", lambda scene: somebody_else.tell_own_name(scene, "inform")),
    AGENCY.item: ("Bright Start", lambda scene: somebody_else.tell_agency(scene, "inform")),
    CALL_BACK.item: ("no", lambda scene: somebody_else.tell_call_back(scene, "not_yet")),
    NEXT_CHECK: ("no", next_check.refuse_next_check),
}

# A child of seven has no list of milestones, which makes the way to the later questions short.
OLDER: Mapping[Kind | str, Answer] = {Kind.BIRTH_DATE: birth(born(84))}


@dataclass
class AFamily:
    """One conversation of a made-up family, by text or on the web."""

    store: Store
    content: Content
    channel: str = "sms"
    language: str = "en"
    today: date = TODAY
    answers: Mapping[Kind | str, Answer] = field(default_factory=dict)
    token: str = ""
    public_id: str = ""
    phone: str = PHONE

    def writes(self, text: str) -> UUID:
        """A message arrives; nothing has been done with it yet."""
        number = next(_ids)
        if self.channel == "web":
            if not self.token:
                opened = open_chat(self.store, language="en", hours=1)
                self.token, self.public_id = opened.token, opened.conversation
            return receive_chat(self.store, token=self.token, client_msg_id=f"browser-{number}", text=text).message_id
        received = receive_sms(self.store, message_sid=f"SM{number:032d}", sender=self.phone, text=text)
        self.public_id = self.public_id or self.conversation().public_id
        return received.message_id

    def is_taken(self, text: str, media_count: int = 0) -> EngineTurn | None:
        """A text arrives and is taken up by the rules that come before the engine."""
        sid = f"SM{next(_ids):032d}"
        message = receive_sms(self.store, message_sid=sid, sender=self.phone, text=text, media_count=media_count)
        self.public_id = self.conversation().public_id
        return take(self.store, self.content, message.message_id, today=self.today)

    def turn(self, text: str, expects: Expects | None = None) -> Turn:
        """The turn of a message that has just arrived, at the question that is open."""
        message = self.writes(text)
        return Turn(self.public_id, message, text, self.language, self.channel, expects or self.open(), self.today)

    def say(self, text: str, deed: Deed, expects: Expects | None = None) -> Outcome:
        """A message arrives, ``deed`` is done and its answer stored, as worker and actions do it."""
        turn = self.turn(text, expects)
        outcome = self.does(turn, deed)
        after = outcome.expects
        receipt = {"receipt": str(turn.message_id), "choices": [], "asks": outcome.asks,
                   "expects": None if after is None else {"kind": after.kind.value, "id": after.id}}
        finish_turn(self.store, turn.message_id, [line.name for line in outcome.lines], receipt, {"intent": "inform"})
        return outcome

    def does(self, turn: Turn, deed: Deed) -> Outcome:
        """``deed`` is done for ``turn``; no answer is stored."""
        return Desk(self.store, self.content).take_step(turn, "a_step", deed)

    def goes_on_to(self, kind: Kind | Expects) -> AFamily:
        """Answers everything that is asked before ``kind``; ordinary milestones all at once, which is quicker."""
        expects = self.open()
        for _ in range(60):
            if expects is not None and kind in (expects, None if expects in OF_SOMEBODY_ELSE else expects.kind):
                return self
            expects = self.say(*self._next_answer(expects), expects).expects
        raise AssertionError(f"{kind} was never asked")

    def _next_answer(self, expects: Expects | None) -> Answer:
        if expects is not None and expects.kind is Kind.MILESTONE and expects.id not in self.answers:
            return "yes to these", self._answers_ordinary_milestones
        return self.answer_to(expects)

    def _answers_ordinary_milestones(self, scene: Scene) -> Expects | None:
        for item in scene.situation().checklist:
            if item not in self.answers and item not in scene.answers():
                scene.answer(item, "yes")
        return None

    def answer_to(self, expects: Expects | None) -> Answer:
        """What this family says to a question."""
        if expects is None:
            return "hi", lambda scene: consent.begin(scene, [])
        has_its_own = expects in OF_SOMEBODY_ELSE or expects.item == NEXT_CHECK
        for known in (self.answers, ORDINARY):
            for key in (expects.id, expects.item, None if has_its_own else expects.kind):
                if key in known:
                    return known[key]
        raise AssertionError(f"nobody answers {expects}")

    def open(self) -> Expects | None:
        """The open question, as it stands in the database; None before the first word."""
        if not self.public_id:
            return None
        conversation = self.conversation()
        kind, item = conversation.expects_kind, conversation.expects_id
        return None if kind is None else Expects(Kind(kind), item)

    def conversation(self) -> Conversation:
        """The conversation as it stands."""
        with self.store.reading() as session:
            query = select(Conversation)
            if self.public_id:
                query = query.where(Conversation.public_id == self.public_id)
            elif self.channel == "sms":
                query = query.where(Conversation.phone_index == self.store.keys.phone_index(self.phone))
            return session.scalars(query).one()

    def case(self) -> dict[str, Any]:
        """The whole case as plain data."""
        return view_case(self.store, actor="operator", receipt_or_conversation=self.public_id)

    def value(self, item: str) -> str | None:
        """The current answer to ``item``."""
        return next((row["value"] for row in self.case()["answers"] if row["item"] == item), None)

    def reasons(self) -> set[tuple[str, str | None]]:
        """Code and item of every standing flag."""
        return {(reason["code"], reason["item"]) for reason in self.case()["reasons"]}

    def all(self, table: type[Row]) -> list[Row]:
        """Every row of ``table``."""
        return rows(self.store, table)


def a_conversation(store: Store, content: Content, until: Kind | Expects | None = None, *,
                   answers: Mapping[Kind | str, Answer] | None = None, **more: Any) -> AFamily:
    """A family that has written nothing yet, or was led up to ``until``; ``answers`` replace ordinary ones."""
    family = AFamily(store, content, answers=answers or {}, **more)
    if until is None:
        return family
    walks = walks_of(store, content)
    way = (until, datetime.now(UTC).date(), tuple(sorted(more.items())), tuple((answers or {}).items()))
    known = walks.put_back(way)
    if known is not None:
        family.public_id, family.token = known["public_id"], known["token"]
        return family
    from_nothing = walks.begins_with_nothing()
    family.goes_on_to(until)
    if from_nothing:
        walks.was_walked(way, {"public_id": family.public_id, "token": family.token})
    return family


def rows(store: Store, table: type[Row]) -> list[Row]:
    """Every row of ``table``."""
    with store.reading() as session:
        return list(session.scalars(select(table)))


def said(outcome: Outcome) -> list[str]:
    """The names of the lines, in order."""
    return [line.name for line in outcome.lines]
