"""A phone that is somebody else's sees nothing that was told about a child; staff keep the case (W29, W30)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import OLDER, PHONE, AFamily
from sqlalchemy import update

from intake.rules.interview import Expects, Kind
from intake.store.models import Consent, Conversation, Message
from intake.usecases.receiving import receive_sms
from intake.usecases.taking import take

Family = Callable[..., AFamily]
CHILD = "Mateo"


def last_reply(parent: AFamily) -> Message:
    return max((row for row in parent.all(Message) if row.direction == "outbound"), key=lambda row: row.seq)


def an_hour_passes(parent: AFamily) -> None:
    passes(parent, "1 hour")


def passes(parent: AFamily, time: str) -> None:
    with parent.store.engine.begin() as connection:
        connection.exec_driver_sql(f"update message set created_at = created_at - interval '{time}'")


@pytest.mark.parametrize(("text", "language"), [("wrong number", "en"), ("new phone who dis", "en"),
                                                ("numero equivocado", "es"), ("se equivocó de número", "es")])
def test_a_wrong_number_ends_it_and_shows_nothing_of_the_child(family: Family, text: str, language: str) -> None:
    parent = family(until=Kind.WORRY)
    before = [row.id for row in parent.all(Message) if row.state == "queued"]
    assert before and parent.is_taken(text) is None
    said = last_reply(parent)
    assert said.text == parent.content.messages.system("wrong_number", language) and CHILD not in said.text
    assert "ask_" not in said.text, "no question comes back"
    assert parent.conversation().status == "wrong_person" and ("wrong_number", None) in parent.reasons()
    assert {row.state for row in parent.all(Message) if row.id in before} == {"canceled"}
    assert [(row.kind, row.given) for row in parent.all(Consent)][-1] == ("sms", False)


def test_whoever_writes_from_that_phone_afterwards_begins_anew(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    parent.is_taken("wrong number")
    received = receive_sms(parent.store, message_sid="SMnew", sender=PHONE, text="hi, what is this?")
    assert len(parent.all(Conversation)) == 2
    turn = take(parent.store, parent.content, received.message_id, today=parent.today)
    assert turn is not None
    assert (turn.context["child_name"], turn.context["expects"]) == (None, None) and turn.conversation != parent.public_id


def test_a_repeated_webhook_of_the_ended_conversation_stays_in_it(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    first = receive_sms(parent.store, message_sid="SMx", sender=PHONE, text="wrong number")
    take(parent.store, parent.content, first.message_id)
    again = receive_sms(parent.store, message_sid="SMx", sender=PHONE, text="wrong number")
    assert (again.message_id, again.new) == (first.message_id, False) and len(parent.all(Conversation)) == 1


def test_who_asks_in_the_middle_of_a_talk_is_answered_by_the_engine(family: Family) -> None:
    assert family(until=Kind.WORRY).is_taken("who is this?") is not None


def test_who_asks_out_of_the_blue_is_told_who_we_are_and_nothing_else(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    an_hour_passes(parent)
    assert parent.is_taken("who is this?") is None
    said = last_reply(parent)
    assert said.text == parent.content.messages.system("who_we_are", "en") and CHILD not in said.text
    assert ("who_is_this", None) in parent.reasons()


@pytest.mark.parametrize("text", ["ok what is it about", "hm?", "does he talk yet"])
def test_after_that_nothing_but_a_plain_yes_brings_a_question_about_the_child(family: Family, text: str) -> None:
    parent = family(until=Kind.WORRY)
    an_hour_passes(parent)
    parent.is_taken("quien es")
    assert parent.is_taken(text) is None
    assert "ask_" not in last_reply(parent).text and CHILD not in last_reply(parent).text


@pytest.mark.parametrize("yes", ["yes", "yes it is me", "sí"])
def test_the_parent_who_says_yes_goes_on_where_it_stopped(family: Family, yes: str) -> None:
    parent = family(until=Kind.WORRY)
    an_hour_passes(parent)
    parent.is_taken("who is this?")
    assert parent.is_taken(yes) is None
    assert "ask_worry" in last_reply(parent).text and parent.open() == Expects(Kind.WORRY)
    assert parent.conversation().status == "open"


def test_the_question_who_this_is_after_a_text_that_we_started_is_out_of_the_blue(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    with parent.store.transaction() as session:
        session.execute(update(Message).where(Message.id == last_reply(parent).id).values(in_reply_to=None, purpose="reminder"))
    assert parent.is_taken("who is this") is None
    assert parent.conversation().status == "who_asked"


def test_before_any_introduction_there_is_nothing_to_protect(family: Family) -> None:
    assert family().is_taken("who is this") is not None


@pytest.mark.parametrize("until", [Kind.RELATION, Kind.PHONE])
def test_not_my_kid_is_an_answer_where_it_was_asked_who_writes_or_whom_to_call(family: Family, until: Kind) -> None:
    parent = family(until=until, answers=OLDER)
    assert parent.is_taken("not my kid") is not None
    an_hour_passes(parent)
    assert parent.is_taken("wrong number") is None
    assert parent.conversation().status == "wrong_person"


def test_who_writes_after_so_long_that_the_phone_may_be_anothers_is_asked_before_a_question_comes_back(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    passes(parent, "46 days")
    assert parent.is_taken("hi, he still does not talk") is None
    said = last_reply(parent)
    assert said.text == parent.content.messages.system("who_we_are", "en") and ("long_silence", None) in parent.reasons()
    assert parent.is_taken("yes") is None
    assert "ask_worry" in last_reply(parent).text


def test_who_comes_back_after_a_month_goes_on_where_it_stopped(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    passes(parent, "30 days")
    assert parent.is_taken("hi, he still does not talk") is not None
