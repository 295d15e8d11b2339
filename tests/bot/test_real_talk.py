"""Sentences that real people write, each of which was once read as something it does not say."""

from __future__ import annotations

from datetime import date

import pytest

from bot.components.birth_reader import read_birth
from bot.components.concern_reader import find_concerns, states_worry
from bot.components.reader import OpenQuestion
from bot.components.reply_reader import corrected_reply, read_reply
from bot.components.reply_words import Reading

TODAY = date(2026, 11, 22)
NO_OPINION = Reading("out_of_scope", 0.1)


def asked(kind: str, language: str = "en") -> OpenQuestion:
    return OpenQuestion(kind, language, TODAY, "Leo")


@pytest.mark.parametrize(
    "text",
    [
        "dont have any", "hes not saying any words just grunts", "i am not sure", "many of them", "he walks at 12 months",
        "twice a day",
    ],
)  # fmt: skip
def test_words_that_begin_like_a_number_are_no_age(text: str) -> None:
    assert read_birth(text, asked("birth_date")) is None


@pytest.mark.parametrize(
    ("text", "months"),
    [("a year old", 12), ("an 18 month old", 18), ("un año", 12), ("18 months 2 weeks", 18), ("2 years 3 months", 27)],
)  # fmt: skip
def test_ages_in_words_are_still_read(text: str, months: int) -> None:
    birth = read_birth(text, asked("birth_date"))
    assert birth is not None and (birth.months, birth.ambiguous) == (months, False)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("is this a bot", "ask_what_is_this"), ("are you a real person?", "ask_what_is_this"),
        ("whos this", "ask_what_is_this"), ("who is this", "ask_what_is_this"), ("¿es un robot?", "ask_what_is_this"),
        ("quien es", "ask_what_is_this"), ("i want to talk to a real person", "wants_person"),
        ("stop asking me", "pause"), ("deje de preguntar", "pause"), ("too many questions", "pause"),
        ("what do you do with this info", "ask_privacy"), ("que hacen con esta informacion", "ask_privacy"),
        ("who will see this", "ask_privacy"), ("i dont feel comfortable giving the name", "skip"),
        ("la de caminar es sí", "correct_previous"), ("the walking one is sometimes", "correct_previous"),
        ("wrong birthday its march 4 2024", "correct_previous"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["milestone", "birth_date", "lost_skills"])
def test_what_people_ask_in_the_middle_is_read_at_any_question(text: str, intent: str, kind: str) -> None:
    assert read_reply(text, asked(kind), NO_OPINION).intent == intent


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("la de señalar es si", "yes"), ("ay perdon me equivoque era no", "not_yet"), ("no wait i meant no", "not_yet"),
        ("the one about pretend play was actually no", "not_yet"), ("no wait i meant sometimes", "sometimes"),
    ],
)  # fmt: skip
def test_the_new_answer_of_a_correction_is_the_one_said_last(text: str, reply: str) -> None:
    assert [entity["value"] for entity in corrected_reply(text)] == [reply]


@pytest.mark.parametrize("text", ["la mama dice que no", "no thats it", "nada mas eso", "my husband says no"])
def test_nothing_more_to_tell_is_a_no_at_the_worry(text: str) -> None:
    assert read_reply(text, asked("worry"), NO_OPINION).intent == "not_yet"


@pytest.mark.parametrize("kind", ["contact_consent", "milestone", "confirm_answers"])
def test_that_is_all_is_no_refusal_where_nothing_more_was_asked(kind: str) -> None:
    assert read_reply("thats it", asked(kind), NO_OPINION).intent == "out_of_scope"


@pytest.mark.parametrize("text", ["she wont say any words", "she bites and she won't say any words"])
def test_a_child_who_will_not_say_words_does_not_skip_the_question(text: str) -> None:
    assert read_reply(text, asked("milestone"), NO_OPINION).intent == "not_yet"
    assert read_reply(text, asked("birth_date"), NO_OPINION).intent == "inform"
    assert read_reply("i wont say that", asked("birth_date"), NO_OPINION).intent == "skip"


def test_another_child_is_only_believed_where_one_is_spoken_of() -> None:
    sure = Reading("another_child", 0.9)
    assert read_reply("i am worried about my 6 week old baby", asked("none"), sure).intent == "inform"
    assert read_reply("i have another one too", asked("none"), sure).intent == "another_child"


def test_a_worry_at_another_question_does_not_pass_for_a_request() -> None:
    guess = Reading("referral_status", 0.6)
    found = [{"entity": "concern", "value": "social_emotional"}]
    assert read_reply("y no me mira when I call her", asked("lost_skills"), guess, found).intent != "referral_status"


def test_a_story_is_read_for_worries_even_where_a_name_was_asked() -> None:
    story = "so basically she was talking fine until about a year ago and then she just kind of stopped"
    assert states_worry(story, asked("child_name")) and not states_worry("Maria Luz", asked("child_name"))
    assert "regression" in find_concerns(story, asked=False).worries


def test_wait_and_see_is_no_worry_about_seeing() -> None:
    said = "he doesnt talk but the doctor said wait and see"
    assert find_concerns(said, asked=True).worries == ("language_communication",)
