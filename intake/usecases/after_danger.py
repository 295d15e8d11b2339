"""How it goes on after the lines about danger: the one question, what its answer leads to, and what was open before.

All of it goes by rules and stored words, so it works while the engine is down, before consent, and where staff have taken
over. What is no answer goes to the engine as ever; only the next question of the conversation is held back until the danger is
over, or the family writes GO, or has been asked twice.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.content.bilingual import Bilingual, Language
from intake.content.library import Content
from intake.content.safety import SafetyLines
from intake.rules.after_danger import Asked, Told, read_after_danger, still_open
from intake.rules.interview import Expects, Kind
from intake.rules.safety import SafetyCategory, SafetyHit, SafetyLevel
from intake.rules.triage import Urgency
from intake.store.models import Conversation, DangerTold, Message
from intake.usecases.danger import AFTER_SAFETY, flag_danger, ready_answers, says_it_all
from intake.usecases.discretion import DISCREET, is_discreet, latest_danger
from intake.usecases.flags import raise_flag
from intake.usecases.replying import Reply, question_put_as, reply_plainly
from intake.usecases.scene import Scene
from intake.usecases.sendings import DANGER

MOST_HELD = 2  # how often the next question waits for an answer about the danger
HELD_FOR = timedelta(hours=12)


def hears_after_danger(session: Session, content: Content, conversation: Conversation, message: Message, language: Language, *,
                       suppressed: bool, crossing_seconds: float = 0.0) -> bool:
    """Reads ``message`` as the answer to what was asked after words of danger; says whether it was answered here.

    A "yes" that was written before the question can have been read (``crossing_seconds``) answers something else.

    What was told is kept in any case. A phone that gets no text gets none; where a person of the team writes, only danger that
    goes on is answered.
    """
    danger = _asked_about(session, conversation)
    if danger is None or danger.asked is None or message.media_count:
        return False
    told = read_after_danger(message.text, Asked(danger.asked), content.safety.going_on.words)
    if told is None or (not still_open(told) and message.created_at < danger.said_at + timedelta(seconds=crossing_seconds)):
        return False
    if told is Told.SAFE and danger.told is not None and not still_open(danger.told):
        told = Told.GO_ON  # it was safe before; this yes is to "write GO to go on"
    _keep(session, conversation, danger, message, told)
    if suppressed or (conversation.staff_id is not None and not still_open(told)):
        return False
    if told is Told.GO_ON:
        return _goes_on(session, content, conversation, message, danger, language, "")
    _Answer(session, content, conversation, message, danger, language).to(told)
    return True


def _asked_about(session: Session, conversation: Conversation) -> DangerTold | None:
    open_now = (conversation.expects_kind, conversation.expects_id)
    return latest_danger(session, conversation.id) if open_now == (AFTER_SAFETY.kind.value, AFTER_SAFETY.id) else None


def _keep(session: Session, conversation: Conversation, danger: DangerTold, message: Message, told: Told) -> None:
    """Keeps what was told. Going on is no word about the danger, so it takes the place of none."""
    message.understood = {**(message.understood or {}), "after_danger": told.value}
    if told is Told.GO_ON and danger.told is not None:
        return
    danger.told, danger.told_in, danger.told_at = told.value, message.id, datetime.now(UTC)
    if still_open(told):
        flag_danger(session, conversation, _hit(danger), message.id)
    if told is Told.OTHER_WAY:
        raise_flag(session, conversation, "wants_person", "E9", Urgency.URGENT, message_id=message.id)


def _hit(danger: DangerTold) -> SafetyHit:
    return SafetyHit(danger.trigger, SafetyCategory(danger.category), SafetyLevel(danger.level), False, danger.situation)


class _Answer:
    """The answer to one message that told how it stands with a danger."""

    def __init__(self, session: Session, content: Content, conversation: Conversation, message: Message, danger: DangerTold,
                 language: Language) -> None:
        self.session, self.content, self.conversation = session, content, conversation
        self.message, self.danger, self.language = message, danger, language
        self.lines = content.safety.going_on.lines

    def to(self, told: Told) -> None:
        """Says what fits to what was ``told``."""
        if self.danger.asked == Asked.SAFE_TO_READ:
            self._discreetly(told)
        elif told in (Told.NOT_SAFE, Told.UNSURE):
            self._number_again()
        elif told is Told.NOT_NOW:
            said = self._in_words(self.lines.heard_not_now, self._safety_lines().number)
            if not _goes_on(self.session, self.content, self.conversation, self.message, self.danger, self.language, said):
                self._say(said, self._go_on())
        else:
            heard = self.lines.heard_help if told is Told.HELP_IS_THERE else self.lines.heard_safe
            self._say(self._in_words(heard), self._go_on())

    def _number_again(self) -> None:
        """It goes on: everything once more when only now it is clear, else the number; and that staff were told."""
        if self.danger.asked == Asked.HAPPENING_NOW:
            self.danger.asked = Asked.SAFE_NOW.value
            said = says_it_all(_hit(self.danger), self.content, self.language)
        else:
            said = self._in_words(self._safety_lines().number, self.lines.staff_told)
        question = safe_question(self.content, self.danger.situation).in_language(self.language)
        self._say(said, question, purpose=DANGER, choices=ready_answers(Asked.SAFE_NOW, self.content, self.language))

    def _discreetly(self, told: Told) -> None:
        fits = {Told.SAFE: self.lines.discreet_yes, Told.OTHER_WAY: self.lines.discreet_other_way,
                Told.HELP_IS_THERE: self.lines.discreet_else}
        self._say(self._in_words(fits.get(told, self.lines.discreet_no)), self._in_words(self.lines.discreet_go))

    def _say(self, said: str, question: str, *, purpose: str | None = None, choices: list[dict[str, str]] | None = None) -> None:
        reply = Reply(f"{said}\n{question}", AFTER_SAFETY, choices or [], question=question)
        payload = {DISCREET: True} if is_discreet(self.danger) else None
        reply_plainly(self.session, self.conversation, self.message, reply, payload=payload, purpose=purpose)

    def _safety_lines(self) -> SafetyLines:
        return self.content.safety.lines[self.danger.situation]

    def _go_on(self) -> str:
        return self.lines.go_on.in_language(self.language).format(phone=self.content.messages.affiliate.phone)

    def _in_words(self, *lines: Bilingual) -> str:
        return " ".join(line.in_language(self.language) for line in lines)


def safe_question(content: Content, situation: str) -> Bilingual:
    """The question whether it is over, for this kind of danger."""
    return content.safety.lines[situation].safe or content.safety.going_on.lines.safe_now


def _goes_on(session: Session, content: Content, conversation: Conversation, message: Message, danger: DangerTold,
             language: Language, said: str) -> bool:
    """Asks again what was open before the danger, after ``said``; False when that is for the engine to find out."""
    if danger.before_kind in (None, Kind.FREE.value) or conversation.status != "open":
        if danger.before_kind is not None and not said:
            conversation.expects_kind, conversation.expects_id = danger.before_kind, danger.before_id
        return False
    before = Expects(Kind(danger.before_kind), danger.before_id)
    question = question_put_as(session, conversation, before)
    if question is None:
        return False
    told = "\n".join(filter(None, (said, content.messages.system("stopped_here", language))))
    conversation.expects_kind, conversation.expects_id = before.kind.value, before.id
    reply_plainly(session, conversation, message, question.again_after(told),
                  payload={DISCREET: True} if is_discreet(danger) else None)
    return True


def still_in_danger(scene: Scene) -> Expects | None:
    """Holds the next question back when it was not told how it stands with a danger: the number and its question once more."""
    if scene.turn.expects != AFTER_SAFETY:
        return None
    danger = latest_danger(scene.session, scene.conversation.id)
    if danger is None or not still_open(danger.told) or danger.held >= MOST_HELD or _is_old(scene, danger):
        return None
    danger.held += 1
    scene.say("safety", lines=_held_words(scene.content, danger, scene.turn.language))
    return AFTER_SAFETY


def _is_old(scene: Scene, danger: DangerTold) -> bool:
    return _written_at(scene.session, scene.turn.message_id) - danger.said_at > HELD_FOR


def _written_at(session: Session, message_id: UUID) -> datetime:
    return session.scalars(select(Message.created_at).where(Message.id == message_id)).one()


def _held_words(content: Content, danger: DangerTold, language: Language) -> str:
    lines = content.safety.going_on.lines
    if danger.asked == Asked.SAFE_TO_READ:
        told = [lines.discreet_else, lines.discreet_go]
    else:
        asks = content.safety.lines[danger.situation].question
        question = asks if danger.asked == Asked.HAPPENING_NOW else safe_question(content, danger.situation)
        told = [lines.heard_else, content.safety.lines[danger.situation].number, lines.or_go, question]
    return "\n".join((" ".join(line.in_language(language) for line in told[:-1]), told[-1].in_language(language)))
