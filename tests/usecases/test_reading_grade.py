"""The reading grade beside a text: the published formulas, close to textstat's on our own words, and no grade for a scrap."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from intake.content.bilingual import LANGUAGES, Language
from intake.content.library import Content
from intake.content.replies import load_replies
from intake.settings import ROOT
from intake.usecases.reading_grade import FEWEST_WORDS, HIGHEST, grade, whole_grade

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # textstat 0.7.4 still finds its word list through pkg_resources
    import textstat

# textstat rounds words per sentence and syllables per word to a tenth before it multiplies: 0.39 / 20 + 11.8 / 20, and itself.
# Below zero it rounds the wrong way, and no grade is less than none.
TOLERANCE = {"en": 0.66, "es": 0.06}
HARD = {"en": "Developmental surveillance necessitates continuous communication between all participating institutions.",
        "es": "La evaluación pormenorizada del comportamiento requiere especialistas universitarios experimentados."}
EASY = {"en": "Thank you. We will call you on Monday. Is the morning good?",
        "es": "Gracias. Le llamamos el lunes. ¿Le queda bien en la mañana?"}


def _own_words(content: Content, language: Language) -> list[str]:
    """Questions, ready replies and what the system says."""
    replies = load_replies(ROOT / "content", content.messages.affiliate).values()
    said = [text.in_language(language) for text in [*content.messages.texts.values(), *replies]]
    asked = [node["question"][language] for path in sorted((ROOT / "content" / "questions").glob("*-months.yaml"))
             for node in _questions(YAML(typ="safe").load(path))]
    return [text for text in [*said, *asked] if len(text.split()) >= FEWEST_WORDS]


def _questions(node: object) -> list[dict[str, dict[str, str]]]:
    if isinstance(node, dict):
        here = [node] if isinstance(node.get("question"), dict) else []
        return here + [found for child in node.values() for found in _questions(child)]
    return [found for child in node for found in _questions(child)] if isinstance(node, list) else []


def _textstats(text: str, language: Language) -> float:
    textstat.set_lang("en_US" if language == "en" else "es")
    return float(textstat.flesch_kincaid_grade(text) if language == "en" else textstat.crawford(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_words_get_the_grade_that_textstat_gives(content: Content, language: Language) -> None:
    own = _own_words(content, language)
    assert len(own) > 150
    far = {text: (grade(text, language), _textstats(text, language)) for text in own
           if abs(max(grade(text, language) or 0, 0) - max(_textstats(text, language), 0)) > TOLERANCE[language]}
    assert far == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hard_text_is_told_from_an_easy_one(language: Language) -> None:
    hard, easy = whole_grade(HARD[language], language), whole_grade(EASY[language], language)
    assert hard is not None and easy is not None and hard > HIGHEST >= easy >= 1


@pytest.mark.parametrize("text", ["", "   ", "Thank you!", "Call us at 9:30.", "😀 😀 😀 😀 😀 😀"])
def test_a_scrap_gets_no_grade(text: str) -> None:
    assert whole_grade(text, "en") is None and whole_grade(text, "es") is None


@given(st.text(max_size=400), st.sampled_from(LANGUAGES))
def test_whatever_is_typed_has_a_grade_or_none(text: str, language: Language) -> None:
    found = whole_grade(text, language)
    assert found is None or found >= 1
