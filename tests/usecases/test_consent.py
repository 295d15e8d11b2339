"""Consent: nothing is asked before a yes, and after a no nothing is kept that is not needed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import PHONE, AFamily, said

from intake.rules.interview import Expects, Kind
from intake.store.models import Answer, Base, Child, Concern, Consent, Family, Flag, Message
from intake.usecases import consent
from intake.usecases.consent_words import WORDS_SHOWN
from intake.usecases.delivery import claim
from intake.usecases.interruptions import ask_for_person

MakeFamily = Callable[..., AFamily]
WORRY = "Mi hijo Anselmo no dice palabras"


def _refused(family: MakeFamily, **more: str) -> AFamily:
    parent = family(**more)
    parent.say(WORRY, lambda scene: consent.begin(scene, ["language_communication"]))
    parent.say("no, leave Anselmo alone", consent.refuse_consent)
    return parent


def _everything_readable(parent: AFamily) -> str:
    """Every value of every row of every table, opened with the keys."""
    with parent.store.reading() as session:
        return " ".join(str(value) for table in Base.metadata.sorted_tables for row in session.execute(table.select())
                        for value in row)


def test_the_first_words_get_the_introduction_and_the_question_for_consent(family: MakeFamily) -> None:
    outcome = family().say("hi", lambda scene: consent.begin(scene, []))
    assert said(outcome) == ["introduction_sms", "ask_consent"]
    assert outcome.expects == Expects(Kind.CONSENT)


def test_the_introduction_is_said_once(family: MakeFamily) -> None:
    parent = family(until=Kind.CONSENT)
    assert said(parent.say("hm", lambda scene: consent.begin(scene, []))) == ["ask_consent"]


def test_a_worry_told_before_consent_flags_only_once_the_parent_agrees(family: MakeFamily) -> None:
    parent = family()
    outcome = parent.say(WORRY, lambda scene: consent.begin(scene, ["language_communication"]))
    assert "worry_heard_first" in said(outcome) and parent.reasons() == set()
    parent.say("sí", consent.give_consent)
    assert parent.reasons() == {("worry", "language_communication")}


def test_a_yes_is_written_down_with_the_words_shown_and_the_message(family: MakeFamily) -> None:
    parent = family(until=Kind.CONSENT)
    parent.say("yes", consent.give_consent)
    given, texts = parent.all(Consent)
    assert (texts.kind, texts.given, texts.words_shown) == ("sms", True, given.words_shown)
    yes = max(parent.all(Message), key=lambda message: message.seq if message.direction == "inbound" else 0)
    assert (given.kind, given.given, given.words_shown, given.message_id) == (
        "conversation", True, WORDS_SHOWN["conversation"], yes.id)


def test_after_a_refusal_no_word_that_was_written_is_left_in_any_table(family: MakeFamily) -> None:
    parent = _refused(family)
    readable = _everything_readable(parent)
    assert "Anselmo" not in readable and "palabras" not in readable
    assert parent.all(Concern) == parent.all(Child) == parent.all(Flag) == []
    assert {message.text for message in parent.all(Message) if message.direction == "inbound"} == {""}
    assert parent.all(Family)[0].phone is None


def test_the_refusal_itself_stays_to_show_that_we_asked(family: MakeFamily) -> None:
    parent = _refused(family)
    assert [(row.kind, row.given) for row in parent.all(Consent)] == [("conversation", False)]
    assert [(row.item, row.value) for row in parent.all(Answer)] == [(Kind.CONSENT, "not_yet")]
    assert parent.conversation().status == "refused" and not parent.conversation().flagged


def test_the_friendly_end_still_reaches_the_phone_that_refused(family: MakeFamily) -> None:
    parent = _refused(family)
    last = max(parent.all(Message), key=lambda message: message.seq)
    sending = claim(parent.store, last.id)
    assert sending is not None and (sending.phone, sending.text) == (PHONE, "consent_refused")


def test_a_refusal_taken_again_sends_the_same_words_to_the_engine_and_the_same_answer_back(family: MakeFamily) -> None:
    parent = family(until=Kind.CONSENT)
    turn = parent.turn("no thanks")
    first = parent.does(turn, consent.refuse_consent)
    text = next(message.text for message in parent.all(Message) if message.id == turn.message_id)
    assert text == "no thanks", "until the turn is done its words are needed"
    assert parent.does(turn, consent.refuse_consent) == first


@pytest.mark.parametrize("before", ["wants_person", "safety"])
def test_a_flag_that_is_no_answer_of_ours_outlives_the_refusal(family: MakeFamily, before: str) -> None:
    parent = family(until=Kind.CONSENT)
    if before == "safety":
        parent.is_taken("my baby is not breathing")
    else:
        parent.say("a person please", ask_for_person)
    parent.say("no", consent.refuse_consent)
    assert {code for code, _ in parent.reasons()} == {before}
    assert parent.conversation().flagged


def test_who_refused_and_writes_again_is_asked_again_and_may_agree(family: MakeFamily) -> None:
    parent = _refused(family)
    assert parent.say("hello?", consent.reconsider).expects == Expects(Kind.CONSENT)
    parent.say("yes", consent.give_consent)
    assert parent.conversation().status == "open" and parent.open() == Expects(Kind.RELATION)
    assert parent.all(Family)[0].phone == PHONE
    assert [row.given for row in parent.all(Consent) if row.kind == "conversation"] == [False, True]
