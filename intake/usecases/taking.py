"""Takes up a stored message: what the pure rules answer at once, and what goes to the engine with which context.

Before Rasa is asked anything: words that rule the channel (stop, start, help), a person of the team who has taken over, and
words of danger, in both languages. These answers never depend on the engine being up. What remains gets its context, stored
with the message when it is first taken, so that a second try takes the same path.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.content.bilingual import Language
from intake.content.library import Content
from intake.rules.crossing import Crossing
from intake.rules.interview import NAMES, Kind
from intake.rules.keywords import Keyword, read_keyword
from intake.rules.language import asks_for_language, recognise
from intake.rules.sms_text import Accents
from intake.rules.taken import Taken
from intake.rules.text import ENGINE_LIMIT, for_engine
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Conversation, Message
from intake.usecases.after_danger import hears_after_danger
from intake.usecases.assigning import looks_on
from intake.usecases.at_home import answers_with_activities
from intake.usecases.channel_words import opt_in, opt_out, record_opt_out, send_help, send_link
from intake.usecases.crossing import NOT_CROSSED, Crossed, look_for_crossing
from intake.usecases.danger import flag_danger, stops_questions
from intake.usecases.dangers_told import answer_danger, dangers_of, line_beside, note_what_can_wait
from intake.usecases.flags import raise_flag
from intake.usecases.going_on_by_text import hear_asked_phone
from intake.usecases.links import Purpose
from intake.usecases.local_day import local_today
from intake.usecases.outreach import answer_follow_up, plan_outreach
from intake.usecases.ready_answers import is_ready_answer
from intake.usecases.receiving import lock_phone
from intake.usecases.replying import Reply, came_by, last_question, mark_done, reply_plainly, was_just_said
from intake.usecases.silence import is_flood, keeps_silent
from intake.usecases.suppression import is_suppressed
from intake.usecases.understanding import asks_to_stop, read_by_rule
from intake.usecases.waiting import (
    answered_differently,
    end,
    is_opening,
    item_to_change,
    name_expected,
    read_together,
    set_aside,
    texts_read_with,
    waiting_texts,
    was_written,
    words_together,
)
from intake.usecases.wrong_person import heeds_another_person

WORDS_TO_SWITCH = 3  # a shorter message in the other language may be a name or a loan word
BOUND_TO_PREVIOUS = "bound_to_previous"  # in a stored context: the text was bound to the question before the open one
_LINKS = {Keyword.WEB: Purpose.CHAT, Keyword.VISIT: Purpose.VISIT}


@dataclass(frozen=True)
class EngineTurn:
    """What the engine is asked: the conversation's public id, our message id, the text and the context.

    ``first_line`` is said before the engine's answer: that the text was taken for the question before.
    """

    conversation: str
    message_id: UUID
    text: str
    context: dict[str, Any] = field(default_factory=dict)
    first_line: str | None = None


@dataclass(frozen=True)
class TakingRules:
    """What an operator sets: how soon after our question a text cannot be its answer (0: only the order counts), how many
    texts of one phone a minute are answered (None: any number), whether accents are kept, which changes what fits, and the
    ``public_url`` that links lead to (none: no links)."""

    crossing_seconds: float = 0.0
    texts_a_minute: int | None = None
    accents: Accents = "keep"
    public_url: str = ""


NO_RULES = TakingRules()


def take(store: Store, content: Content, message_id: UUID, *, today: date | None = None,
         rules: TakingRules = NO_RULES) -> EngineTurn | None:
    """Takes up one message, and what waits behind it. None when it is done already or has just been answered here."""
    with store.transaction() as session:
        locked = _lock(session, message_id)
        if locked is None:
            return None
        conversation, message = locked
        if conversation.asked_for is not None and not _rules_the_channel(content, conversation, message):
            hear_asked_phone(session, content, conversation, message)
            return None
        if message.context is not None and _left_to_staff(session, conversation, message):
            return None  # taken before, and a person came meanwhile
        day = today or local_today(content)
        if message.context is None and _answered_here(session, content, conversation, message, day, rules):
            plan_outreach(session, content, conversation)
            return None
        return _turn(session, content, conversation, message)


def _rules_the_channel(content: Content, conversation: Conversation, message: Message) -> bool:
    keyword = _of_the_provider(message) or read_keyword(message.text, content.keywords)
    return keyword is Keyword.HELP or _asks_to_stop(content, conversation, message)


def _lock(session: Session, message_id: UUID) -> tuple[Conversation, Message] | None:
    """A message that is still to be taken, and its conversation, both locked, the conversation first as everywhere."""
    conversation_id = session.scalar(select(Message.conversation_id).where(Message.id == message_id))
    if conversation_id is None:
        return None
    conversation = session.get_one(Conversation, conversation_id)
    if conversation.asked_for is not None and conversation.phone_index is not None:
        lock_phone(session, conversation.phone_index)  # before the row, as a text that comes in does
    conversation = session.get_one(Conversation, conversation_id, with_for_update=True, populate_existing=True)
    message = session.get_one(Message, message_id, with_for_update=True, populate_existing=True)
    return (conversation, message) if message.state == "received" and message.read_with is None else None


def _turn(session: Session, content: Content, conversation: Conversation, message: Message) -> EngineTurn:
    context = dict(message.context or {})
    language: Language = "es" if context["language"] == "es" else "en"
    bound = context.pop(BOUND_TO_PREVIOUS, False)
    if is_opening(message):
        words = content.messages.system("opening", language)
    else:
        words = for_engine(words_together(conversation, texts_read_with(session, message)))
    first = [content.messages.system("took_for_previous", language)] if bound else []
    first += line_beside(session, content, message, language)
    return EngineTurn(conversation.public_id, message.id, words, context, "\n".join(first) or None)


def _answered_here(session: Session, content: Content, conversation: Conversation, message: Message, today: date,
                   rules: TakingRules) -> bool:
    """Answers the message without the engine where the rules can, else stores the context of its turn."""
    waiting = waiting_texts(session, message)
    if _answered_by_rules(session, content, conversation, waiting, today, rules):
        return True
    crossed = _crossing_of(session, conversation, message, rules)
    if crossed.judgement is Crossing.REPEATED:
        mark_done(message, Taken.REPEATED)
        return True
    if crossed.judgement is Crossing.ONE_OF_SEVERAL:
        mark_done(message, Taken.SEVERAL_ANSWERS)
        return True
    same = takewhile(lambda text: crossed.goes_with(_crossing_of(session, conversation, text, rules)), waiting[1:])
    together = read_together(content, conversation, [message, *same])
    language = _language(content, conversation, message)
    if crossed.judgement is Crossing.ASKED_ABOUT and _asked_about(session, content, conversation, together, language):
        return True
    if answered_differently(session, content, conversation, together, language, crossed.about):
        return True
    if len(words_together(conversation, together)) > ENGINE_LIMIT:
        raise_flag(session, conversation, "long_text", "W6", Urgency.STANDARD, message_id=message.id)
    message.context = _context(content, conversation, message, today, crossed)
    return False


def _crossing_of(session: Session, conversation: Conversation, text: Message, rules: TakingRules) -> Crossed:
    if not was_written(text):
        return NOT_CROSSED
    return look_for_crossing(session, conversation, text, rules.crossing_seconds)


def _asked_about(session: Session, content: Content, conversation: Conversation, together: list[Message],
                 language: Language) -> bool:
    """Says once that these texts crossed the open question, and asks it again; False when nothing was asked yet."""
    question = last_question(session, conversation)
    if question is None:
        return False
    said = content.messages.system("crossed", language)
    reply_plainly(session, conversation, together[0], question.again_after(said), taken=Taken.CROSSED)
    end(together, "done")
    return True


def _answered_by_rules(session: Session, content: Content, conversation: Conversation, waiting: list[Message],
                       today: date, rules: TakingRules) -> bool:
    """Answers the first message without the engine where the rules can; says whether it did.

    The exact words that rule the channel come first, then danger, then sentences that ask to stop: "stop texting me, I want
    to die" must not get a goodbye for an answer. Danger and a wish to stop are looked for in all that waits.
    """
    message = waiting[0]
    if not was_written(message):
        return _left_to_staff(session, conversation, message)
    if _exact_word(session, content, conversation, message, rules):
        return True
    flooded = rules.texts_a_minute is not None and is_flood(session, message, rules.texts_a_minute)
    if _danger(session, content, conversation, waiting, flooded=flooded):
        return True
    if conversation.channel == "sms" and _heeds_stop(session, content, conversation, waiting):
        return True
    language, suppressed = _language(content, conversation, message), _gets_no_answer(session, conversation, message)
    grace = rules.crossing_seconds if came_by(conversation, message) == "sms" else 0.0
    if hears_after_danger(session, content, conversation, message, language, suppressed=suppressed, crossing_seconds=grace):
        return True
    if suppressed:
        end([message], "suppressed")
        return True
    if _left_to_staff(session, conversation, message):
        return True
    return (heeds_another_person(session, content, conversation, message, language)
            or keeps_silent(session, content, conversation, message, language, flooded=flooded)
            or answers_with_activities(session, content, conversation, message, language, today, rules.accents)
            or _answers_our_text(session, content, conversation, message)
            or _nothing_to_read(session, content, conversation, message))


def _left_to_staff(session: Session, conversation: Conversation, message: Message) -> bool:
    """Whether a person of the team writes here now; the engine keeps quiet then. Who has gone away meanwhile is no answer, so
    the others are told."""
    if conversation.staff_id is None:
        return False
    if not looks_on(session, conversation.id, conversation.staff_id):
        raise_flag(session, conversation, "waits_for_person", "S1", Urgency.STANDARD, message_id=message.id)
    mark_done(message, Taken.LEFT_TO_STAFF)
    return True


def _answers_our_text(session: Session, content: Content, conversation: Conversation, message: Message) -> bool:
    """An answer to a text that we started ("has someone called you? 1 yes 2 no")."""
    reply = answer_follow_up(session, content, conversation, message)
    if reply is None:
        return False
    reply_plainly(session, conversation, message, reply, taken=Taken.ANSWERS_OUR_TEXT)
    return True


def _heeds_stop(session: Session, content: Content, conversation: Conversation, waiting: list[Message]) -> bool:
    """Obeys the first text of ``waiting`` that asks to stop, at once; what came before it is kept and not answered."""
    for place, text in enumerate(waiting):
        if _asks_to_stop(content, conversation, text):
            set_aside(text, waiting[:place])
            end(waiting[:place], "suppressed")
            opt_out(session, content, conversation, text)
            return True
    return False


def _exact_word(session: Session, content: Content, conversation: Conversation, message: Message, rules: TakingRules) -> bool:
    stopped = _gets_no_answer(session, conversation, message)
    keyword = _of_the_provider(message) or read_keyword(message.text, content.keywords, stopped=stopped)
    if keyword is Keyword.HELP and not stopped:
        send_help(session, content, conversation, message)
        return True
    if conversation.channel != "sms":
        return False
    asked_for_a_name = conversation.expects_kind in NAMES  # a child may be called Link or Page
    purpose = _LINKS.get(keyword) if keyword else None
    if purpose is not None and not (stopped or asked_for_a_name) and rules.public_url:
        if not heeds_another_person(session, content, conversation, message, _language(content, conversation, message)):
            send_link(session, content, conversation, message, rules.public_url, purpose)
        return True
    if stopped and (keyword is Keyword.OPT_IN or message.opt_out_type == "START"):
        opt_in(session, content, conversation, message)
    elif keyword is Keyword.OPT_OUT:
        opt_out(session, content, conversation, message)
    else:
        return False
    return True


def _gets_no_answer(session: Session, conversation: Conversation, message: Message) -> bool:
    """Whether the phone that ``message`` came from gets no text; what is written on the web is answered there all the same."""
    return came_by(conversation, message) == "sms" and is_suppressed(session, conversation.phone_index)


def _of_the_provider(message: Message) -> Keyword | None:
    """What the provider itself took the text for: its own list of words may hold some that ours does not.

    A text that it took for START is an answer like any other unless the phone had opted out ("YES" is on its list too).
    """
    return {"STOP": Keyword.OPT_OUT, "HELP": Keyword.HELP}.get(message.opt_out_type or "")


def _asks_to_stop(content: Content, conversation: Conversation, message: Message) -> bool:
    """A wish for no more texts. "Don't contact me" is the answer when we have just asked whether to call."""
    if message.opt_out_type == "STOP" or read_keyword(message.text, content.keywords) is Keyword.OPT_OUT:
        return True
    asked_about_calling = conversation.expects_kind == Kind.CONTACT_CONSENT
    return not asked_about_calling and asks_to_stop(message.text, content)


def _danger(session: Session, content: Content, conversation: Conversation, waiting: list[Message], *, flooded: bool) -> bool:
    """Flags every danger in what waits; answers the gravest at once when it cannot wait. A phone that opted out gets no text,
    but staff are told. In a flood the same words are said once."""
    dangers = dangers_of(content, conversation, waiting)
    for hit, told_in in dangers:
        flag_danger(session, conversation, hit, told_in.id)
        told_in.understood = {"safety": {"trigger": hit.trigger, "category": hit.category.value, "level": hit.level.value}}
    gravest = next((hit for hit, _ in dangers if stops_questions(hit)), None)
    message = waiting[0]
    if gravest is None or _gets_no_answer(session, conversation, message):
        note_what_can_wait(session, conversation, dangers, message)
        return False
    stops_too = conversation.channel == "sms" and any(_asks_to_stop(content, conversation, text) for text in waiting)
    if stops_too:
        record_opt_out(session, conversation, message)
    set_aside(message, waiting[1:])
    end(waiting, "done")
    answer_danger(session, content, conversation, message, gravest, _language(content, conversation, message), flooded=flooded,
                  passes_opt_out=stops_too)
    return True


def _nothing_to_read(session: Session, content: Content, conversation: Conversation, message: Message) -> bool:
    """Pictures, empty messages and languages we do not speak: one honest line and the question again."""
    if message.media_count:  # with words or without: staff must know that there is something we cannot see
        raise_flag(session, conversation, "picture", "W9", Urgency.STANDARD, message_id=message.id)
    if for_engine(message.text) == "":
        taken = Taken.PICTURE_RECEIVED if message.media_count else Taken.EMPTY_MESSAGE
    elif recognise(message.text, content.languages) == "other" and not name_expected(conversation):
        taken = Taken.OTHER_LANGUAGE
        raise_flag(session, conversation, "other_language", "N10", Urgency.STANDARD, message_id=message.id)
    else:
        return False
    said = content.messages.system(taken.value, _language(content, conversation, message))
    _say_once(session, conversation, message, said, taken)
    return True


def _say_once(session: Session, conversation: Conversation, message: Message, said: str, taken: Taken) -> None:
    """Says a line and asks the open question again, unless that very line was the last thing said (three pictures in a row)."""
    question = last_question(session, conversation)
    if was_just_said(session, conversation, said) or (question is not None and question.text.startswith(said)):
        mark_done(message, taken)
    elif question is None:
        reply_plainly(session, conversation, message, Reply(said), taken=taken)
    else:
        reply_plainly(session, conversation, message, question.again_after(said), taken=taken)


def _language(content: Content, conversation: Conversation, message: Message) -> Language:
    """The language of this turn: the one asked for, the one plainly written, else the conversation's."""
    asked = asks_for_language(message.text, content.languages)
    if asked is not None and not name_expected(conversation):
        return asked
    written = recognise(message.text, content.languages)
    first = conversation.introduced_at is None and conversation.channel == "sms"
    enough = first or len(message.text.split()) >= WORDS_TO_SWITCH
    if written in ("en", "es") and enough and not name_expected(conversation):
        return "es" if written == "es" else "en"
    return "es" if conversation.language == "es" else "en"


def _context(content: Content, conversation: Conversation, message: Message, today: date, crossed: Crossed) -> dict[str, Any]:
    message.language = recognise(message.text, content.languages)
    kind, id_ = conversation.expects_kind, conversation.expects_id
    if crossed.about is not None:
        kind, id_ = crossed.about.kind.value, crossed.about.id
    context: dict[str, Any] = {
        "language": _language(content, conversation, message),
        "channel": came_by(conversation, message),
        "child_name": conversation.child.name if conversation.child else None,
        "expects": None if kind is None else {"kind": kind, "id": id_},
        "today": today.isoformat(),
    }
    tapped = item_to_change(message)
    context |= {} if tapped is None else {"change": tapped}
    context |= read_by_rule(message.text, kind, id_, content, picked=is_ready_answer(content, kind, message.text, id_))
    return context if crossed.about is None else {**context, BOUND_TO_PREVIOUS: True}
