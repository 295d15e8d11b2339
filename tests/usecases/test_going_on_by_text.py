"""Text me the rest: a phone that was typed into a chat gets one neutral text, and the chat only after its own plain yes (C14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from a_family import OTHER_PHONE, PHONE, AFamily
from sqlalchemy import text, update

from intake.rules.another_person import MOST_ASKED_A_DAY
from intake.rules.interview import Expects, Kind
from intake.store.models import Audit, Consent, Conversation, Message, Outreach, Staff, Suppression
from intake.usecases.claiming import SendingRules, ToSend, claim
from intake.usecases.delivery import record_failure
from intake.usecases.going_on_by_text import AskedTooOften, CannotGoOnByText, NoPhone, ask_phone
from intake.usecases.receiving import ASKED_PHONE, SessionUnknown, chat_messages, receive_chat, receive_sms
from intake.usecases.taking import EngineTurn, TakingRules, take
from intake.usecases.texting_consent import may_start_texts

Family = Callable[..., AFamily]
CHILD = "Mateo"
_sids = count(1)


@pytest.fixture
def on_the_web(family: Family) -> AFamily:
    """A family that was asked on the web what worries it."""
    return family(until=Kind.WORRY, channel="web")


def asks(parent: AFamily, typed: str = PHONE) -> None:
    ask_phone(parent.store, parent.content, token=parent.token, typed=typed)


def texts(parent: AFamily) -> list[Message]:
    """The texts that are to leave, in the order in which they were written."""
    return sorted((row for row in parent.all(Message) if row.state == "queued"), key=lambda row: row.created_at)


def asked(parent: AFamily) -> list[Conversation]:
    return [row for row in parent.all(Conversation) if row.asked_for is not None and row.phone is not None]


def arrives(parent: AFamily, words: str, phone: str = PHONE) -> EngineTurn | None:
    """A text comes from the phone and is taken up, as often as it was moved."""
    return takes(parent, receive_sms(parent.store, message_sid=f"SMt{next(_sids)}", sender=phone, text=words).message_id)


def takes(parent: AFamily, message: UUID) -> EngineTurn | None:
    """Takes a text up; one that was moved is taken up again by the job that came with the move."""
    before = jobs(parent)
    turn = take(parent.store, parent.content, message, today=parent.today, rules=TakingRules())
    moved = turn is None and jobs(parent) > before and stands(parent, message).state == "received"
    return take(parent.store, parent.content, message, today=parent.today, rules=TakingRules()) if moved else turn


def jobs(parent: AFamily) -> int:
    with parent.store.reading() as session:
        return session.scalar(text("select count(*) from procrastinate_jobs where task_name = 'take_turn'")) or 0


def stands(parent: AFamily, message: UUID) -> Message:
    return next(row for row in parent.all(Message) if row.id == message)


def line(parent: AFamily, purpose: str, language: Any = "en") -> str:
    return parent.content.messages.system(purpose, language)


def passes(parent: AFamily, **time: float) -> None:
    """So much time goes by."""
    seconds = timedelta(**time).total_seconds()
    with parent.store.engine.begin() as connection:
        for table, column in (("message", "created_at"), ("conversation", "started_at")):
            connection.exec_driver_sql(f"update {table} set {column} = {column} - make_interval(secs => {seconds})")


def test_the_phone_gets_one_neutral_text_and_the_chat_is_where_it_was(on_the_web: AFamily) -> None:
    before = on_the_web.open()
    asks(on_the_web, "my cell is (860) 555-0142, thanks")
    [said] = texts(on_the_web)
    assert said.text == line(on_the_web, "asks_phone")
    for word in (CHILD, "child", "develop", "worry"):
        assert word not in said.text
    chat = on_the_web.conversation()
    assert (chat.channel, chat.phone, on_the_web.open()) == ("web", None, before)
    assert not may_be_texted_first(on_the_web), "asking is no consent"


def may_be_texted_first(parent: AFamily) -> bool:
    with parent.store.reading() as session:
        return may_start_texts(session, parent.store.keys.phone_index(PHONE))


@pytest.mark.parametrize(("words", "language"), [
    ("YES", "en"), ("yes it's me", "en"), ("1", "en"), ("Sí", "es"), ("sí, soy yo", "es")])
def test_after_a_plain_yes_the_open_question_comes_by_text(family: Family, words: str, language: str) -> None:
    parent = family(until=Kind.WORRY, channel="web", language=language)
    with parent.store.transaction() as session:
        session.execute(update(Conversation).values(language=language))
    asks(parent)
    assert arrives(parent, words) is None
    chat = parent.conversation()
    assert (chat.channel, chat.phone) == ("sms", PHONE)
    [_, said] = texts(parent)
    assert said.text.startswith(line(parent, "goes_on_by_text", language)) and said.conversation_id == chat.id
    assert (said.payload or {})["expects"] == {"kind": Kind.WORRY.value, "id": None}
    assert parent.open() == Expects(Kind.WORRY)
    assert [(row.kind, row.given, row.words_shown) for row in parent.all(Consent)][-1] == ("sms", True, "asks_phone-1")
    assert [row.action for row in parent.all(Audit)][-1] == "goes_on_by_text"


def test_both_screens_then_hold_one_conversation(on_the_web: AFamily) -> None:
    asks(on_the_web)
    arrives(on_the_web, "yes")
    shown = [message.text for message in chat_messages(on_the_web.store, token=on_the_web.token, after=0)]
    assert shown[-2:] == ["yes", texts(on_the_web)[-1].text]
    by_text = arrives(on_the_web, "he does not talk")
    assert by_text is not None and (by_text.conversation, by_text.context["channel"]) == (on_the_web.public_id, "sms")
    written = receive_chat(on_the_web.store, token=on_the_web.token, client_msg_id="a", text="and he bites")
    on_web = take(on_the_web.store, on_the_web.content, written.message_id, today=on_the_web.today)
    assert on_web is not None and on_web.context["channel"] == "web"
    assert [row.kind for row in on_the_web.all(Outreach)] == ["reminder"], "and it is reminded like any other that goes by text"


def test_a_question_with_buttons_has_numbers_in_the_text(family: Family) -> None:
    parent = family(until=Kind.MILESTONE, channel="web")
    with parent.store.transaction() as session:
        choices = [{"label": label, "text": label} for label in ("Yes", "Sometimes", "Not yet")]
        last = session.scalars(text_of_last_question(parent)).one()
        last.payload = {**(last.payload or {}), "choices": choices}
    asks(parent)
    arrives(parent, "yes")
    assert texts(parent)[-1].text.endswith("1 Yes\n2 Sometimes\n3 Not yet")


def text_of_last_question(parent: AFamily) -> Any:
    from sqlalchemy import select

    chat = parent.conversation()
    return (select(Message).where(Message.conversation_id == chat.id, Message.direction == "outbound")
            .order_by(Message.seq.desc()).limit(1))


@pytest.mark.parametrize("words", ["no", "No, not me", "wrong number", "se equivocó de número"])
def test_a_no_ends_it(on_the_web: AFamily, words: str) -> None:
    asks(on_the_web)
    assert arrives(on_the_web, words) is None
    assert on_the_web.conversation().channel == "web"
    assert texts(on_the_web)[-1].text in [line(on_the_web, "asked_phone_no", language) for language in ("en", "es")]
    turn = arrives(on_the_web, "yes")
    assert turn is not None
    assert turn.conversation not in (on_the_web.public_id, asked(on_the_web)[0].public_id), "a talk of its own"
    assert on_the_web.conversation().channel == "web"


def test_who_asks_who_we_are_is_told_and_may_still_say_yes(on_the_web: AFamily) -> None:
    asks(on_the_web)
    assert arrives(on_the_web, "who is this?") is None
    assert texts(on_the_web)[-1].text == line(on_the_web, "asked_phone_who") and on_the_web.conversation().channel == "web"
    arrives(on_the_web, "yes")
    assert on_the_web.conversation().phone == PHONE


@pytest.mark.parametrize("words", ["my son is two and does not talk", "yes he is two and walks on his toes", "LINK", "start"])
def test_anything_else_from_that_phone_begins_a_talk_of_its_own(on_the_web: AFamily, words: str) -> None:
    asks(on_the_web)
    turn = arrives(on_the_web, words)
    assert turn is not None and turn.text == words and turn.context["expects"] is None
    assert turn.conversation not in (on_the_web.public_id, asked(on_the_web)[0].public_id)
    assert on_the_web.conversation().channel == "web"


def test_two_texts_that_begin_a_talk_of_their_own_stay_together(on_the_web: AFamily) -> None:
    asks(on_the_web)
    first, second = both_arrive(on_the_web, "hi", "my son does not talk")
    assert takes(on_the_web, first) is not None
    takes(on_the_web, second)
    places = [(row.conversation_id, row.seq) for row in (stands(on_the_web, first), stands(on_the_web, second))]
    assert places[0][0] == places[1][0] and places[0][1] < places[1][1]


@pytest.mark.parametrize("words", [
    "I want to kill myself", "yes kill myself", "yes baby not breathing", "yes i overdosed", "no, suicidal"])
def test_danger_told_to_our_question_is_answered_at_once(on_the_web: AFamily, words: str) -> None:
    asks(on_the_web)
    assert arrives(on_the_web, words) is None
    said = texts(on_the_web)[-1]
    assert "988" in said.text or "911" in said.text
    assert on_the_web.conversation().channel == "web"
    own = next(row for row in on_the_web.all(Conversation) if row.id == said.conversation_id)
    assert own.asked_for is None and own.urgency == "emergency"


@pytest.mark.parametrize("words", ["STOP", "stop texting me", "ALTO"])
def test_stop_is_obeyed_there_as_everywhere(on_the_web: AFamily, words: str) -> None:
    asks(on_the_web)
    arrives(on_the_web, words)
    assert len(on_the_web.all(Suppression)) == 1
    asks(on_the_web, OTHER_PHONE)
    passes(on_the_web, days=40)
    before = len(on_the_web.all(Message))
    asks(on_the_web)
    assert len(on_the_web.all(Message)) == before, "a phone that said stop is never asked again"


def test_a_phone_that_said_no_is_never_asked_again(on_the_web: AFamily) -> None:
    asks(on_the_web)
    arrives(on_the_web, "no")
    passes(on_the_web, days=31)
    before = len(texts(on_the_web))
    asks(on_the_web)
    assert len(texts(on_the_web)) == before and not may_be_texted_first(on_the_web)


def test_by_how_many_may_be_typed_nothing_is_learned_about_a_phone(on_the_web: AFamily, family: Family) -> None:
    another = family(until=Kind.CONSENT, channel="web")
    asks(another)
    for typed in (PHONE, "860-555-0170", "860-555-0171"):  # the first was asked already, and gets nothing
        asks(on_the_web, typed)
    with pytest.raises(AskedTooOften):
        asks(on_the_web, "860-555-0172")


def test_what_waits_behind_a_yes_belongs_to_the_chat_and_behind_a_no_to_nobody(on_the_web: AFamily) -> None:
    asks(on_the_web)
    yes, bites = both_arrive(on_the_web, "yes", "he bites other kids")
    assert takes(on_the_web, yes) is None
    turn = takes(on_the_web, bites)
    assert turn is not None and turn.conversation == on_the_web.public_id and turn.text == "he bites other kids"


def both_arrive(parent: AFamily, *words: str) -> list[UUID]:
    """Texts that wait together before the first is taken."""
    return [receive_sms(parent.store, message_sid=f"SMb{next(_sids)}", sender=PHONE, text=text).message_id for text in words]


def test_a_stop_right_behind_wrong_number_is_heard(on_the_web: AFamily) -> None:
    asks(on_the_web)
    arrives(on_the_web, "yes")
    for message in both_arrive(on_the_web, "wrong number", "STOP"):
        assert take(on_the_web.store, on_the_web.content, message) is None
    assert len(on_the_web.all(Suppression)) == 1


def test_what_a_stranger_writes_behind_wrong_number_is_not_the_familys(on_the_web: AFamily) -> None:
    asks(on_the_web)
    arrives(on_the_web, "yes")
    wrong, behind = both_arrive(on_the_web, "wrong number", "what is this about")
    assert takes(on_the_web, wrong) is None
    turn = takes(on_the_web, behind)
    shown = [message.text for message in chat_messages(on_the_web.store, token=on_the_web.token, after=0)]
    assert on_the_web.conversation().channel == "web" and not {"wrong number", "what is this about"} & set(shown)
    assert turn is None or turn.conversation != on_the_web.public_id


def test_while_a_person_writes_with_the_chat_the_yes_brings_no_question(on_the_web: AFamily) -> None:
    asks(on_the_web)
    with on_the_web.store.transaction() as session:
        person = Staff(email="ines@example.org", name="Ines", fs_uniquifier="ines-1")
        session.add(person)
        session.flush()
        session.execute(update(Conversation).where(Conversation.asked_for.is_(None)).values(staff_id=person.id))
    arrives(on_the_web, "yes")
    assert texts(on_the_web)[-1].text == line(on_the_web, "goes_on_by_text")


def test_help_is_answered_there_too(on_the_web: AFamily) -> None:
    asks(on_the_web)
    arrives(on_the_web, "help me please")
    arrives(on_the_web, "yes")
    assert on_the_web.conversation().channel == "web", "he had begun a talk of his own, which spoke last"


def test_c14_a_phone_is_asked_once_in_thirty_days(on_the_web: AFamily, family: Family) -> None:
    asks(on_the_web)
    asks(on_the_web)
    another = family(until=Kind.CONSENT, channel="web")
    asks(another)
    assert len(asked(on_the_web)) == 1
    passes(on_the_web, days=31)
    asks(another)
    assert len(asked(on_the_web)) == 2


def test_one_chat_has_only_so_many_phones_asked(on_the_web: AFamily) -> None:
    for last in range(MOST_ASKED_A_DAY):
        asks(on_the_web, f"860-555-01{70 + last}")
    with pytest.raises(AskedTooOften):
        asks(on_the_web, PHONE)
    passes(on_the_web, days=2)
    asks(on_the_web, PHONE)
    assert len(asked(on_the_web)) == MOST_ASKED_A_DAY + 1


def test_a_phone_on_which_somebody_is_writing_with_us_is_left_in_peace(on_the_web: AFamily) -> None:
    arrives(on_the_web, "hi")
    asks(on_the_web)
    assert asked(on_the_web) == []
    passes(on_the_web, minutes=31)
    asks(on_the_web)
    assert len(asked(on_the_web)) == 1


def test_a_text_is_the_answer_to_who_spoke_last(on_the_web: AFamily) -> None:
    first = arrives(on_the_web, "hi")
    passes(on_the_web, hours=1)
    asks(on_the_web)
    turn = arrives(on_the_web, "he still bites")
    assert first is not None and turn is not None and turn.conversation == first.conversation, "it goes to the phone's own talk"


def test_a_yes_a_day_later_binds_nothing(on_the_web: AFamily) -> None:
    asks(on_the_web)
    passes(on_the_web, hours=25)
    turn = arrives(on_the_web, "yes")
    assert turn is not None and turn.context["expects"] is None and on_the_web.conversation().channel == "web"


def test_two_phones_that_say_yes_do_not_both_get_the_chat(on_the_web: AFamily) -> None:
    asks(on_the_web)
    asks(on_the_web, OTHER_PHONE)
    arrives(on_the_web, "yes", OTHER_PHONE)
    arrives(on_the_web, "yes", PHONE)
    assert on_the_web.conversation().phone == OTHER_PHONE


def test_a_chat_that_goes_by_text_is_not_moved_again(on_the_web: AFamily) -> None:
    asks(on_the_web)
    arrives(on_the_web, "yes")
    with pytest.raises(CannotGoOnByText):
        asks(on_the_web, OTHER_PHONE)


@pytest.mark.parametrize("typed", [
    "", "my phone", "555-0142", "911", "(800) 555-0142", "+44 20 7946 0958", "1" * 60, "\ud800", "+1 876 555 0142"])
def test_what_is_no_phone_of_a_person_is_refused(on_the_web: AFamily, typed: str) -> None:
    with pytest.raises(NoPhone):
        asks(on_the_web, typed)
    assert asked(on_the_web) == []


def test_without_the_secret_no_phone_is_asked(on_the_web: AFamily) -> None:
    with pytest.raises(SessionUnknown):
        ask_phone(on_the_web.store, on_the_web.content, token="guess", typed=PHONE)


def test_after_a_strangers_yes_and_wrong_number_the_chat_is_the_webs_again(on_the_web: AFamily) -> None:
    asks(on_the_web)
    arrives(on_the_web, "yes")
    arrives(on_the_web, "sorry, wrong number")
    chat = on_the_web.conversation()
    assert (chat.channel, chat.phone, chat.status, on_the_web.open()) == ("web", None, "open", Expects(Kind.WORRY))
    assert texts(on_the_web)[-1].text == line(on_the_web, "wrong_number") and ("wrong_number", None) in on_the_web.reasons()
    written = receive_chat(on_the_web.store, token=on_the_web.token, client_msg_id="a", text="are you there?")
    assert take(on_the_web.store, on_the_web.content, written.message_id, today=on_the_web.today) is not None
    assert not may_be_texted_first(on_the_web)


def test_who_writes_on_the_web_is_answered_also_when_the_phone_has_said_stop(on_the_web: AFamily) -> None:
    asks(on_the_web)
    arrives(on_the_web, "yes")
    arrives(on_the_web, "STOP")
    for words in ("yes", "he does not talk", "I want to kill myself"):
        written = receive_chat(on_the_web.store, token=on_the_web.token, client_msg_id=words, text=words)
        turn = take(on_the_web.store, on_the_web.content, written.message_id, today=on_the_web.today)
        assert turn is not None or stands(on_the_web, written.message_id).state == "done", words
    assert on_the_web.all(Suppression)[0].lifted_at is None, "a yes on the web is an answer, not a START"
    assert "988" in chat_messages(on_the_web.store, token=on_the_web.token, after=0)[-1].text


def test_the_question_to_a_phone_leaves_at_once_and_is_never_sent_anew(on_the_web: AFamily) -> None:
    asks(on_the_web)
    [said] = texts(on_the_web)
    late = datetime.now(UTC).replace(hour=3, minute=0)
    with on_the_web.store.transaction() as session:
        session.execute(update(Message).where(Message.id == said.id).values(created_at=late - timedelta(minutes=1)))
    to_send = claim(on_the_web.store, said.id, SendingRules(time_zone="America/New_York"), now=late)
    assert isinstance(to_send, ToSend) and to_send.validity_seconds > 3600
    record_failure(on_the_web.store, said.id, "30003")
    assert [row.id for row in on_the_web.all(Message) if row.resend_of] == [] and on_the_web.reasons() == set()


def test_asked_conversations_hold_no_answer(on_the_web: AFamily) -> None:
    asks(on_the_web)
    [one] = asked(on_the_web)
    assert (one.status, one.expects_kind, one.child_id) == (ASKED_PHONE, None, None)
