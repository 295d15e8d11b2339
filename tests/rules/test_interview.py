"""The order of the conversation: worries before any list, consent before everything, the end when all is answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.interview import (
    AGENCY,
    CALL_BACK,
    CHILD_CARE,
    FAMILY,
    LEGAL_GUARDIAN,
    NEXT_CHECK,
    NO,
    OF_PROGRAM,
    OF_SOMEBODY_ELSE,
    OWN_NAME,
    PARENT_KNOWS,
    PARENT_PHONE,
    PROVIDER,
    SKIP,
    YES,
    Expects,
    Kind,
    Situation,
    next_question,
    place_in_checklist,
    previous_question,
    questions,
)

LIST = ("m18.a", "m18.b", "m18.c")


def _order(situation: Situation) -> list[str]:
    return [expects.item for expects in questions(situation)]


def _led_through(situation: Situation, values: dict[str, str]) -> list[str]:
    answers: dict[str, str] = {}
    asked = []
    while (expects := next_question(Situation(answers, situation.checklist, situation.under_two))) is not None:
        asked.append(expects.item)
        answers[expects.item] = values.get(expects.item, YES)
    return asked


def test_consent_is_asked_before_anything_else() -> None:
    assert next_question(Situation()) == Expects(Kind.CONSENT)


def test_a_refusal_of_consent_is_the_end() -> None:
    assert _led_through(Situation(checklist=LIST), {Kind.CONSENT: NO}) == [Kind.CONSENT]


def test_the_worry_is_asked_before_lost_skills_and_before_the_list() -> None:
    asked = _led_through(Situation(checklist=LIST, under_two=True), {})
    assert asked.index(Kind.BIRTH_DATE) < asked.index(Kind.WORRY) < asked.index(Kind.LOST_SKILLS) < asked.index(LIST[0])
    assert asked[asked.index(LIST[0]):asked.index(LIST[0]) + 4] == [*LIST, Kind.CONFIRM_ANSWERS]


def test_an_early_birth_is_asked_about_only_while_the_child_is_known_to_be_under_two() -> None:
    assert Kind.EARLY_BIRTH in _order(Situation(under_two=True))
    assert Kind.EARLY_BIRTH not in _order(Situation(under_two=False))
    assert Kind.EARLY_BIRTH not in _order(Situation(under_two=None))


def test_without_a_list_nothing_is_read_back() -> None:
    assert Kind.CONFIRM_ANSWERS not in _order(Situation())


def test_who_does_not_want_to_be_contacted_is_asked_for_no_name_phone_or_fact() -> None:
    asked = _led_through(Situation(), {Kind.CONTACT_CONSENT: NO})
    assert asked[-2:] == [Kind.CONTACT_CONSENT, Kind.NEEDS_MET]


def test_who_agrees_is_asked_how_to_be_reached_then_the_optional_facts_and_last_whether_it_helped() -> None:
    asked = _led_through(Situation(), {})
    contact = asked.index(Kind.CONTACT_CONSENT)
    assert asked[contact + 1:] == ["contact_name", "phone", "best_time", "place", "doctor", "insurance", "heard_from",
                                   "race_ethnicity", "needs_met"]


def test_who_may_be_invited_is_asked_so_last_of_all_and_the_answer_is_no_consent_to_be_contacted() -> None:
    invited = Expects(Kind.CONTACT_CONSENT, NEXT_CHECK)
    assert list(questions(Situation(may_be_invited=True)))[-1] == invited
    assert invited not in list(questions(Situation()))
    assert (invited.item, Expects(Kind.CONTACT_CONSENT).item) == ("next_check", "contact_consent")
    answered = dict.fromkeys(_order(Situation()), YES) | {Kind.CONTACT_CONSENT: NO}
    assert next_question(Situation(answered, may_be_invited=True)) == invited
    assert next_question(Situation(answered | {NEXT_CHECK: NO}, may_be_invited=True)) is None


def test_a_skipped_question_is_not_asked_again() -> None:
    answered = {Kind.CONSENT: YES, Kind.RELATION: SKIP}
    assert next_question(Situation(answered)) == Expects(Kind.CHILD_NAME)


@given(st.permutations([Kind.RELATION, Kind.CHILD_NAME, Kind.WORRY, *LIST]), st.integers(0, 6))
def test_whatever_is_known_already_the_first_unanswered_question_of_the_order_is_open(known: list[str], many: int) -> None:
    answers = {item: YES for item in [Kind.CONSENT, *known[:many]]}
    situation = Situation(answers, LIST, under_two=True)
    expected = next(item for item in _order(situation) if item not in answers)
    found = next_question(situation)
    assert found is not None and found.item == expected


def test_going_back_from_the_first_milestone_leads_to_the_lost_skills() -> None:
    answers = dict.fromkeys([Kind.CONSENT, Kind.RELATION, Kind.CHILD_NAME, Kind.BIRTH_DATE, Kind.WORRY, Kind.LOST_SKILLS], YES)
    situation = Situation(answers, LIST, under_two=False)
    assert previous_question(situation, Expects(Kind.MILESTONE, LIST[0])) == Expects(Kind.LOST_SKILLS)


def test_going_back_passes_over_questions_that_were_never_answered() -> None:
    situation = Situation({Kind.CONSENT: YES, LIST[0]: YES}, LIST)
    assert previous_question(situation, Expects(Kind.MILESTONE, LIST[2])) == Expects(Kind.MILESTONE, LIST[0])


def test_at_the_first_question_there_is_nothing_before() -> None:
    assert previous_question(Situation(), Expects(Kind.CONSENT)) is None


def test_a_milestone_says_its_place_in_the_list_from_one() -> None:
    assert place_in_checklist(Situation(checklist=LIST), LIST[2]) == (3, 3)


OFFERED = Situation({Kind.CONTACT_CONSENT: YES}, offers=("asthma", "homes"))


def test_further_programs_are_offered_one_by_one_between_the_place_and_the_facts_that_can_wait() -> None:
    order = _order(OFFERED)
    place = order.index(Kind.PLACE)
    assert order[place:place + 4] == [Kind.PLACE, "program.asthma", "program.homes", Kind.DOCTOR]


@pytest.mark.parametrize("answers", [{}, {Kind.CONTACT_CONSENT: NO}])
def test_nothing_further_is_offered_without_a_yes_to_the_first(answers: dict[str, str]) -> None:
    assert [item for item in _order(Situation(answers, offers=("asthma",))) if item.startswith(OF_PROGRAM)] == []


def test_the_yes_to_a_further_program_is_kept_apart_from_the_first() -> None:
    assert Expects(Kind.CONTACT_CONSENT).offer is None and Expects(Kind.CONTACT_CONSENT).item == Kind.CONTACT_CONSENT
    assert Expects(Kind.CONTACT_CONSENT, "asthma").item == "program.asthma"
    assert Expects(Kind.MILESTONE, "m18.a").offer is None
# who is not the parent

_SHORT = [Kind.CONSENT, Kind.RELATION, Kind.CHILD_NAME, Kind.BIRTH_DATE, Kind.WORRY, PARENT_KNOWS.item, PARENT_PHONE.item,
          OWN_NAME.item, AGENCY.item, CALL_BACK.item, Kind.NEEDS_MET]


@pytest.mark.parametrize("who", [PROVIDER, CHILD_CARE])
def test_a_doctor_or_a_teacher_is_asked_no_list_and_for_no_yes_of_their_own(who: str) -> None:
    assert _led_through(Situation(checklist=LIST, under_two=True), {Kind.RELATION: who}) == _SHORT


def test_a_relative_is_asked_whether_they_are_the_legal_guardian_and_for_no_agency() -> None:
    asked = _led_through(Situation(checklist=LIST), {Kind.RELATION: FAMILY, LEGAL_GUARDIAN.item: NO})
    assert asked == [*_SHORT[:2], LEGAL_GUARDIAN.item, *(item for item in _SHORT[2:] if item != AGENCY.item)]


def test_who_turns_out_to_be_the_parent_is_asked_only_what_is_still_missing_of_the_parents_way() -> None:
    told = dict.fromkeys(_SHORT[:-1], YES) | {Kind.RELATION: "parent", Kind.LOST_SKILLS: NO}
    assert next_question(Situation(told)) == Expects(Kind.CONTACT_CONSENT)


def test_what_somebody_else_is_asked_has_answers_of_its_own() -> None:
    items = {expects.item for expects in OF_SOMEBODY_ELSE}
    assert len(items) == len(OF_SOMEBODY_ELSE) and not items & set(Kind)


def test_a_question_with_another_id_keeps_the_name_of_its_kind() -> None:
    assert Expects(Kind.PHONE).item == Expects(Kind.PHONE, "x").item == "phone"
