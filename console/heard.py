"""What the agent made of each message of a parent, and what became of what it read back, worked out from the rows kept.

Four queries, however long the conversation is. What was not kept is not guessed at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from console.read_back import Event, ReadBack, read_backs
from intake.rules.interview import Expects, Kind
from intake.store.models import Answer, Concern, Flag, Message, Turn
from intake.usecases.asked import question_in
from intake.usecases.taking import BOUND_TO_PREVIOUS

# The lines of a turn that say: this was no answer to what we asked, so it is asked again.
ASKED_AGAIN = frozenset({
    "not_understood", "not_understood_milestone", "name_not_understood", "birth_not_understood", "birth_unclear",
    "birth_future", "birth_over_age", "phone_not_understood", "please_pick", "please_tell_me", "no_such_number"})
_ORDERED: tuple[tuple[Any, tuple[Any, ...]], ...] = (
    (Answer, (Answer.created_at, Answer.id)), (Concern, (Concern.created_at, Concern.domain)), (Flag, (Flag.raised_at, Flag.id)))
_OF_THE_PROVIDER = {"STOP": "opt_out", "HELP": "help", "START": "opt_in"}


@dataclass(frozen=True)
class Heard:
    """What was made of one message; codes, with the rows that were kept because of it.

    ``item`` is the question it was taken to answer, ``previous`` when that was the one before the open one. ``intent`` and
    ``sure`` (percent) come from the engine, ``command`` and ``rule`` from the rules before it, ``step`` is what was done.
    ``fine`` are domains that were said to be no worry, ``reading`` the answer that was read back before it was kept.
    """

    answers: tuple[Answer, ...] = ()
    concerns: tuple[Concern, ...] = ()
    flags: tuple[Flag, ...] = ()
    item: str | None = None
    previous: bool = False
    picked: bool = False
    intent: str | None = None
    sure: int | None = None
    command: str | None = None
    rule: str | None = None
    step: str | None = None
    fine: tuple[str, ...] = ()
    birth: Mapping[str, Any] = field(default_factory=dict)
    reading: str | None = None
    asked_again: bool = False
    read_with: Message | None = None
    together: tuple[Message, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was kept of how the message was taken."""
        told = (self.answers, self.concerns, self.flags, self.intent, self.command, self.rule, self.step, self.read_with)
        return not any(told)


NOTHING = Heard()


@dataclass(frozen=True)
class Hearing:
    """The whole conversation: by message what was ``heard``, and for messages of ours what they read back."""

    heard: Mapping[UUID, Heard]
    read_back: Mapping[UUID, ReadBack]
    marks: tuple[object, ...]
    """Changes when anything that is shown of it does."""

    def of(self, message: Message) -> Heard:
        """What was made of one message."""
        return self.heard.get(message.id, NOTHING)


@dataclass(frozen=True)
class Rows:
    """What a conversation's messages left: the answers, the worries, the flags."""

    answers: Sequence[Answer]
    concerns: Sequence[Concern]
    flags: Sequence[Flag]


def read_hearing(session: Session, conversation_id: UUID, messages: Sequence[Message], rows: Rows | None = None) -> Hearing:
    """What was made of ``messages``, all of one conversation, oldest first; ``rows`` when they were read already."""
    kept = _Kept(session, conversation_id, messages, rows or _read_rows(session, conversation_id))
    heard = {message.id: _heard(kept, message) for message in messages if message.direction == "inbound"}
    return Hearing(heard, read_backs(list(_events(kept, messages))), kept.marks)


class _Kept:
    """The rows of a conversation, by the message they came from."""

    def __init__(self, session: Session, conversation_id: UUID, messages: Sequence[Message], rows: Rows) -> None:
        turns = session.execute(select(Turn.message_id, Turn.step, Turn.outcome)
                                .where(Turn.conversation_id == conversation_id)).all()
        self.answers, self.concerns, self.flags = _by_message(rows.answers), _by_message(rows.concerns), _by_message(rows.flags)
        self.turns: dict[UUID, tuple[str, dict[str, Any]]] = {id_: (step, outcome) for id_, step, outcome in turns}
        self.messages = {message.id: message for message in messages}
        self.together: dict[UUID, list[Message]] = defaultdict(list)
        for message in messages:
            if message.read_with is not None:
                self.together[message.read_with].append(message)
        self.marks = (sorted(str(id_) for id_ in self.turns), sorted(str((row.id, row.replaced_at)) for row in rows.answers),
                      sorted(str((row.id, row.withdrawn_at)) for row in rows.concerns), sorted(str(row.id) for row in rows.flags))


def _read_rows(session: Session, conversation_id: UUID) -> Rows:
    return Rows(*(session.scalars(select(table).where(table.conversation_id == conversation_id).order_by(*order)).all()
                  for table, order in _ORDERED))


def _by_message(rows: Iterable[Any]) -> dict[UUID, tuple[Any, ...]]:
    found: dict[UUID, tuple[Any, ...]] = {}
    for row in rows:
        found[row.message_id] = (*found.get(row.message_id, ()), row)
    return found


def _heard(kept: _Kept, message: Message) -> Heard:
    understood, context = message.understood or {}, message.context or {}
    step, outcome = kept.turns.get(message.id, (None, {}))
    entities = _entities(understood)
    question = question_in(context)
    return Heard(
        kept.answers.get(message.id, ()), kept.concerns.get(message.id, ()), kept.flags.get(message.id, ()),
        item=None if question is None or question.kind is Kind.FREE else question.item,
        previous=bool(context.get(BOUND_TO_PREVIOUS)), picked=bool(context.get("picked") or context.get("change")),
        intent=_code(understood.get("intent")), sure=_percent(understood.get("confidence")),
        command=_code(understood.get("command")) or _command_of_provider(message, step), rule=_code(understood.get("rule")),
        step=step, fine=tuple(str(value) for name, value in entities if name == "fine"),
        birth=next((value for name, value in entities if name == "birth" and isinstance(value, dict)), {}),
        reading=_reading(question, outcome), asked_again=_is_asked_again(outcome),
        read_with=kept.messages.get(message.read_with) if message.read_with else None,
        together=tuple(kept.together.get(message.id, ())))


def _entities(understood: Mapping[str, Any]) -> list[tuple[str, Any]]:
    entities = understood.get("entities")
    found = [entity for entity in entities if isinstance(entity, dict)] if isinstance(entities, list) else []
    return [(str(entity.get("entity")), entity.get("value")) for entity in found]


def _code(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _percent(confidence: object) -> int | None:
    is_share = isinstance(confidence, int | float) and not isinstance(confidence, bool) and 0 <= confidence <= 1
    return round(100 * confidence) if is_share else None  # type: ignore[operator]


def _command_of_provider(message: Message, step: str | None) -> str | None:
    """What the provider took the text for, unless the engine has read it as any other (a "yes" is on its list too)."""
    return _OF_THE_PROVIDER.get(message.opt_out_type or "") if step is None and not message.understood else None


def _reading(question: Expects | None, outcome: Mapping[str, Any]) -> str | None:
    """The answer that the turn read back instead of keeping it; None when the read-back only came again."""
    kind, id_ = outcome.get("expects") or (None, None)
    if kind != Kind.MILESTONE or id_ is None or (question is not None and question.reading):
        return None
    return Expects(Kind.MILESTONE, id_).reading


def _is_asked_again(outcome: Mapping[str, Any]) -> bool:
    return any(line[0] in ASKED_AGAIN for line in outcome.get("lines") or ())


def _events(kept: _Kept, messages: Sequence[Message]) -> Iterator[Event]:
    """What was asked and what was kept, in the order of the messages."""
    for message in messages:
        question = question_in(message.payload) if message.direction == "outbound" else None
        if question is not None:
            yield Event(message.seq, asked_in=message.id, question=question)
        for answer in kept.answers.get(message.id, ()):
            yield Event(message.seq, answer=answer)
