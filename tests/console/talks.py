"""Talks of made-up families for the case page: walked as worker and actions do it, with what the engine understood."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import update

from intake.content.library import Content
from intake.rules.interview import Expects, Kind
from intake.store.connection import Store
from intake.store.models import Message
from intake.usecases.replying import finish_turn
from intake.usecases.scene import Scene
from intake.usecases.turns import Desk
from tests.usecases.a_family import AFamily, a_conversation

Deed = Callable[[Scene], Expects | None]


def a_talk(store: Store, content: Content, until: Kind, **more: Any) -> AFamily:
    """A family led up to ``until``; everything we wrote has arrived."""
    family = a_conversation(store, content, until, **more)
    with store.transaction() as session:
        session.execute(update(Message).where(Message.direction == "outbound").values(state="delivered"))
    return family


def hears(family: AFamily, text: str, deed: Deed, intent: str, *, sure: float = 0.97, step: str = "milestone",
          entities: tuple[tuple[str, Any], ...] = ()) -> Message:
    """The family writes ``text``, the engine takes it for ``intent``, ``deed`` is done; returns the message."""
    turn = family.turn(text)
    context = {"language": family.language, "channel": family.channel,
               "expects": turn.expects and {"kind": turn.expects.kind.value, "id": turn.expects.id}}
    with family.store.transaction() as session:
        session.execute(update(Message).where(Message.id == turn.message_id)
                        .values(context=context, language=family.language))
    outcome = Desk(family.store, family.content).take_step(turn, step, deed)
    after = outcome.expects
    receipt = {"receipt": str(turn.message_id), "choices": [], "asks": outcome.asks,
               "expects": None if after is None else {"kind": after.kind.value, "id": after.id}}
    understood = {"intent": intent, "confidence": sure,
                  "entities": [{"entity": name, "value": value} for name, value in entities]}
    finish_turn(family.store, turn.message_id, [line.name for line in outcome.lines], receipt, understood)
    with family.store.reading() as session:
        return session.get_one(Message, turn.message_id)
