"""Every milestone question reads plainly, fits its text messages and says the same in both languages.

These tests read the question files as they stand, each file by itself; whether the files fit together is the
loader's business (``test_validator``) and that of the last two tests here.
"""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gsm0338 import Codec
from ruamel.yaml import YAML

from intake.content.questions import load_questions

with warnings.catch_warnings():
    # textstat 0.7.4 still finds its word list through pkg_resources, which warns on import.
    warnings.simplefilter("ignore")
    import textstat

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "content" / "questions"
FILES = sorted(FOLDER.glob("*-months.yaml"))

TWELVE_LETTER_NAME = "Maria-Helena"
PREFIX = {"en": "12 of 15 ", "es": "12 de 15 "}
GSM = Codec()

# One GSM-7 message; two joined messages lose room to the joining header (3GPP TS 23.040): 2 x 153 and 2 x 67.
ONE_GSM_MESSAGE, TWO_GSM_MESSAGES, TWO_UCS2_MESSAGES = 160, 306, 134

HIGHEST_GRADE = 6

FORBIDDEN = {
    "en": (
        r"delay\w*|behind for|normal\w*|abnormal\w*|typical\w*|on track|at risk|disorder\w*"
        r"|autis\w*|diagnos\w*|disab\w*|special needs|scores?|scored|screen(ing|er)|tests?"
        r"|fail(s|ed|ure)?|don't worry|asq|peds|m-?chat"
    ),
    "es": (
        r"retras\w*|atrasad\w*|(a|sub)?normal\w*|típic\w*|riesgos?|trastorno\w*"
        r"|autis\w*|diagn\w*|discapaci\w*|puntos|puntaje|puntuaci\w*|(una|la|esta) prueba"
        r"|no se preocupe|va bien|necesidades especiales|asq|peds|m-?chat"
    ),
}
# The name stands for the child; a Spanish adjective would have to know whether the child is a girl or a boy.
GENDERED = {
    "en": r"he|she|him|her|his|hers|himself|herself|he/she|your (child|baby|son|daughter|kid|toddler)",
    "es": (
        r"él|ella|él/ella|su (hij[oa]|bebé|niñ[oa]|nen[ea])|sí mism[oa]|sol[oa]|solit[oa]"
        r"|(sentad|acostad|parad|content|asustad|enojad|tranquil|cargad|quiet|emocionad|apoyad|agarrad)[oa]"
        r"|(cansad|despiert|dormid|pegad)[oa]|\w+[oa]/[oa]|\w+\([oa]\)|\w+@"
    ),
}
TYPOGRAPHIC = re.compile("[\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u00ab\u00bb\u00a0]")

# Items of the earlier lists that the revision moved or dropped (Zubler et al. 2022): they must not come back.
DROPPED = [
    (None, r"crawl|gate(a|ar|ando)\b"),
    (None, r"tricycle|triciclo"),
    (6, r"their name|su nombre|both ways|ambos lados"),
    (9, r"\bpoint|señal|apunt"),
    (12, r"\bsteps\b|pasitos|stand alone"),
    (24, r"tiptoe|puntillas|overhand|tower|torre"),
    (36, r"how old|cuántos años|last name|apellido"),
    (48, r"last name|apellido|scissors|tijeras|one foot|un pie"),
    (60, r"somersault|voltereta|address|triang|triáng|10 seconds"),
]

# The number in the milestone is part of the skill; both languages must hold it, in a word or a digit.
THRESHOLDS = {
    "m15.language.one_two_words": (r"\b(one|1) or (two|2)\b", r"\b(una|1) o (dos|2)\b"),
    "m15.cognitive.stacks_two": (r"\b(two|2)\b", r"\b(dos|2)\b"),
    "m18.language.tries_three_words": (r"\b(three|3)\b", r"\b(tres|3)\b"),
    "m24.language.two_words_together": (r"\b(two|2)\b", r"\b(dos|2)\b"),
    "m24.language.two_body_parts": (r"\b(two|2)\b", r"\b(dos|2)\b"),
    "m24.cognitive.plays_two_toys": (r"\b(two|2)\b", r"\b(dos|2)\b"),
    "m30.language.about_50_words": (r"\b50\b", r"\b50\b"),
    "m30.language.action_word_phrase": (r"\b(two|2)\b", r"\b(dos|2)\b"),
    "m30.cognitive.two_step": (r"\b(two|2)\b", r"\b(dos|2)\b"),
    "m36.social.calms_after_goodbye": (r"\b(ten|10)\b", r"\b(diez|10)\b"),
    "m36.language.two_exchanges": (r"\b(two|2)\b|twice", r"\b(dos|2)\b"),
    "m48.language.four_word_sentences": (r"\b(four|4)\b", r"\b(cuatro|4)\b"),
    "m48.cognitive.draws_person": (r"\b(three|3)\b", r"\b(tres|3)\b"),
    "m60.language.tells_story": (r"\b(two|2)\b", r"\b(dos|2)\b"),
    "m60.language.three_plus_exchanges": (r"\b(three|3)\b", r"\b(tres|3)\b"),
    "m60.cognitive.counts_10": (r"\b(ten|10)\b", r"\b(diez|10)\b"),
    "m60.cognitive.attends_5_10": (r"\b(5|five)\b.*\b(10|ten)\b", r"\b(5|cinco)\b.*\b(10|diez)\b"),
}

each_file = pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])


def read(path: Path) -> Any:
    """The plain YAML of a file, without our loader."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def texts(path: Path, *parts: str) -> Iterator[tuple[str, str, str]]:
    """(where it stands, language, text) of every text in ``parts`` (question, label, example)."""
    for question in read(path)["questions"]:
        for part in parts:
            for language in ("en", "es"):
                yield f"{question['id']} {part}.{language}", language, question[part][language]


def faults(pattern: dict[str, str], found: Iterator[tuple[str, str, str]]) -> list[str]:
    """The texts that hold a whole word of their language's pattern."""
    return [
        f"{where}: {text} [{hit.group()}]"
        for where, language, text in found
        if (hit := re.search(rf"(?<!\w)(?:{pattern[language]})(?!\w)", text, re.IGNORECASE))
    ]


def septets(text: str) -> int | None:
    """How many GSM-7 septets the text takes (an extension character takes two); None when it is not GSM-7."""
    try:
        return len(GSM.encode(text)[0])
    except UnicodeEncodeError:
        return None


def reading_grade(text: str, language: str) -> float:
    """School grade by Flesch-Kincaid (English) or Crawford (Spanish), with "Ana" in place of {child}."""
    textstat.set_lang("en_US" if language == "en" else "es")
    grade = textstat.flesch_kincaid_grade if language == "en" else textstat.crawford
    return float(grade(text.replace("{child}", "Ana")))


def asked(path: Path) -> Iterator[tuple[str, str, str]]:
    """The questions as they go out: with their place in the list and a long name."""
    for where, language, text in texts(path, "question"):
        yield where, language, PREFIX[language] + text.replace("{child}", TWELVE_LETTER_NAME)


def test_septets_count_extension_characters_twice_and_know_the_accents_that_do_not_fit() -> None:
    assert len(TWELVE_LETTER_NAME) == 12
    assert septets("¿Qué?") == 5
    assert septets("{€}") == 6
    assert septets("más") is None


def test_the_reading_grades_tell_a_hard_text_from_an_easy_one() -> None:
    hard = {
        "en": "Developmental surveillance necessitates communication.",
        "es": "La evaluación pormenorizada del comportamiento requiere especialistas universitarios.",
    }
    easy = {"en": "Does Ana smile at you?", "es": "¿Ana le sonríe a usted?"}
    for language in ("en", "es"):
        assert (
            reading_grade(hard[language], language) > HIGHEST_GRADE > reading_grade(easy[language], language)
        )


@each_file
def test_an_english_question_fits_one_plain_text_message(path: Path) -> None:
    sizes = {text: septets(text) for _, language, text in asked(path) if language == "en"}
    assert not {text: size for text, size in sizes.items() if size is None or size > ONE_GSM_MESSAGE}


@each_file
def test_a_spanish_question_fits_two_text_messages(path: Path) -> None:
    def fits(text: str) -> bool:
        size = septets(text)
        return len(text) <= TWO_UCS2_MESSAGES if size is None else size <= TWO_GSM_MESSAGES

    assert not [text for _, language, text in asked(path) if language == "es" and not fits(text)]


@each_file
def test_questions_and_examples_read_at_sixth_grade_or_below(path: Path) -> None:
    """Each text by itself, not the file's average.

    Both formulas were made for passages of a hundred words; on one short sentence a single long word moves
    them by more than a grade. We hold every text to the limit all the same: a simpler wording can be found.
    """
    grades = [
        (reading_grade(text, language), where, text)
        for where, language, text in texts(path, "question", "example")
    ]
    assert not [entry for entry in grades if entry[0] > HIGHEST_GRADE]


@each_file
def test_a_question_asks_one_thing_and_yes_means_the_child_does_it(path: Path) -> None:
    denied = {
        "en": r"\w+n't|never|(does|can|is|has|will) (\{child\} )?not",
        "es": r"nunca|\{child\} (ya )?(no|todavía)",
    }
    assert not faults(denied, texts(path, "question"))
    for where, language, text in texts(path, "question"):
        assert text.count("?") == 1 and text.endswith("?"), where
        assert text.count("¿") == (1 if language == "es" else 0), where


@each_file
def test_no_word_judges_reassures_or_frightens(path: Path) -> None:
    assert not faults(FORBIDDEN, texts(path, "question", "label", "example"))


@each_file
def test_the_child_is_neither_a_girl_nor_a_boy(path: Path) -> None:
    assert not faults(GENDERED, texts(path, "question", "label", "example"))


@each_file
def test_texts_are_typed_plainly_without_stray_spaces(path: Path) -> None:
    found = list(texts(path, "question", "label", "example"))
    assert not [where for where, _, text in found if TYPOGRAPHIC.search(text)]
    assert not [where for where, _, text in found if text != " ".join(text.split())]


@each_file
def test_examples_are_one_or_two_sentences_and_end_with_a_stop(path: Path) -> None:
    for where, _, text in texts(path, "example"):
        assert text.endswith((".", "?", "!")), where
        assert len(re.findall(r"[.!?]+(?=\s|$)", text)) <= 2, where


@each_file
def test_no_wording_is_used_twice_in_a_checklist(path: Path) -> None:
    counted = Counter(
        (where.split()[1], text) for where, _, text in texts(path, "question", "label", "example")
    )
    assert not [text for text, times in counted.items() if times > 1]


@each_file
def test_items_the_revised_list_dropped_do_not_come_back(path: Path) -> None:
    age = read(path)["checklist"]
    pattern = "|".join(dropped for months, dropped in DROPPED if months in (None, age))
    assert not [
        f"{where}: {text}"
        for where, _, text in texts(path, "question", "label")
        if re.search(pattern, text, re.IGNORECASE)
    ]


@each_file
def test_a_number_in_the_milestone_stands_in_both_languages(path: Path) -> None:
    for question in read(path)["questions"]:
        if question["id"] in THRESHOLDS:
            for language, pattern in zip(("en", "es"), THRESHOLDS[question["id"]], strict=True):
                assert re.search(pattern, question["question"][language], re.IGNORECASE), (
                    question["id"],
                    language,
                )


def test_the_159_milestones_of_the_twelve_ages_are_all_asked() -> None:
    checklists = load_questions(FOLDER).checklists
    counts = {months: len(checklist.questions) for months, checklist in checklists.items()}
    assert counts == {
        2: 11,
        4: 13,
        6: 12,
        9: 13,
        12: 10,
        15: 13,
        18: 15,
        24: 13,
        30: 15,
        36: 12,
        48: 17,
        60: 15,
    }
    domains = Counter(
        question.domain for checklist in checklists.values() for question in checklist.questions
    )
    assert domains == {
        "social_emotional": 42,
        "language_communication": 40,
        "cognitive": 33,
        "movement_physical": 44,
    }


def test_the_command_says_that_the_content_is_good() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "intake.content", "content/"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout.strip()) == (
        0,
        "159 questions in 12 checklists, 2 languages: all good",
    ), done.stdout
