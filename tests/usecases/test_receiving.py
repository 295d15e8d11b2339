"""Taking in a message: stored once with its job or not at all, cleaned, in the order it came."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from a_family import PHONE, rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update

from intake.store.connection import Store
from intake.store.models import ChatSession, Conversation, Family, Message
from intake.usecases.receiving import (
    TEXT_LIMIT,
    Received,
    SameIdOtherText,
    SessionUnknown,
    chat_messages,
    open_chat,
    receive_chat,
    receive_sms,
)


def _sms(store: Store, sid: str = "SM1", said: str = "hi", sender: str = PHONE) -> Received:
    return receive_sms(store, message_sid=sid, sender=sender, text=said)


def _jobs(store: Store) -> list[tuple[str, str, str]]:
    with store.reading() as session:
        found = session.execute(text("select task_name, lock, args->>'message_id' from procrastinate_jobs order by id"))
        return [(row[0], row[1], row[2]) for row in found]


def test_a_text_is_stored_with_the_job_that_answers_it_under_the_conversations_lock(store: Store) -> None:
    received = _sms(store)
    [conversation] = rows(store, Conversation)
    assert received.new
    assert _jobs(store) == [("take_turn", f"conversation:{conversation.id}", str(received.message_id))]


def test_the_same_provider_id_twice_is_one_message_and_one_job(store: Store) -> None:
    first, again = _sms(store, said="hi"), _sms(store, said="hi")
    assert again == Received(first.message_id, first.seq, new=False)
    assert len(rows(store, Message)) == len(_jobs(store)) == 1


def test_the_same_provider_id_from_many_threads_at_one_instant_is_one_message(store: Store) -> None:
    together = threading.Barrier(6)

    def deliver(_: int) -> Received:
        together.wait()
        return _sms(store)

    with ThreadPoolExecutor(6) as threads:
        received = list(threads.map(deliver, range(6)))
    assert sum(one.new for one in received) == 1
    assert len({one.message_id for one in received}) == len(rows(store, Message)) == len(_jobs(store)) == 1


def test_two_first_texts_of_one_phone_at_the_same_instant_find_one_conversation(store: Store) -> None:
    together = threading.Barrier(6)

    def deliver(number: int) -> Received:
        together.wait()
        return _sms(store, f"SM{number}")

    with ThreadPoolExecutor(6) as threads:
        received = list(threads.map(deliver, range(6)))
    assert len(rows(store, Conversation)) == len(rows(store, Family)) == 1
    assert sorted(one.seq for one in received) == [1, 2, 3, 4, 5, 6]


def test_another_phone_is_another_conversation(store: Store) -> None:
    _sms(store, "SM1")
    _sms(store, "SM2", sender="+18605550177")
    assert len(rows(store, Conversation)) == 2


def test_a_message_whose_job_cannot_be_deferred_is_not_stored_either(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("alter table procrastinate_jobs rename to procrastinate_away"))
    try:
        with pytest.raises(Exception, match="procrastinate_jobs"):
            _sms(store)
    finally:
        with store.engine.begin() as connection:
            connection.execute(text("alter table procrastinate_away rename to procrastinate_jobs"))
    assert rows(store, Message) == [] and _jobs(store) == []
    assert _sms(store).new, "the provider's next try must find no trace of the failed one"


def test_unseen_characters_are_taken_out_and_what_is_too_long_is_cut(store: Store) -> None:
    _sms(store, "SM1", "no\x00 words\u202e yet\u200b")
    _sms(store, "SM2", "a" * (TEXT_LIMIT + 500))
    first, second = sorted(rows(store, Message), key=lambda message: message.seq)
    assert first.text == "no words yet"
    assert len(second.text) == TEXT_LIMIT == 10_000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(said=st.text(max_size=40), client_id=st.text(min_size=1, max_size=64))
def test_whatever_characters_a_browser_sends_they_are_taken_in_once(store: Store, said: str, client_id: str) -> None:
    token = open_chat(store, language="en", hours=1).token
    first = receive_chat(store, token=token, client_msg_id=client_id, text=said)
    again = receive_chat(store, token=token, client_msg_id=client_id, text=said)
    assert first.new and not again.new and first.message_id == again.message_id


@pytest.mark.parametrize("lone", ["\ud800", "a\udfff"])
def test_half_an_emoji_breaks_neither_id_nor_text(store: Store, lone: str) -> None:
    token = open_chat(store, language="en", hours=1).token
    assert receive_chat(store, token=token, client_msg_id=lone, text=lone).new
    assert receive_sms(store, message_sid="SM1", sender=PHONE, text=lone).new


def test_a_web_chat_begins_with_an_opening_to_greet_which_the_browser_never_sees(store: Store) -> None:
    chat = open_chat(store, language="es", hours=1)
    assert len(_jobs(store)) == 1
    assert chat_messages(store, token=chat.token, after=0) == []
    receive_chat(store, token=chat.token, client_msg_id="1", text="hola")
    [shown] = chat_messages(store, token=chat.token, after=0)
    assert (shown.text, shown.speaker, shown.seq) == ("hola", "you", 2)
    assert rows(store, Conversation)[0].language == "es"


def test_one_id_for_two_different_texts_is_refused(store: Store) -> None:
    token = open_chat(store, language=None, hours=1).token
    receive_chat(store, token=token, client_msg_id="1", text="yes")
    with pytest.raises(SameIdOtherText):
        receive_chat(store, token=token, client_msg_id="1", text="no")
    assert [message.text for message in rows(store, Message) if message.text] == ["yes"]


def test_two_browsers_may_use_the_same_id(store: Store) -> None:
    for _ in range(2):
        token = open_chat(store, language=None, hours=1).token
        assert receive_chat(store, token=token, client_msg_id="1", text="yes").new


def test_a_wrong_or_expired_token_opens_nothing(store: Store) -> None:
    token = open_chat(store, language=None, hours=1).token
    with pytest.raises(SessionUnknown):
        receive_chat(store, token=str(uuid4()), client_msg_id="1", text="yes")
    with store.transaction() as session:
        session.execute(update(ChatSession).values(expires_at=text("now() - interval '1 second'")))
    with pytest.raises(SessionUnknown):
        chat_messages(store, token=token, after=0)


def test_the_token_itself_is_nowhere_in_the_database(store: Store) -> None:
    chat = open_chat(store, language=None, hours=1)
    [kept] = rows(store, ChatSession)
    assert chat.token.encode() not in kept.token_hash and chat.token != chat.conversation


def test_a_browser_is_given_what_came_after_the_place_it_names(store: Store) -> None:
    token = open_chat(store, language=None, hours=1).token
    for number in range(4):
        receive_chat(store, token=token, client_msg_id=str(number), text=f"m{number}")
    assert [message.text for message in chat_messages(store, token=token, after=3)] == ["m2", "m3"]
