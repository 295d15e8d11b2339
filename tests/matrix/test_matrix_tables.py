"""The tables of the matrix leave nothing out: every program and every danger of the content stands in them, in both languages."""

from __future__ import annotations

import pytest

from intake.content.outreach import ANSWERS
from intake.rules.concerns import ConcernDomain
from intake.rules.safety import SafetyCategory, SafetyLevel
from intake.usecases.danger import ASKED_AS_QUESTION
from intake.usecases.understanding import danger_in
from tests.content.dialogue import responses
from tests.matrix.tables import LANGUAGES, DangerRow, ProgramRow, content, danger_rows, program_rows

each_danger = pytest.mark.parametrize("row", danger_rows().values(), ids=danger_rows())
each_program = pytest.mark.parametrize("row", program_rows().values(), ids=program_rows())


def test_every_program_of_the_content_has_a_family() -> None:
    assert set(program_rows()) == set(content().programs.programs)


def test_every_danger_of_the_content_has_words() -> None:
    assert set(danger_rows()) == set(content().safety.lexicon.situations)


def test_dangers_of_every_category_stop_the_questions() -> None:
    stopping = {one.category for one in content().safety.lexicon.situations.values()
                if one.level is not SafetyLevel.PRIORITY_FOLLOW_UP}
    assert stopping == set(SafetyCategory)


@each_danger
def test_the_words_tell_of_this_danger_and_of_no_other(row: DangerRow) -> None:
    age = row.child.days if row.child else None
    for language in LANGUAGES:
        hit = danger_in(row.words[language], content(), age)
        assert hit is not None and (hit.situation, hit.unclear) == (row.situation, False), (language, hit)


@each_program
def test_a_row_names_lines_worries_and_answers_that_exist(row: ProgramRow) -> None:
    assert row.worry is None or set(row.worry) == set(LANGUAGES)
    assert set(row.lines) <= set(responses()) and set(row.answers) <= set(ANSWERS)
    assert set(row.concerns) <= set(ConcernDomain)


def test_what_does_not_stop_the_questions_is_said_by_a_line_that_exists() -> None:
    for row in danger_rows().values():
        assert set(row.lines) <= set(responses())
        assert bool(row.lines) is (row.situation in ASKED_AS_QUESTION), row.situation
