"""Programs die in the middle of a conversation: nothing is lost, nothing happens twice, nobody is thanked for nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from people import Phone
from sqlalchemy import func, select
from walking import about_a_child, born, in_words

from growline.system import System
from intake.store.connection import Store
from intake.store.models import Answer, Conversation, Message

pytestmark = pytest.mark.system

Case = Callable[..., dict[str, Any]]
THANKS = ("thank", "saved", "welcome", "2 of", "3 of")


@pytest.fixture(autouse=True)
def everything_comes_up_again(system: System) -> Iterator[None]:
    yield
    system.let_up()
    for program in system.programs.values():
        _wait_until(program.is_ready, 60)


def _wait_until(true: Callable[[], bool], seconds: float) -> float:
    """Waits and returns how long it took; fails when it never comes."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds, "it did not happen in time"
        time.sleep(0.1)
    return time.monotonic() - start


def _in_the_list(phone: Phone) -> None:
    phone.says("hi")
    about_a_child(phone, yes="yes", relation="mom", name="Pia", birth=in_words(born(19)), early="no")
    phone.says("no")
    assert "1 of 15" in phone.says("no")


def _rows(store: Store, phone: Phone, item: str) -> list[str]:
    """All values ever kept for ``item``, replaced ones too."""
    with store.reading() as session:
        query = (select(Answer.value).join(Conversation, Answer.conversation_id == Conversation.id)
                 .where(Conversation.phone_index == store.keys.phone_index(phone.number), Answer.item == item))
        return list(session.scalars(query))


def _all_of(system: System, kind: str) -> list[str]:
    """The names of all running programs of a kind: worker, worker2."""
    return [name for name in system.programs if name.rstrip("0123456789") == kind]


def _open_messages(store: Store) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).where(Message.state == "received")) or 0


@pytest.mark.parametrize("down", ["actions", "engine"])
def test_a_killed_program_is_never_covered_by_a_false_thanks(down: str, phone: Phone, system: System, case: Case,
                                                             live_store: Store) -> None:
    _in_the_list(phone)
    before = len(phone.received())
    system.hold_down(*_all_of(system, down))
    phone.sends("not yet")
    _wait_until(lambda: len(phone.received()) > before, 30)
    told = phone.received()[before:]
    assert len(told) == 1 and "can't save your answer yet" in told[0]
    assert not any(word in told[0].lower() for word in THANKS)
    assert _rows(live_store, phone, "m18.social.explores_checks_back") == []
    assert ("not_saved", None) in {(r["code"], r["item"]) for r in case(phone=phone.number)["reasons"]}, "staff are told"

    system.let_up()
    _wait_until(lambda: len(phone.received()) > before + 1, 90)
    assert "2 of 15" in phone.received()[-1]
    assert _rows(live_store, phone, "m18.social.explores_checks_back") == ["not_yet"]
    assert len(phone.received()) == before + 2, "one honest line and one answer"


UNSEEN = ("m18.social.points_to_show", "m18.social.hands_out_wash")


def test_texts_sent_while_the_engine_is_down_answer_no_question_the_parent_has_not_seen(phone: Phone, system: System,
                                                                                       live_store: Store) -> None:
    _in_the_list(phone)
    before = len(phone.received())
    system.hold_down(*_all_of(system, "engine"))
    phone.sends("yes")
    _wait_until(lambda: _was_tried(live_store), 30)  # alone with the engine: what comes now is not read with it
    for answer in ("not yet", "sometimes"):
        phone.sends(answer)
    system.let_up()
    _wait_until(lambda: _open_messages(live_store) == 0, 150)
    assert _rows(live_store, phone, "m18.social.explores_checks_back") == ["yes"], "nothing but what was asked"
    assert [_rows(live_store, phone, item) for item in UNSEEN] == [[], []]
    _wait_until(lambda: "1 of 15" in phone.received()[-1] and len(phone.received()) > before, 10)
    assert any("2 of 15" in text for text in phone.received()[before:]), "which of them is right is asked of the first again"


def _was_tried(store: Store) -> bool:
    """Whether the message that waits has been tried once with an engine that did not answer."""
    with store.reading() as session:
        return bool(session.scalar(select(func.max(Message.tries)).where(Message.state == "received")))


def test_texts_sent_while_the_workers_are_down_are_read_together_and_answered_once(phone: Phone, system: System,
                                                                                 live_store: Store) -> None:
    _in_the_list(phone)
    before = len(phone.received())
    system.hold_down(*_all_of(system, "worker"))
    for answer in ("yes", "not yet", "sometimes"):
        phone.sends(answer)
    system.let_up()
    _wait_until(lambda: len(phone.received()) > before, 60)
    _wait_until(lambda: _open_messages(live_store) == 0, 30)
    assert len(phone.received()) == before + 1 and "1 of 15" in phone.received()[-1], "it asks which of them is right"
    for item in ("m18.social.explores_checks_back", *UNSEEN):
        assert _rows(live_store, phone, item) == []


def test_a_worker_killed_again_and_again_loses_nothing_and_repeats_nothing(phone: Phone, system: System,
                                                                           live_store: Store) -> None:
    _in_the_list(phone)
    before = len(phone.received())
    pauses = []
    for number, delay in enumerate((0.0, 0.02, 0.05, 0.1, 0.2), start=1):
        phone.sends("yes")
        time.sleep(delay)
        system.programs["worker"].kill()
        expected = f"{number + 1} of 15"
        pauses.append(_wait_until(lambda expected=expected: any(expected in text for text in phone.received()), 30))
    _wait_until(lambda: _open_messages(live_store) == 0, 10)
    texts = phone.received()[before:]
    assert [text.split(" of ")[0] for text in texts] == ["2", "3", "4", "5", "6"], "each answered once, in order"
    with live_store.reading() as session:
        conversation = session.scalars(select(Conversation).where(
            Conversation.phone_index == live_store.keys.phone_index(phone.number))).one()
        doubled = session.execute(select(Message.in_reply_to, Message.position, func.count()).where(
            Message.conversation_id == conversation.id, Message.direction == "outbound")
            .group_by(Message.in_reply_to, Message.position).having(func.count() > 1)).all()
    assert doubled == []
    assert max(pauses) < 15, f"the worker came back too late: {pauses}"


def test_a_text_that_a_dying_gateway_did_not_take_is_late_and_not_lost(phone: Phone, system: System, live_store: Store) -> None:
    _in_the_list(phone)
    before = len(phone.received())
    system.programs["gateway"].kill()
    phone.sends("yes")
    _wait_until(lambda: len(phone.received()) > before, 60)
    assert "2 of 15" in phone.received()[-1] and len(phone.received()) == before + 1
    assert _rows(live_store, phone, "m18.social.explores_checks_back") == ["yes"]
