"""A text that was written before the open question could be seen is never taken for the answer to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from a_family import POINTS, AFamily
from sqlalchemy import select, update

from intake.rules.interview import Expects, Kind
from intake.store.models import Message
from intake.usecases import milestones
from intake.usecases.replying import finish_turn
from intake.usecases.scene import Turn
from intake.usecases.taking import EngineTurn, TakingRules, take

Family = Callable[..., AFamily]
FIRST = "m18.social.explores_checks_back"


def crosses(parent: AFamily, first: str, second: str, reply: str = "yes") -> UUID:
    """``second`` arrives while ``first`` is in the engine's hands; then ``first`` is answered with the next question."""
    message = parent.writes(first)
    turn = take(parent.store, parent.content, message, today=parent.today)
    assert turn is not None
    crossing = parent.writes(second)
    _finish(parent, turn, reply)
    return crossing


def _finish(parent: AFamily, turn: EngineTurn, reply: str) -> None:
    expects = turn.context["expects"]
    asked = Expects(Kind(expects["kind"]), expects["id"])
    step = Turn(parent.public_id, turn.message_id, turn.text, turn.context["language"], "sms", asked, parent.today)
    outcome = parent.does(step, parent.answer_to(asked)[1] if asked.kind is not Kind.MILESTONE else
                          lambda scene: milestones.answer_milestone(scene, reply))
    after = outcome.expects
    assert after is not None
    finish_turn(parent.store, turn.message_id, [line.name for line in outcome.lines],
                {"receipt": "r", "expects": {"kind": after.kind.value, "id": after.id}, "choices": []}, {},
                first_line=turn.first_line)


def taken(parent: AFamily, message: UUID, rules: TakingRules | None = None) -> EngineTurn | None:
    return take(parent.store, parent.content, message, today=parent.today, rules=rules or TakingRules())


def reply_to(parent: AFamily, message: UUID) -> str | None:
    return next((found.text for found in parent.all(Message) if found.in_reply_to == message), None)


def _state(parent: AFamily, message: UUID) -> str:
    return next(found.state for found in parent.all(Message) if found.id == message)


def test_a_second_thought_is_bound_to_the_question_it_answers(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    crossing = crosses(parent, "yes", "sometimes")
    turn = taken(parent, crossing)
    assert turn is not None and turn.context["expects"] == {"kind": "milestone", "id": FIRST}
    assert turn.first_line == parent.content.messages.system("took_for_previous", "en")
    _finish(parent, turn, "sometimes")
    kept = {answer["item"]: answer["value"] for answer in parent.case()["answers"] if answer["item"].startswith("m18")}
    assert kept == {FIRST: "sometimes"} and parent.open() == Expects(Kind.MILESTONE, POINTS)
    said = reply_to(parent, crossing)
    assert said is not None and said.startswith(parent.content.messages.system("took_for_previous", "en"))


def test_the_engine_is_not_told_of_the_binding(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    turn = taken(parent, crosses(parent, "yes", "sometimes"))
    assert turn is not None and set(turn.context) == {"language", "channel", "child_name", "expects", "today"}


def test_a_double_tap_is_one_answer_and_is_not_answered_again(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    crossing = crosses(parent, "yes", "Yes")
    assert taken(parent, crossing) is None and reply_to(parent, crossing) is None
    assert _state(parent, crossing) == "done"


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_bare_word_to_an_agreement_that_was_not_seen_is_asked_about(family: Family, language: str) -> None:
    parent = family(until=Kind.WORRY, language=language)
    crossing = crosses(parent, {"en": "he does not talk yet", "es": "me preocupa que no habla nada"}[language], "no")
    assert taken(parent, crossing) is None
    said = reply_to(parent, crossing)
    assert said is not None and said.startswith(parent.content.messages.system("crossed", language))
    assert "ask_lost_skills" in said and parent.open() == Expects(Kind.LOST_SKILLS)


def test_a_worry_that_crosses_is_read_as_a_worry(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    turn = taken(parent, crosses(parent, "he does not talk yet", "and he never looks at me either"))
    assert turn is not None and turn.first_line is None


def test_an_answer_after_the_question_left_is_an_ordinary_answer(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    turn = parent.is_taken("yes")
    assert turn is not None and turn.first_line is None


@pytest.mark.parametrize(("left_ago", "crossing"), [(0.5, True), (5.0, False), (None, True)])
def test_by_sms_a_question_counts_as_seen_only_some_time_after_it_left(
        family: Family, left_ago: float | None, crossing: bool) -> None:
    parent = family(until=Kind.MILESTONE)
    parent.say("yes", lambda scene: milestones.answer_milestone(scene, "yes"))
    with parent.store.transaction() as session:
        texts = list(session.scalars(select(Message).where(Message.direction == "outbound").order_by(Message.seq)))
        for text in texts[:-1]:
            text.sent_at = datetime.now(UTC) - timedelta(minutes=5)
        texts[-1].sent_at = None if left_ago is None else datetime.now(UTC) - timedelta(seconds=left_ago)
    turn = taken(parent, parent.writes("not yet"), TakingRules(crossing_seconds=2.0))
    assert turn is not None
    assert (turn.context["expects"]["id"] == FIRST) is crossing


def test_a_question_asked_again_and_again_is_not_buried_under_what_was_said_before_it(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    question = parent.content.messages.system("crossed", "en")
    replies = []
    for text in ("yess", "yes!", "si"):
        message = parent.writes(text)
        assert taken(parent, message, TakingRules(crossing_seconds=3600)) is None
        replies.append(reply_to(parent, message))
    assert replies == [f"{question}\nask_consent"] * 3, "who we are is said once, and the reason once each time"


def _were_seen_long_ago(parent: AFamily) -> None:
    """All that was asked so far left two hours ago."""
    with parent.store.transaction() as session:
        long_ago = datetime.now(UTC) - timedelta(hours=2)
        session.execute(update(Message).where(Message.direction == "outbound").values(sent_at=long_ago))


def test_an_answer_that_crosses_the_question_which_of_several_holds_is_one_of_them(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    _were_seen_long_ago(parent)
    several = [parent.writes(text) for text in ("yes", "not yet")]
    assert taken(parent, several[0]) is None, "it asks which of them holds"
    crossing = parent.writes("sometimes")
    assert taken(parent, crossing, TakingRules(crossing_seconds=3600)) is None and reply_to(parent, crossing) is None
    assert _state(parent, crossing) == "done"
    answer = taken(parent, parent.writes("yes"))
    assert answer is not None and answer.context["expects"]["id"] == FIRST, "what is said after it was seen holds"


def test_a_sentence_that_crosses_the_question_which_of_several_holds_says_it(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    _were_seen_long_ago(parent)
    first, _ = parent.writes("yes"), parent.writes("not yet")
    assert taken(parent, first) is None
    turn = taken(parent, parent.writes("she only does it with her grandma"), TakingRules(crossing_seconds=3600))
    assert turn is not None and turn.context["expects"]["id"] == FIRST


@pytest.mark.parametrize("language", ["en", "es"])
def test_different_answers_that_crossed_the_next_question_open_their_own_again(family: Family, language: str) -> None:
    parent = family(until=Kind.MILESTONE, language=language)
    yes, not_yet, sometimes = {"en": ("yes", "not yet", "sometimes"), "es": ("sí", "todavía no", "a veces")}[language]
    turn = taken(parent, parent.writes(yes))
    crossing = [parent.writes(text) for text in (not_yet, sometimes)]
    assert turn is not None
    _finish(parent, turn, "yes")
    assert parent.open() == Expects(Kind.MILESTONE, POINTS)
    assert [taken(parent, message) for message in crossing] == [None, None]
    said = reply_to(parent, crossing[0])
    assert said is not None and said.startswith(parent.content.messages.system("several_answers", language))
    assert parent.open() == Expects(Kind.MILESTONE, FIRST), "which one is right is answered to the question it was asked of"
    assert reply_to(parent, crossing[1]) is None and [_state(parent, message) for message in crossing] == ["done"] * 2
    answer = taken(parent, parent.writes(sometimes))
    assert answer is not None
    _finish(parent, answer, "sometimes")
    kept = {answer["item"]: answer["value"] for answer in parent.case()["answers"] if answer["item"].startswith("m18")}
    assert kept == {FIRST: "sometimes"} and parent.open() == Expects(Kind.MILESTONE, POINTS)


def test_an_answer_to_the_open_question_is_not_read_with_one_that_crossed_it(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    crossing = crosses(parent, "yes", "sometimes")
    answer = parent.writes("not yet")
    turn = taken(parent, crossing)
    assert turn is not None and turn.text == "sometimes" and turn.context["expects"]["id"] == FIRST
    assert next(found.read_with for found in parent.all(Message) if found.id == answer) is None
