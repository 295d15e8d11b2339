"""With each answer the very message is kept that asked for it: re-asked, corrected, by number, told with others, never asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import OLDER, AFamily, birth, born, milestone
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from intake.rules.interview import Expects, Kind
from intake.store.models import Answer, Message
from intake.usecases import about_child, corrections, interruptions, milestones
from intake.usecases.about_child import Birth
from intake.usecases.asked import asked_item, message_that_asked, question_in
from intake.usecases.replying import finish_turn
from intake.usecases.scene import Scene, Turn
from intake.usecases.taking import take

Make = Callable[..., AFamily]


def answers(family: AFamily, item: str) -> list[Answer]:
    return sorted((row for row in family.all(Answer) if row.item == item), key=lambda row: row.created_at)


def asking(family: AFamily, answer: Answer) -> Message | None:
    """The message kept with ``answer``, which must be the one that is worked out for rows without it."""
    messages = sorted(family.all(Message), key=lambda row: row.seq)
    by_id = {message.id: message for message in messages}
    worked_out = message_that_asked(messages, answer.item, by_id[answer.message_id].seq)
    assert answer.asked_in == (worked_out.id if worked_out else None)
    return worked_out


def asked(family: AFamily, answer: Answer) -> Message:
    found = asking(family, answer)
    assert found is not None
    return found


def the_list(family: Make) -> tuple[AFamily, str, str]:
    """A family at its first milestone; the first two items of its list."""
    talk = family(until=Kind.MILESTONE)
    first = talk.open()
    assert first is not None and first.milestone is not None
    talk.say(*milestone("yes"))
    second = talk.open()
    assert second is not None and second.milestone is not None
    return talk, first.milestone, second.milestone


def test_an_answer_names_the_question_before_it(family: Make) -> None:
    talk, first, _ = the_list(family)
    [answer] = answers(talk, first)
    question = asked(talk, answer)
    assert "ask_milestone" in question.text and asked_item(question.payload) == first
    assert question.seq < next(row.seq for row in talk.all(Message) if row.id == answer.message_id)
    assert question.language == "en"


def test_a_question_asked_again_is_the_one_that_was_answered(family: Make) -> None:
    talk, _, second = the_list(family)
    talk.say("what?", interruptions.not_understood)
    talk.say(*milestone("sometimes"))
    [answer] = answers(talk, second)
    assert "not_understood_milestone" in asked(talk, answer).text


def test_a_correction_names_the_earlier_question_and_the_old_answer_keeps_its_own(family: Make) -> None:
    talk, first, _ = the_list(family)
    talk.say("no, I meant not yet", lambda scene: corrections.correct(scene, "not_yet"))
    old, new = answers(talk, first)
    assert old.replaced_by == new.id and asked(talk, old).id == asked(talk, new).id
    talk.say("wait, that was wrong", lambda scene: corrections.reopen(scene, Expects(Kind.MILESTONE, first)))
    talk.say(*milestone("sometimes"))
    newest = answers(talk, first)[-1]
    assert "ask_again" in asked(talk, newest).text and asked(talk, newest).seq > asked(talk, new).seq
    assert asked(talk, old).id == old.asked_in, "what was kept with the old answer stays"


def test_what_is_read_back_and_confirmed_names_the_question_and_not_the_read_back(family: Make) -> None:
    talk, _, second = the_list(family)
    talk.say("kind of her own way", lambda scene: milestones.answer_milestone(scene, "sometimes", sure=False))
    talk.say(*milestone("yes"))
    [answer] = answers(talk, second)
    assert answer.value == "sometimes" and "ask_milestone" in asked(talk, answer).text


def test_a_text_that_crossed_the_next_question_names_the_one_it_was_written_to(family: Make) -> None:
    talk = family(until=Kind.MILESTONE)
    first = talk.open()
    assert first is not None
    yes, well = talk.writes("yes"), talk.writes("well, sometimes")
    for message, text, deed in ((yes, "yes", milestone("yes")), (well, "well, sometimes", milestone("sometimes"))):
        turn = Turn(talk.public_id, message, text, "en", "sms", first, talk.today)
        after = talk.does(turn, deed[1]).expects
        assert after is not None
        finish_turn(talk.store, message, ["next"], {"expects": {"kind": after.kind.value, "id": after.id}}, {})
    old, new = answers(talk, first.item)
    assert (old.value, new.value) == ("yes", "sometimes") and asked(talk, old).id == asked(talk, new).id


def test_an_answer_by_number_names_its_question(family: Make) -> None:
    talk = family(until=Kind.RELATION)
    talk.say("1", about_child.tell_relation)
    [answer] = answers(talk, Kind.RELATION)
    assert answer.value == "parent" and "ask_relation" in asked(talk, answer).text


def tells_place(scene: Scene) -> None:
    scene.answer(Kind.PLACE, "Hartford")


def test_texts_read_together_name_the_question_before_the_first_of_them(family: Make) -> None:
    talk = family(until=Kind.PLACE, answers=OLDER)
    first, second = talk.writes("we live in"), talk.writes("Hartford")
    turn = take(talk.store, talk.content, first, today=talk.today)
    assert turn is not None and next(row for row in talk.all(Message) if row.id == second).read_with == first
    whole = Turn(talk.public_id, first, turn.text, "en", "sms", Expects(Kind.PLACE), talk.today)
    outcome = talk.does(whole, tells_place)
    finish_turn(talk.store, first, ["next"], {"expects": None, "asks": outcome.asks}, {})
    [answer] = answers(talk, Kind.PLACE)
    assert "ask_place" in asked(talk, answer).text


def test_what_was_told_before_it_was_asked_names_no_question(family: Make) -> None:
    talk = family(until=Kind.CHILD_NAME)
    talk.say("Mateo", lambda scene: about_child.tell_child_name(scene, Birth(dob=born(84))))
    [answer] = answers(talk, Kind.BIRTH_DATE)
    assert asking(talk, answer) is None
    assert "ask_child_name" in asked(talk, answers(talk, Kind.CHILD_NAME)[0]).text


@pytest.mark.parametrize("state", ["canceled", "failed", "undelivered"])
def test_a_question_that_never_arrived_was_not_seen(family: Make, state: str) -> None:
    talk = family(until=Kind.BIRTH_DATE)
    talk.say("hm", lambda scene: about_child.tell_birth_date(scene, None))
    again = max((row for row in talk.all(Message) if row.direction == "outbound"), key=lambda row: row.seq)
    with talk.store.transaction() as session:
        session.execute(update(Message).where(Message.id == again.id).values(state=state))
    talk.say(*birth(born(84)))
    [answer] = answers(talk, Kind.BIRTH_DATE)
    assert asked(talk, answer).seq < again.seq


_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                     lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "id", "x"]), inner))


@given(_JSON)
def test_whatever_was_kept_asks_something_or_nothing(expects: object) -> None:
    question = question_in({"expects": expects})
    assert question is None or question.kind in Kind
    assert asked_item({"expects": expects}) is None or question is not None
