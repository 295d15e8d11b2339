"""Your answers so far: what the family told, by question, in its language; a tap asks that question again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import AFamily

from intake.content.pages import load_chat_page
from intake.rules.interview import Kind
from intake.settings import ROOT
from intake.store.models import Answer, Concern, Message
from intake.usecases import corrections
from intake.usecases.about_child import tell_relation
from intake.usecases.panel import AnswerSoFar, PanelWords, answers_so_far, question_of
from intake.usecases.receiving import SessionUnknown, receive_change
from intake.usecases.taking import take

Family = Callable[..., AFamily]
WORDS = PanelWords(load_chat_page(ROOT / "content").answers)


def _answers(parent: AFamily) -> dict[str, AnswerSoFar]:
    return {answer.item: answer for answer in answers_so_far(parent.store, parent.content, WORDS, parent.token).answers}


def _taps(parent: AFamily, item: str, id: str = "tap-1") -> Message:
    received = receive_change(parent.store, token=parent.token, client_msg_id=id, item=item, text="Change")
    with parent.store.reading() as session:
        return session.get_one(Message, received.message_id)


def test_at_the_start_there_is_nothing_and_a_wrong_secret_opens_nothing(family: Family) -> None:
    parent = family(until=Kind.CONSENT, channel="web")
    assert _answers(parent) == {}
    with pytest.raises(SessionUnknown):
        answers_so_far(parent.store, parent.content, WORDS, "wrong")


def test_what_was_told_stands_in_the_order_of_the_questions(family: Family) -> None:
    parent = family(until=Kind.CONTACT_CONSENT, channel="web")
    answers = _answers(parent)
    items = list(answers)
    assert items[:3] == ["relation", "child_name", "birth_date"]
    assert Kind.CONSENT not in answers and Kind.CONFIRM_ANSWERS not in answers
    assert all(answer.question and answer.told for answer in answers.values())
    milestones = [item for item in items if parent.content.questions.knows(item)]
    assert milestones and answers[milestones[0]].told in {"Yes", "Sometimes", "Not yet", "Not sure"}


def test_a_worry_stands_in_the_parents_own_words(family: Family) -> None:
    parent = family(until=Kind.LOST_SKILLS, channel="web")
    words = [concern.words for concern in parent.all(Concern)]
    assert words and _answers(parent)["worry"].told == "\n".join(dict.fromkeys(words))


def test_a_question_left_out_says_so_and_not_nothing(family: Family) -> None:
    parent = family(until=Kind.CHILD_NAME, channel="web")
    parent.say("skip", lambda scene: scene.answer(Kind.CHILD_NAME, "skip") and None)
    assert _answers(parent)["child_name"].told == "You skipped this one"


@pytest.mark.parametrize("item", [Kind.CONSENT, Kind.CONFIRM_ANSWERS, "free", "no.such.milestone", "skipped", "asks_to_change"])
def test_what_is_no_answer_has_no_question(family: Family, item: str) -> None:
    assert question_of(family(until=Kind.CONSENT).content, WORDS, item, "en") is None


def test_a_tap_goes_to_the_engine_as_a_wish_to_change_and_is_read_by_nobody(family: Family) -> None:
    parent = family(until=Kind.WORRY, channel="web")
    message = _taps(parent, "child_name")
    parent.writes("I want to die")  # waits behind it, and is heard in its own turn
    turn = take(parent.store, parent.content, message.id, today=parent.today)
    assert turn is not None and turn.context["change"] == "child_name" and turn.text == "Change"


def test_the_same_tap_twice_is_one(family: Family) -> None:
    parent = family(until=Kind.WORRY, channel="web")
    assert _taps(parent, "child_name").id == _taps(parent, "child_name").id


@pytest.mark.parametrize("item", ["relation", "child_name", "birth_date", "lost_skills", "worry"])
def test_a_tap_asks_that_question_again_and_keeps_the_old_answer_as_replaced(family: Family, item: str) -> None:
    parent = family(until=Kind.CONTACT_CONSENT, channel="web")
    outcome = parent.say("Change", lambda scene: corrections.change_named(scene, item))
    assert outcome.expects is not None and outcome.expects.item == item
    assert item not in _answers(parent)
    assert [row.replaced_at is not None for row in parent.all(Answer) if row.item == item][-1]


def test_a_tap_on_what_has_no_answer_asks_the_open_question(family: Family) -> None:
    parent = family(until=Kind.WORRY, channel="web")
    for item in ("lost_skills", Kind.CONSENT, "no.such.milestone"):
        outcome = parent.say("Change", lambda scene, item=item: corrections.change_named(scene, item))  # type: ignore[misc]
        assert outcome.expects is not None and outcome.expects.kind is Kind.WORRY


def test_what_a_referrer_told_stands_in_the_list_under_its_own_words(family: Family) -> None:
    teacher = family(until=Kind.NEEDS_MET, channel="web", answers={Kind.RELATION: ("I'm her teacher", tell_relation)})
    listed = {item: (row.question, row.told) for item, row in _answers(teacher).items()}
    assert listed["phone.parent"] == ("How to reach the parent", "I will tell the parent")
    assert listed["doctor.agency"] == ("Your clinic, school or program", "Bright Start")
    assert listed["contact_consent.parent_knows"] == ("Does the parent know", "Yes") and "phone" not in listed
