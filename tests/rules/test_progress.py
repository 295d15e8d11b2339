"""Progress never promises less than is to come, and ends where the interview does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.content.questions import load_questions
from intake.rules.interview import NO, YES, Expects, Kind, Situation, next_question, questions
from intake.rules.progress import LONGEST_CHECKLIST, Progress, progress
from intake.settings import ROOT

CHECKLIST = tuple(f"m18.{number}" for number in range(15))


def _after(*answered: Kind | str, **answers: str) -> Situation:
    told = {str(item): YES for item in answered} | answers
    known = Kind.BIRTH_DATE in told
    return Situation(told, CHECKLIST if known else (), True if known else None)


def test_no_checklist_of_ours_is_longer_than_what_is_expected() -> None:
    checklists = load_questions(ROOT / "content/questions").checklists.values()
    assert max(len(checklist.questions) for checklist in checklists) == LONGEST_CHECKLIST


def test_the_first_question_about_the_child_says_how_long_it_takes() -> None:
    situation = _after(Kind.CONSENT)
    assert progress(situation, next_question(situation)) == Progress(2, 35, 6)


@pytest.mark.parametrize("open_now", [None, Expects(Kind.CONSENT), Expects(Kind.FREE, "finished"), Expects(Kind.PHONE)])
def test_what_is_no_question_of_the_interview_has_no_progress(open_now: Expects | None) -> None:
    assert progress(_after(Kind.CONSENT), open_now) is None


def test_a_question_asked_again_has_its_own_place() -> None:
    situation = _after(Kind.CONSENT, Kind.RELATION, Kind.CHILD_NAME, Kind.BIRTH_DATE, Kind.EARLY_BIRTH)
    again = progress(situation, Expects(Kind.CHILD_NAME))
    assert again is not None and again.number == 3


@given(st.sampled_from([YES, NO]), st.sampled_from(["parent", "family", "provider", "child_care"]))
def test_the_number_of_questions_never_grows_and_the_last_one_is_the_last(contact: str, who: str) -> None:
    told: dict[str, str] = {Kind.CONSENT: YES}
    totals, minutes = [], []
    while True:
        known = Kind.BIRTH_DATE in told
        situation = Situation(told, CHECKLIST if known else (), True if known else None)
        now_open = next_question(situation)
        if now_open is None:
            break
        reached = progress(situation, now_open)
        assert reached is not None and 1 <= reached.number <= reached.total
        totals.append(reached.total)
        minutes.append(reached.minutes)
        told = told | {now_open.item: who if now_open == Expects(Kind.RELATION)
                       else contact if now_open.kind is Kind.CONTACT_CONSENT else YES}
    assert totals == sorted(totals, reverse=True) and minutes == sorted(minutes, reverse=True)
    assert totals[-1] == len(list(questions(situation))) and minutes[-1] == 1
