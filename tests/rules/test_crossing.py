"""Texts that cross in the air answer the question that was seen, or are asked about, never one that was not seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.crossing import BARE_WORDS, Crossing, is_bare, judge
from intake.rules.interview import Expects, Kind

Q1, Q2 = Expects(Kind.MILESTONE, "m18.social.points_to_show"), Expects(Kind.MILESTONE, "m18.social.hands_out_wash")
READ_BACK = Q1.read_back("not_yet")
LOST, WORRY, NAME, BIRTH = (Expects(kind) for kind in (Kind.LOST_SKILLS, Kind.WORRY, Kind.CHILD_NAME, Kind.BIRTH_DATE))
CONSENT, CONTACT, DANGER = Expects(Kind.CONSENT), Expects(Kind.CONTACT_CONSENT), Expects(Kind.FREE, "after_safety")

ROWS = [
    ("yes", "yes", Q1, Q2, Crossing.REPEATED, "a double tap"),
    ("YES!", "yes", Q1, Q2, Crossing.REPEATED, "the same word once more"),
    ("👍", "👍", Q1, Q2, Crossing.REPEATED, "the same emoji once more"),
    ("sometimes", "yes", Q1, Q2, Crossing.PREVIOUS, "thought better of it"),
    ("well he does it at daycare I think", "yes", Q1, Q2, Crossing.PREVIOUS, "more about the same question"),
    ("yes", "not really", Q1, READ_BACK, Crossing.PREVIOUS, "no yes to a read-back nobody has read"),
    ("nada", "no", WORRY, LOST, Crossing.ASKED_ABOUT, "no answer about lost skills to who was asked about a worry"),
    ("yes", "hola", None, CONSENT, Crossing.ASKED_ABOUT, "no consent to what was not read"),
    ("sí", "8605550142", Expects(Kind.PHONE), CONTACT, Crossing.ASKED_ABOUT, "no consent to contact unread"),
    ("Rivera", "Mateo", NAME, BIRTH, Crossing.ASKED_ABOUT, "a surname is no birth date"),
    ("18 months", "Mateo", NAME, BIRTH, Crossing.GOES_ON, "an age told early is an age"),
    ("and he does not look at me either", "he does not talk", WORRY, LOST, Crossing.GOES_ON, "a worry speaks for itself"),
    ("yes", "no", Q1, Q1, Crossing.GOES_ON, "the same question was asked once more"),
    ("ok", "he fell", Q1, DANGER, Crossing.GOES_ON, "after danger nothing is asked"),
    ("not sure", "no", LOST, Q1, Crossing.PREVIOUS, "about lost skills"),
]


@pytest.mark.parametrize(("text", "before", "previous", "now", "expected", "remark"), ROWS, ids=[row[-1] for row in ROWS])
def test_a_crossing_text_is_judged(text: str, before: str, previous: Expects | None, now: Expects, expected: Crossing,
                                   remark: str) -> None:
    assert judge(text, before, previous, now) is expected


KINDS = st.sampled_from([Expects(kind, "m1" if kind is Kind.MILESTONE else None) for kind in Kind])


@given(st.sampled_from(["yes", "no", "sí", "nope", "a veces", "not yet", "1", "👍", "ok then"]), KINDS | st.none(), KINDS)
def test_a_bare_answer_never_goes_on_to_an_agreement_that_was_not_seen(text: str, previous: Expects | None, now: Expects) -> None:
    agreements = {Kind.CONSENT, Kind.CONTACT_CONSENT, Kind.CONFIRM_ANSWERS, Kind.NEEDS_MET, Kind.LOST_SKILLS, Kind.MILESTONE}
    if now.kind in agreements and previous != now:
        assert judge(text, "something else", previous, now) is not Crossing.GOES_ON


@given(st.text(max_size=80))
def test_any_text_is_judged_and_a_bare_one_has_few_words(text: str) -> None:
    judge(text, None, Q1, Q2)
    assert is_bare(text) or len(text.split()) > 0
    assert is_bare(" ".join(["word"] * BARE_WORDS)) and not is_bare(" ".join(["word"] * (BARE_WORDS + 1)))


@pytest.mark.parametrize(("text", "asked_which", "judgement"), [
    ("sometimes", True, Crossing.ONE_OF_SEVERAL), ("sometimes", False, Crossing.GOES_ON),
    ("she only does it with her grandma", True, Crossing.GOES_ON)])
def test_one_more_bare_answer_is_no_answer_to_which_of_them_holds(text: str, asked_which: bool, judgement: Crossing) -> None:
    assert judge(text, "yes", Q1, Q1, asked_which=asked_which) is judgement
