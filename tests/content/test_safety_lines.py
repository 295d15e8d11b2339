"""What is said in danger: both languages, grade 5 or lower, the number first, no diagnosis, no false comfort."""

from __future__ import annotations

import re
import warnings
from functools import cache
from pathlib import Path

import pytest

from intake.content.bilingual import Bilingual
from intake.content.programs import load_programs
from intake.content.safety import SafetyContent, load_safety
from intake.rules.safety import SafetyLevel

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import textstat

CONTENT = Path(__file__).parents[2] / "content"
HIGHEST_GRADE = {"safety": 5.0, "programs": 6.0}
NUMBERS = re.compile(r"\d[\d-]*")
PARTS = ("first", "second", "number", "question", "safe")
FORBIDDEN = re.compile(
    r"on track|don't worry|do not worry|\bnormal|diagnos|autis|\bdelay|at risk|probably|\bfine\b"
    r"|wait and see|screening shows"
    r"|no se preocupe|retraso|está bien|no pasa nada|seguramente|\b(he|she|him|his)\b",
    re.IGNORECASE,
)


@cache
def safety() -> SafetyContent:
    return load_safety(CONTENT / "safety")


def lines() -> list[tuple[str, Bilingual]]:
    named = [("fallback", safety().fallback), ("not_read_live", safety().not_read_live)]
    for name, said in safety().lines.items():
        for part in PARTS:
            line = getattr(said, part)
            if line is not None:
                named.append((f"{name}.{part}", line))
    further = safety().going_on.lines
    return named + [(f"going_on.{name}", getattr(further, name)) for name in type(further).model_fields]


def program_lines() -> list[tuple[str, Bilingual]]:
    catalogue = load_programs(CONTENT / "programs")
    told = [(program.id, program.tell) for program in catalogue.programs.values()]
    return told + [(line.id, line.tell) for line in catalogue.crisis.values()]


def grade(text: str, language: str) -> float:
    """School grade without numbers; English by Flesch-Kincaid, Spanish by Crawford."""
    words = NUMBERS.sub("", text)
    textstat.set_lang(language)
    return float(textstat.flesch_kincaid_grade(words) if language == "en" else textstat.crawford(words))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("name", "line"), lines(), ids=[name for name, _ in lines()])
def test_a_safety_line_reads_at_grade_5_or_lower(name: str, line: Bilingual, language: str) -> None:
    assert grade(line.in_language(language), language) <= HIGHEST_GRADE["safety"], name


PROGRAM_NAMES = re.compile(
    "211 Child Development|Connecticut|Help Me Grow|Birth to Three|Healthy Homes|Easy Breathing"
    "|North Hartford Ascend|Hartford|New Haven|New London|Waterbury|Sparkler"
)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("name", "line"), program_lines(), ids=[name for name, _ in program_lines()])
def test_what_is_told_of_a_program_reads_at_grade_6_or_lower(name: str, line: Bilingual, language: str) -> None:
    text = PROGRAM_NAMES.sub("It" if language == "en" else "Eso", line.in_language(language))
    assert grade(text, language) <= HIGHEST_GRADE["programs"], name


@pytest.mark.parametrize(("name", "line"), lines() + program_lines())
def test_no_line_diagnoses_or_comforts_falsely_or_names_a_gender(name: str, line: Bilingual) -> None:
    for text in (line.en, line.es):
        assert not FORBIDDEN.search(text), (name, text)


def test_an_emergency_starts_with_whom_to_call_or_where_to_go() -> None:
    for name, situation in safety().lexicon.situations.items():
        if situation.level is SafetyLevel.EMERGENCY:
            for text in (safety().lines[name].first.en, safety().lines[name].first.es):
                assert re.search(r"911|988|1-800|emergency room|emergencia", text), name


@pytest.mark.parametrize("language", ["en", "es"])
def test_both_languages_carry_the_same_numbers(language: str) -> None:
    for name, line in lines():
        spoken = {number for number in NUMBERS.findall(line.in_language(language)) if len(number) >= 3}
        other = {
            number
            for number in NUMBERS.findall(line.in_language("es" if language == "en" else "en"))
            if len(number) >= 3
        }
        assert spoken == other, name


def test_d11_the_fallback_carries_911_988_and_poison_control() -> None:
    for text in (safety().fallback.en, safety().fallback.es):
        assert all(number in text for number in ("911", "988", "1-800-222-1222"))


def test_every_number_in_the_lines_is_a_confirmed_number_of_the_catalogue() -> None:
    catalogue = load_programs(CONTENT / "programs")
    confirmed = {
        number for line in catalogue.crisis.values() for number in (line.shown_phone, line.shown_text) if number
    }
    confirmed |= {"911", "211"}
    for name, line in lines():
        for number in NUMBERS.findall(line.en):
            assert len(number) < 3 or number in confirmed, (name, number)


def test_honey_is_not_advised_while_the_age_is_not_asked() -> None:
    assert not any("honey" in line.en.lower() or "miel" in line.es.lower() for _, line in lines())


def test_the_sign_off_page_names_every_situation() -> None:
    page = (CONTENT / "safety" / "SIGN-OFF.md").read_text(encoding="utf-8")
    assert [name for name in safety().lines if f"`{name}`" not in page] == []


def test_the_sign_off_page_lists_every_line_and_no_other_and_where_it_stands() -> None:
    page = (CONTENT / "safety" / "SIGN-OFF.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([\w.]+)` \| `([\w/.]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", page, re.MULTILINE)
    assert sorted(line for line, *_ in listed) == sorted(name for name, _ in lines())
    assert [line for line, file, *_ in listed if not (CONTENT / file).is_file()] == []
    assert [line for line, *_, source, signed in listed if not source.strip() or not signed.strip()] == []


def test_the_grades_tell_a_hard_text_from_an_easy_one() -> None:
    hard = {
        "en": "The developmental questionnaire identifies significant deficits requiring immediate intervention.",
        "es": "El cuestionario identifica dificultades significativas que requieren intervención inmediata.",
    }
    assert all(grade(text, language) > HIGHEST_GRADE["programs"] for language, text in hard.items())
