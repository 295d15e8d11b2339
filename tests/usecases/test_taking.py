"""What is answered at once, without the engine: channel words, danger, a person who has taken over, nothing to read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from a_family import OLDER, AFamily
from sqlalchemy import update

from intake.rules.interview import Expects, Kind
from intake.store.models import Consent, Conversation, Flag, Message, Staff, Suppression
from intake.usecases.local_day import local_today
from intake.usecases.taking import take

Family = Callable[..., AFamily]


def _replies(parent: AFamily) -> list[Message]:
    messages = sorted(parent.all(Message), key=lambda message: message.seq)
    return [message for message in messages if message.direction == "outbound"]


def _last_inbound(parent: AFamily) -> Message:
    return max((m for m in parent.all(Message) if m.direction == "inbound"), key=lambda message: message.seq)


def _suppressed(parent: AFamily) -> bool:
    return any(row.lifted_at is None for row in parent.all(Suppression))


def test_an_ordinary_message_goes_to_the_engine_with_its_context(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    turn = parent.is_taken("he does not talk much")
    assert turn is not None
    assert (turn.text, turn.conversation) == ("he does not talk much", parent.public_id)
    assert turn.context == {"language": "en", "channel": "sms", "child_name": "Mateo",
                            "expects": {"kind": "worry", "id": None}, "today": parent.today.isoformat()}


def test_a_second_try_sends_the_very_same_context_though_the_question_has_moved_on(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    first = parent.is_taken("he does not talk much")
    parent.say("no", lambda scene: scene.answer(Kind.WORRY, "none") and None)
    assert first is not None
    assert take(parent.store, parent.content, first.message_id) == first


def test_a_message_that_is_done_is_not_taken_again(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    done = _last_inbound(parent)
    assert take(parent.store, parent.content, done.id) is None


def test_a_slash_never_reaches_the_engine_as_a_command(family: Family) -> None:
    turn = family().is_taken("//restart now")
    assert turn is not None and turn.text == "restart now"


@pytest.mark.parametrize("word", ["STOP", "stop", "Stop.", "ALTO", "cancel", "no más"])
def test_a_word_that_means_stop_is_obeyed_without_the_engine(family: Family, word: str) -> None:
    parent = family(until=Kind.RELATION)
    assert parent.is_taken(word) is None
    assert _suppressed(parent) and parent.conversation().status == "opted_out"
    assert [(c.kind, c.given) for c in parent.all(Consent)][-1] == ("sms", False)


@pytest.mark.parametrize("sentence", ["please stop texting me", "No me manden más mensajes"])
def test_a_sentence_that_asks_to_stop_is_obeyed_and_confirmed_once(family: Family, sentence: str) -> None:
    parent = family(until=Kind.RELATION)
    parent.is_taken(sentence)
    passing = [reply for reply in _replies(parent) if (reply.payload or {}).get("opt_out_confirmation")]
    assert _suppressed(parent) and [reply.state for reply in passing] == ["queued"]


def test_twilios_own_stop_word_is_not_answered_a_second_time(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    before = len(_replies(parent))
    parent.is_taken("STOP")
    assert len(_replies(parent)) == before


def test_stop_withdraws_the_texts_that_still_wait(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    waiting = [reply.id for reply in _replies(parent) if reply.state == "queued"]
    parent.is_taken("alto")
    states = {reply.id: reply.state for reply in _replies(parent)}
    assert waiting and {states[text] for text in waiting} == {"canceled"}


def test_what_a_child_wont_stop_doing_is_no_wish_to_stop(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    assert parent.is_taken("he won't stop hitting") is not None
    assert not _suppressed(parent)


def test_who_opted_out_is_not_answered_and_not_sent_to_the_engine(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    parent.is_taken("alto")
    before = len(_replies(parent))
    assert parent.is_taken("are you there?") is None
    assert _last_inbound(parent).state == "suppressed" and len(_replies(parent)) == before


@pytest.mark.parametrize("word", ["START", "yes", "sí", "comenzar"])
def test_start_lifts_the_opt_out_and_asks_the_open_question_again(family: Family, word: str) -> None:
    parent = family(until=Kind.RELATION)
    parent.is_taken("alto")
    assert parent.is_taken(word) is None
    [*_, last] = _replies(parent)
    assert not _suppressed(parent) and parent.conversation().status == "open"
    assert (last.payload or {})["expects"] == {"kind": "relation", "id": None}
    assert [c.given for c in parent.all(Consent) if c.kind == "sms"] == [True, False, True]


def test_stop_and_start_twice_keeps_every_line_of_the_ledger(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    for word in ("alto", "start", "alto", "alto"):
        parent.is_taken(word)
    assert [c.given for c in parent.all(Consent) if c.kind == "sms"] == [True, False, True, False, False]
    assert len([row for row in parent.all(Suppression) if row.lifted_at is None]) == 1


def test_a_yes_of_who_has_not_opted_out_is_an_answer(family: Family) -> None:
    assert family(until=Kind.CONSENT).is_taken("yes") is not None


def test_help_says_who_we_are_and_asks_the_open_question_again(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    assert parent.is_taken("AYUDA") is None
    [*_, last] = _replies(parent)
    assert parent.content.messages.affiliate.phone in last.text and "ask_relation" in last.text
    assert parent.open() == Expects(Kind.RELATION)


def test_help_that_twilio_answers_only_brings_the_question_back(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    parent.is_taken("HELP")
    [*_, last] = _replies(parent)
    assert "911" not in last.text and "ask_relation" in last.text


@pytest.mark.parametrize(("words", "category", "language"), [
    ("my son swallowed a battery", "battery_or_poison", "en"),
    ("mi hija no respira", "breathing_emergency", "es"),
    ("I want to kill myself", "suicide_self_harm", "en"),
])
def test_danger_is_answered_at_once_in_the_parents_language_and_flagged(
        family: Family, words: str, category: str, language: str) -> None:
    parent = family()
    assert parent.is_taken(words) is None
    case = parent.case()
    assert case["urgency"] == "emergency" and ("safety", category) in parent.reasons()
    [reply] = _replies(parent)
    assert any(number in reply.text for number in ("911", "988", "1-800-222-1222"))
    assert parent.content.safety.not_read_live.in_language("es" if language == "es" else "en") in reply.text
    assert parent.open() == Expects(Kind.FREE, "after_safety")


def test_the_flag_of_a_danger_names_the_message_that_told_of_it(family: Family) -> None:
    parent = family()
    parent.is_taken("my son swallowed a battery")
    [flag] = parent.all(Flag)
    assert flag.message_id == _last_inbound(parent).id


def test_danger_told_by_who_opted_out_is_flagged_though_no_text_may_go(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    parent.is_taken("alto")
    before = len(_replies(parent))
    parent.is_taken("mi hija no respira")
    assert parent.case()["urgency"] == "emergency" and len(_replies(parent)) == before


def test_danger_in_a_wish_to_stop_is_answered_and_the_wish_obeyed(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    parent.is_taken("stop texting me, I want to die")
    [*_, last] = _replies(parent)
    assert "988" in last.text and last.state == "queued" and _suppressed(parent)
    assert parent.case()["urgency"] == "emergency"


def test_a_danger_that_is_plainly_denied_is_an_ordinary_message(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    assert parent.is_taken("no seizures, but he does not talk") is not None
    assert parent.reasons() == set()


def test_where_staff_have_taken_over_the_engine_keeps_quiet_but_danger_is_still_answered(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    with parent.store.transaction() as session:
        staff = Staff(email="ana@example.org", name="Ana", fs_uniquifier="a")
        session.add(staff)
        session.flush()
        session.execute(update(Conversation).values(staff_id=staff.id))
    before = len(_replies(parent))
    assert parent.is_taken("he does not talk much") is None
    assert _last_inbound(parent).state == "done" and len(_replies(parent)) == before
    parent.is_taken("he swallowed a battery")
    assert len(_replies(parent)) == before + 1


@pytest.mark.parametrize(("text", "media", "purpose"), [
    ("", 0, "empty_message"), ("   ", 0, "empty_message"), ("/", 0, "empty_message"), ("", 1, "picture_received")])
def test_a_message_without_words_gets_an_honest_line_and_the_question_again(
        family: Family, text: str, media: int, purpose: str) -> None:
    parent = family(until=Kind.RELATION)
    assert parent.is_taken(text, media) is None
    [*_, last] = _replies(parent)
    assert last.text.startswith(parent.content.messages.system(purpose, "en")) and "ask_relation" in last.text
    assert (("picture", None) in parent.reasons()) is (media > 0)
    assert parent.open() == Expects(Kind.RELATION)


def test_a_picture_with_words_goes_to_the_engine_and_staff_know_of_the_picture(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    assert parent.is_taken("see how he walks", 1) is not None
    assert ("picture", None) in parent.reasons()


@pytest.mark.parametrize("words", ["Здравствуйте, мой ребёнок не говорит", "我的孩子两岁了还不会说话"])
def test_a_language_we_do_not_speak_is_told_of_the_interpreter_and_flagged(family: Family, words: str) -> None:
    parent = family(until=Kind.WORRY)
    assert parent.is_taken(words) is None
    assert _replies(parent)[-1].text.startswith(parent.content.messages.system("other_language", "en"))
    assert ("other_language", None) in parent.reasons()


@pytest.mark.parametrize(("until", "text", "language"), [
    (Kind.WORRY, "me preocupa que no habla nada todavía", "es"),
    (Kind.WORRY, "español por favor", "es"),
    (Kind.WORRY, "no", "en"),
    (Kind.CHILD_NAME, "Luz", "en"),
    (Kind.CHILD_NAME, "María de los Ángeles", "en"),
])
def test_the_language_changes_when_it_is_plain_and_never_for_a_name(
        family: Family, until: Kind, text: str, language: str) -> None:
    turn = family(until=until).is_taken(text)
    assert turn is not None and turn.context["language"] == language


def test_a_first_text_in_spanish_is_answered_in_spanish_however_short(family: Family) -> None:
    turn = family().is_taken("Hola")
    assert turn is not None and turn.context["language"] == "es"


def test_a_web_chat_is_greeted_before_the_family_writes(family: Family) -> None:
    parent = family(channel="web")
    parent.writes("hi")
    opening = min(parent.all(Message), key=lambda message: message.seq)
    turn = take(parent.store, parent.content, opening.id)
    assert turn is not None
    assert (turn.text, turn.context["expects"]) == (parent.content.messages.system("opening", "en"), None)


def test_on_the_web_stop_is_a_word_like_others_and_help_is_answered(family: Family) -> None:
    parent = family(until=Kind.RELATION, channel="web", answers=OLDER)
    assert take(parent.store, parent.content, parent.writes("stop")) is not None
    assert take(parent.store, parent.content, parent.writes("help")) is None
    assert not _suppressed(parent)


def test_today_is_that_of_the_families_not_of_the_servers(family: Family) -> None:
    assert abs((local_today(family().content) - datetime.now(UTC).date()).days) <= 1
