"""Cases W16 to W25: robots, texts that cross, and the words that rule the channel, from the phone to the list and back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import Any

import pytest
from a_family import POINTS, WORRY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from line import Line, nothing
from simulator_bench import PARENT

from intake.rules.interview import Expects, Kind
from intake.store.models import Consent, Conversation, Suppression
from intake.usecases.channel_words import OPT_OUT_WORDS
from intake.usecases.taking import TakingRules

PHONES = cycle(f"+186055501{number:02d}" for number in range(10, 100))
FEW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=12)
CROSSING = TakingRules(crossing_seconds=60, texts_a_minute=30)
FIRST = "m18.social.explores_checks_back"


def system_words(line: Line, purpose: str, language: str = "en") -> str:
    return line.content.messages.system(purpose, "es" if language == "es" else "en")


def driving(number: int) -> str:
    return f"Auto reply: I'm driving with Do Not Disturb on and will see your message later. 5:{number:02d}"


def test_w16_a_robot_that_answers_our_answers_is_met_with_silence_and_a_flag(line: Line) -> None:
    answered = 0
    while answered < 10 and line.says(driving(answered)) != []:
        answered += 1
    assert answered == 2, "the third of its kind is not answered"
    before = line.kept()
    for number in range(3):
        line.says(driving(number + 30))
    assert line.flags() == [("robot", "W16")]
    assert [row.state for row in line.heard()] == ["done"] * 2 + ["silent"] * 4, "every text is kept"
    assert line.kept()["sent"] == before["sent"] and len(line.engine.turns) == 2
    assert line.says("sorry, I am here now") != [], "a person is heard again"


def test_w16_a_parent_who_gives_the_same_answer_to_every_question_is_no_robot(line: Line) -> None:
    line.leads_to(Kind.MILESTONE)
    answered = [line.says("not yet") for _ in range(8)]
    assert all(answered) and ("robot", "W16") not in line.flags()


def test_w17_two_webhooks_in_the_same_instant_are_both_kept_and_answered_once_together(line: Line) -> None:
    ready = threading.Barrier(2)

    def post(words: str) -> int:
        fields = line.a_text(Body=words)
        ready.wait()
        return line.twilio.post("/sms/inbound", fields).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(post, ["hi there", "my son is two"])) == [200, 200]
    line.works()
    assert sorted(row.text for row in line.heard()) == ["hi there", "my son is two"]
    assert [(row.seq, row.state) for row in line.heard()] == [(1, "done"), (2, "done")]
    assert len(line.all(Conversation)) == len(line.engine.turns) == len(line.shown()) == 1
    read = line.engine.turns[0]["text"]
    assert "hi there" in read and "my son is two" in read


def test_w17_a_text_that_two_workers_take_at_once_is_answered_once(line: Line) -> None:
    for words in ("hi there", "my son is two"):
        line.posts(Body=words)
    first, ready = line.heard()[0].id, threading.Barrier(3)

    def take(_: int) -> None:
        ready.wait()
        line.takes(first)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(take, range(3)))
    line.works()
    assert [row.in_reply_to for row in line.said()] == [first] and len(line.shown()) == 1
    assert [row.state for row in line.heard()] == ["done", "done"]


def test_w17_several_texts_that_crossed_a_question_are_asked_about_once(line: Line) -> None:
    line.leads_to(Kind.WORRY)
    acts = line.engine.answering

    def while_three_more_arrive(turn: dict[str, Any]) -> tuple[int, bytes]:
        for words in ("hm", "idk", "well"):
            line.posts(Body=words)
        return acts(turn)

    line.engine.answering = while_three_more_arrive
    line.posts(Body=WORRY)
    before = len(line.shown())
    line.takes_turns()
    line.engine.answering = acts
    line.works()
    next_question, *asked_about = line.shown()[before:]
    assert "ask_lost_skills" in next_question and [row.state for row in line.heard()][-4:] == ["done"] * 4
    assert [told.startswith(system_words(line, "crossed")) for told in asked_about] == [True], "what waits is answered once"


def answers_of(line: Line) -> dict[str, str]:
    return {answer["item"]: answer["value"] for answer in line.case()["answers"] if answer["item"].startswith("m18")}


def test_w18_answers_are_taken_in_the_order_they_were_stored_whatever_their_ids_say(line: Line) -> None:
    line.leads_to(Kind.MILESTONE)
    before = len(line.engine.turns)
    line.posts(Body="what do you mean by that", MessageSid="SM9second")
    line.works()
    line.posts(Body="yes", MessageSid="SM1first")
    line.posts(Body="and he points too", MessageSid="SM0third")
    line.works()
    assert [row.text for row in line.heard()][-3:] == ["what do you mean by that", "yes", "and he points too"]
    assert [turn["text"] for turn in line.engine.turns[before:]] == ["what do you mean by that", "yes. and he points too"]


def test_w18_a_late_answer_goes_to_the_question_it_was_written_to_and_corrects_it(line: Line) -> None:
    line.leads_to(Kind.MILESTONE)
    line.ages(minutes=5)
    line.taking = CROSSING
    line.says("yes")
    assert line.expects() == Expects(Kind.MILESTONE, POINTS)
    [told] = line.says("sometimes")  # written before the second question could be read
    assert told.startswith(system_words(line, "took_for_previous")) and "ask_milestone" in told
    assert answers_of(line) == {FIRST: "sometimes"} and line.expects() == Expects(Kind.MILESTONE, POINTS)
    assert [replaced["value"] for replaced in line.case()["replaced_answers"]] == ["yes"], "the earlier one is kept"
    line.ages(minutes=5)
    line.says("not yet")
    assert answers_of(line) == {FIRST: "sometimes", POINTS: "not_yet"}


def test_w18_a_bare_answer_that_fits_no_question_seen_is_asked_about_and_taken_for_nothing(line: Line) -> None:
    line.leads_to(Kind.WORRY)
    line.ages(minutes=5)
    line.taking = CROSSING
    line.says(WORRY)
    [told] = line.says("no")
    assert told.startswith(system_words(line, "crossed")) and "ask_lost_skills" in told
    assert line.expects() == Expects(Kind.LOST_SKILLS)
    assert {"lost_skills", "worry"}.isdisjoint(answer["item"] for answer in line.case()["answers"] if answer["value"] == "no")


stop_words = st.sampled_from([
    "stop", "STOP", "Stop", "StOp", "ＳＴＯＰ", "ｓｔｏｐ", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout",
    "opt out", "alto", "ALTO", "parar", "baja", "no más", "NO MAS", "cancelar"])
around = st.sampled_from(["", " ", "  ", "\n", "\t", "\u00a0"])
after = st.sampled_from(["", ".", "!", "!!!", " .", "…", "?"])


@FEW
@given(before=around, word=stop_words, mark=after, end=around)
def test_w19_stop_is_obeyed_however_it_is_written_and_said_goodbye_to_once(
        line: Line, before: str, word: str, mark: str, end: str) -> None:
    phone = next(PHONES)
    line.says("hi", phone=phone)
    ours, theirs = len(line.shown(phone)), line.shown_by_carrier(phone)
    line.says(f"{before}{word}{mark}{end}", phone=phone)
    goodbyes = len(line.shown(phone)) - ours + line.shown_by_carrier(phone) - theirs
    assert goodbyes == 1, "one, by the carrier or by us"
    assert line.case(phone)["status"] == "opted_out"
    index = line.store.keys.phone_index(phone)
    assert [row.lifted_at for row in line.all(Suppression) if row.phone_index == index][-1:] == [None]
    said_before = len(line.engine.turns)
    assert line.says("are you still there", phone=phone) == [] and len(line.engine.turns) == said_before
    line.says("START", phone=phone)  # the next example may come to this phone again


def test_w19_stop_with_an_unseen_character_is_no_word_of_the_carriers_and_we_say_goodbye(line: Line) -> None:
    line.says("hi")
    assert line.says("STOP\u200b") == [system_words(line, "opted_out")] and line.shown_by_carrier() == 0
    assert line.is_suppressed() and line.says("hello?") == []


WISHES = [("please stop texting me", "en"), ("no mas", "es"), ("dejen de escribirme", "es"), ("unsubscribe me pls", "en"),
          ("leave me alone", "en"), ("No me manden más mensajes por favor", "es")]


@pytest.mark.parametrize(("words", "language"), WISHES)
def test_w20_the_goodbye_is_in_the_language_of_the_wish(line: Line, words: str, language: str) -> None:
    line.says("hi")
    assert line.says(words) == [system_words(line, "opted_out", language)]


@pytest.mark.parametrize("words", [words for words, _ in WISHES])
def test_w20_a_sentence_that_asks_to_stop_is_obeyed_confirmed_once_and_shown_to_staff(line: Line, words: str) -> None:
    line.leads_to(Kind.CHILD_NAME)
    turns = len(line.engine.turns)
    assert line.says(words) in ([system_words(line, "opted_out", "en")], [system_words(line, "opted_out", "es")])
    assert line.says(words) == [] and line.says("hello?") == []
    seen = line.case()
    assert seen["status"] == "opted_out" and seen["consents"][-1] == {"kind": "sms", "given": False, "words_shown": OPT_OUT_WORDS}
    asked = next(row for row in line.heard() if row.text == words)
    assert [row.message_id for row in line.all(Suppression)] == [asked.id], "staff find the very words"
    assert len(line.engine.turns) == turns and line.shown_by_carrier() == 0


@pytest.mark.parametrize("words", ["he won't stop hitting", "how do i make him stop biting", "no para de llorar",
                                   "he said stop when i sang"])
def test_w21_what_a_child_does_not_stop_is_a_worry_and_no_wish_to_stop(line: Line, words: str) -> None:
    line.leads_to(Kind.WORRY)
    line.says(words)
    assert line.engine.turns[-1]["text"] == words and line.engine.turns[-1]["context"]["expects"]["kind"] == "worry"
    assert not line.is_suppressed() and line.ledger() == [True] and line.case()["urgency"] != "emergency"


@pytest.mark.parametrize(("words", "language"), [("she stops breathing at night", "en"), ("deja de respirar en la noche", "es")])
def test_w21_who_stops_breathing_gets_the_safety_text_at_once_and_no_goodbye(line: Line, words: str, language: str) -> None:
    line.leads_to(Kind.WORRY)
    turns = len(line.engine.turns)
    [told] = line.says(words)
    question = line.content.safety.lines["not_breathing"].question.in_language("es" if language == "es" else "en")
    assert "911" in told and told.endswith(question)
    assert not line.is_suppressed() and line.ledger() == [True] and len(line.engine.turns) == turns
    assert [(flag["code"], flag["item"], flag["urgency"]) for flag in line.case()["reasons"]] == [
        ("safety", "breathing_emergency", "emergency")]


@pytest.mark.parametrize("word", ["END", "CANCEL", "QUIT", "end", "Cancel"])
@pytest.mark.parametrize("kind", [Kind.CONSENT, Kind.WORRY, Kind.MILESTONE])
def test_w22_end_cancel_and_quit_as_an_answer_are_opt_outs_and_we_send_nothing(line: Line, word: str, kind: Kind) -> None:
    line.leads_to(kind)
    open_now, before, turns = line.expects(), line.kept(), len(line.engine.turns)
    assert line.says(word) == [] and line.shown_by_carrier() == 1
    assert line.is_suppressed() and line.ledger()[-1] is False and line.expects() == open_now
    grown = line.kept() - before
    assert (grown["sent"], grown["consent"], grown["suppression"], grown["answer"]) == (0, 1, 1, 0)
    assert len(line.engine.turns) == turns and line.said()[-1].in_reply_to != line.heard()[-1].id


def test_w22_a_text_that_was_queued_when_the_word_came_does_not_leave(line: Line) -> None:
    line.leads_to(Kind.WORRY)
    before = len(line.shown())
    line.writes("he does not talk yet")
    line.takes_turns()
    assert line.said()[-1].state == "queued", "the answer has not left yet"
    line.writes("QUIT")
    line.takes_turns()
    line.works()
    assert line.said()[-1].state == "canceled" and line.said()[-1].error_code == "opted_out"
    assert len(line.shown()) == before


@pytest.mark.parametrize("word", ["START", "UNSTOP", "start"])
def test_w23_start_after_stop_lifts_the_opt_out_welcomes_and_offers_where_it_stopped(line: Line, word: str) -> None:
    line.leads_to(Kind.MILESTONE)
    line.says("sometimes")
    open_now, kept = line.expects(), answers_of(line)
    line.says("STOP")
    assert line.is_suppressed() and line.says("hello?") == []
    [told] = line.says(word)
    assert told.startswith(system_words(line, "opted_in")) and "ask_milestone" in told
    assert not line.is_suppressed() and line.ledger() == [True, False, True]
    assert line.case()["status"] == "open" and line.expects() == open_now and answers_of(line) == kept
    assert line.says("yes") != [] and len(answers_of(line)) == 2


def test_w23_start_from_a_phone_that_never_stopped_is_an_ordinary_first_word(line: Line) -> None:
    line.says("START")
    assert [turn["text"] for turn in line.engine.turns] == ["START"] and line.ledger() == [] and len(line.shown()) == 1


def test_w24_yes_while_opted_out_lifts_it_together_with_its_line_in_the_ledger(line: Line) -> None:
    line.leads_to(Kind.RELATION)
    line.says("STOP")
    [told] = line.says("YES")
    assert told.startswith(system_words(line, "opted_in")) and "ask_relation" in told
    assert not line.is_suppressed() and line.ledger() == [True, False, True]
    assert line.expects() == Expects(Kind.RELATION), "the yes answered no question"
    yes = line.heard()[-1]
    assert max(line.all(Consent), key=lambda row: row.at).message_id == yes.id


def test_w24_where_the_ledger_cannot_be_written_the_opt_out_stands_until_it_can(line: Line) -> None:
    line.leads_to(Kind.RELATION)
    line.says("STOP")
    before = len(line.shown())
    line.writes("YES")
    line.store.engine.dispose()
    with line.store.engine.begin() as connection:
        connection.exec_driver_sql('alter table "consent" rename to "consent_away"')
    try:
        with pytest.raises(Exception, match="consent"):
            line.works()
    finally:
        with line.store.engine.begin() as connection:
            connection.exec_driver_sql('alter table "consent_away" rename to "consent"')
    assert line.is_suppressed() and line.ledger() == [True, False] and len(line.shown()) == before
    line.takes(line.heard()[-1].id)  # the queue tries it again
    line.works()
    assert not line.is_suppressed() and line.ledger() == [True, False, True] and len(line.shown()) == before + 1


@pytest.mark.parametrize("word", ["sí", "comenzar"])
def test_w24_a_word_that_the_carrier_does_not_take_for_start_leaves_the_phone_on_the_list(line: Line, word: str) -> None:
    line.leads_to(Kind.RELATION)
    line.says("STOP")
    assert line.says(word) == [] and line.said()[-1].error_code == "21610", "the carrier's own block stands"
    assert line.is_suppressed(), "our list follows"
    assert len(line.says("START")) == 1 and not line.is_suppressed()


def test_w24_a_yes_of_who_has_not_opted_out_is_only_an_answer(line: Line) -> None:
    line.leads_to(Kind.CONSENT)
    line.says("YES")
    assert line.ledger() == [True] and line.expects() == Expects(Kind.RELATION)


@pytest.mark.parametrize(("word", "ours"), [("HELP", False), ("help", False), ("INFO", False), ("AYUDA", True), ("Help!", True)])
def test_w25_help_in_the_middle_is_answered_once_and_the_question_comes_back(line: Line, word: str, ours: bool) -> None:
    line.leads_to(Kind.MILESTONE)
    line.says("sometimes")
    open_now, answers, turns = line.expects(), answers_of(line), len(line.engine.turns)
    [told] = line.says(word)
    assert "ask_milestone" in told and (line.content.messages.affiliate.phone in told) is ours
    assert line.shown_by_carrier() == (0 if ours else 1), "help is told once, by the carrier or by us"
    assert (line.expects(), answers_of(line), len(line.engine.turns)) == (open_now, answers, turns)
    line.says("yes")
    assert len(answers_of(line)) == 2, "the conversation goes on where it was"


def test_w25_help_that_the_carrier_says_it_has_answered_is_not_answered_again(line: Line) -> None:
    line.leads_to(Kind.RELATION)
    changes: dict[str, Any] = {"fields": {"OptOutType": "HELP"}}
    [told] = line.says("AYUDA", **changes)
    assert line.content.messages.affiliate.phone not in told and "ask_relation" in told
    before = line.kept()
    assert nothing(line, before) and line.flags() == [] and not line.is_suppressed()


def test_w25_help_as_the_first_word_from_a_phone_is_answered_by_the_carrier_alone(line: Line) -> None:
    assert line.says("HELP") == [] and line.shown_by_carrier() == 1
    assert [row.state for row in line.heard()] == ["done"] and line.engine.turns == []
    assert line.says("hi", phone=PARENT) != []
