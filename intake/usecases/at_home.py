"""What to do at home with the child: a few activities, told when a family asks for them.

Asked for by a word (PLAY, JUGAR) or a plain sentence, it is answered without the engine; a question that only the engine
understands comes here too. Nothing is kept about it but the texts themselves: what was told before is read from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.content.activities import Activity
from intake.content.bilingual import LANGUAGES, Language, as_language
from intake.content.library import Content
from intake.rules.at_home import Place, domains_of, next_telling
from intake.rules.checklist import checklist_for
from intake.rules.interview import NAMES, Kind
from intake.rules.keywords import asks_for_activities
from intake.rules.sms_text import Accents
from intake.store.models import Conversation, Message
from intake.usecases.danger import AFTER_SAFETY
from intake.usecases.replying import REFUSED, Reply, came_by, joined, last_question, reply_in_order
from intake.usecases.scene import Scene
from intake.usecases.told import standing_concerns

LOOKED_BACK_AT = 300  # texts of ours; who has had more since then hears an activity once more
ANY_WORD_ANSWERS = NAMES | {Kind.LOST_SKILLS}  # "Play" may be a name, and "jugar" what a child has stopped doing
_HEADINGS = {Place.FIRST: "at_home_first", Place.MORE: "at_home_more", Place.AGAIN: "at_home_again"}


def answers_with_activities(session: Session, content: Content, conversation: Conversation, message: Message,
                            language: Language, today: date, accents: Accents) -> bool:
    """Answers ``message`` when it asks for activities and for nothing else; the open question follows. Says whether it did.

    It gives way while danger was the last thing told, where nobody has agreed or been greeted yet, and where the language
    changes with the message, so that the open question changes with it.
    """
    if not _may_answer(conversation, message, language):
        return False
    may_be_an_answer = conversation.expects_kind in ANY_WORD_ANSWERS
    if not asks_for_activities(message.text, content.keywords, may_be_an_answer=may_be_an_answer):
        return False
    said = activities_in_words(session, content, conversation, language, today)
    question = last_question(session, conversation)
    open_again = None if question is None or question.expects is None or question.expects.kind is Kind.FREE else question
    reply_in_order(session, conversation, message, _replies(said, open_again, came_by(conversation, message), accents))
    return True


def tell_activities(scene: Scene, worries: Iterable[str]) -> None:
    """Says the activities, for ``worries`` heard just now too. After danger nothing is said of playing: the question may mean
    what to do about that."""
    if scene.turn.expects == AFTER_SAFETY:
        scene.say("faq_medical_advice")
        return
    said = activities_in_words(scene.session, scene.content, scene.conversation, scene.turn.language, scene.turn.today, worries)
    scene.say("faq_at_home", activities=said)


def activities_in_words(session: Session, content: Content, conversation: Conversation, language: Language, today: date,
                        worries: Iterable[str] = ()) -> str:
    """The next activities for the child as one text, or why there are none: no age is known, or no list fits it."""
    child = conversation.child
    name = (child.name if child is not None else None) or content.messages.system("child_unnamed", language)
    if child is None or child.birth_date is None:
        return content.messages.system("at_home_no_age", language, child=name)
    months = checklist_for(child.birth_date, child.weeks_early, max(today, child.birth_date)).months
    if months is None:
        return _without_a_list(content, language)
    activities = {activity.id: activity for activity in content.activities[months]}
    domains = [(activity.id, activity.domains) for activity in activities.values()]
    heard = [*worries, *(concern.domain for concern in standing_concerns(session, conversation) if concern.domain)]
    telling = next_telling(domains, _times_told(session, conversation, activities.values(), name), domains_of(heard))
    lines = [f"- {_filled(activities[id_], language, name)}" for id_ in telling.ids]
    return "\n".join([content.messages.system(_HEADINGS[telling.place], language, child=name), *lines])


def _without_a_list(content: Content, language: Language) -> str:
    monitoring = content.programs.monitoring
    if monitoring is None:
        return content.messages.system("at_home_no_list_by_phone", language)
    return content.messages.system("at_home_no_list", language, monitoring=monitoring.called.in_language(language))


def _may_answer(conversation: Conversation, message: Message, language: Language) -> bool:
    greeted = conversation.introduced_at is not None and conversation.status != REFUSED
    in_danger = (conversation.expects_kind, conversation.expects_id) == (AFTER_SAFETY.kind.value, AFTER_SAFETY.id)
    return greeted and not in_danger and not message.media_count and language == as_language(conversation.language)


def _times_told(session: Session, conversation: Conversation, activities: Iterable[Activity], name: str) -> dict[str, int]:
    """How many of the last texts hold each activity, in either language. A text sent anew is no second telling, and one that
    was withdrawn is none."""
    query = (select(Message.text).where(Message.conversation_id == conversation.id, Message.direction == "outbound",
                                        Message.resend_of.is_(None), Message.state != "canceled")
             .order_by(Message.seq.desc()).limit(LOOKED_BACK_AT))
    texts = list(session.scalars(query))
    forms = {activity.id: [_filled(activity, language, name) for language in LANGUAGES] for activity in activities}
    return {id_: sum(any(form in text for form in told) for text in texts) for id_, told in forms.items()}


def _filled(activity: Activity, language: Language, name: str) -> str:
    return activity.text.in_language(language).format(child=name)


def _replies(said: str, question: Reply | None, channel: str, accents: Accents) -> list[Reply]:
    """By text as few messages as hold it, on the web the question by itself; the last one asks."""
    if question is None:
        return [Reply(said)]
    asked = question.again_after("")
    texts = [said, asked.text]
    *before, last = texts if channel == "web" else joined(texts, accents)
    return [*map(Reply, before), Reply(last, asked.expects, asked.choices, asked.question, asked.progress)]
