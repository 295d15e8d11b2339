"""For every kind of danger and each language: the right lines, in the right order, with one question and the number."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from intake.content.bilingual import LANGUAGES, Language
from intake.content.library import Content, load_content
from intake.rules.safety import SafetyHit, SafetyLevel, find_safety
from intake.usecases.danger import asked_after, question_about, says_it_all, words_about
from intake.usecases.sms_size import MOST_SEGMENTS, count

CONTENT = Path(__file__).parents[2] / "content"
# situation, trigger of docs/safety.md, told in English, told in Spanish, what must be in the first line of either language
DIALOGUES: tuple[tuple[str, str, str, str, str], ...] = (
    ("not_breathing", "E1", "shes not breathing what do i do", "no respira mi bebe", "911"),
    ("will_not_wake", "E2", "he wont wake up", "no se despierta mi bebe", "911"),
    ("seizure_now", "E3", "eyes rolled back and shes jerking", "esta convulsionando", "911"),
    ("seizure_spells", "E3", "he has these jerks every time he wakes up like his arms fly out in clusters",
     "hace unos espasmos varias veces al dia", "doctor"),
    ("head_injury_danger", "E4", "fell off the changing table and is sleepy", "se cayo de la cama y esta muy dormido", "911"),
    ("head_injury", "E4", "he fell off the couch and hit his head", "se cayo de la cama", "doctor"),
    ("battery", "E5", "my son swallowed a battery", "mi hijo se trago una pila", "1-800-498-8666"),
    ("poison_collapsed", "E6", "she drank something under the sink and is breathing funny", "tomo cloro y no puede respirar",
    "911"),
    ("poison", "E6", "she took my pills", "se tomo mis pastillas", "1-800-222-1222"),
    ("swallowed_object", "E6", "he swallowed a quarter", "se trago una moneda", "1-800-222-1222"),
    ("suicidal_child", "E7", "my son says he wants to die", "mi hijo dice que se quiere morir", "988"),
    ("suicidal_parent", "E8", "i want to die", "me quiero morir", "988"),
    ("fear_of_harming", "E8", "i cant do this anymore", "ya no puedo mas", "988"),
    ("violence_now", "E9", "my boyfriend is hitting me", "me esta pegando", "911"),
    ("violence", "E9", "my husband hits me", "me da miedo mi marido", "911"),
    ("child_harmed_now", "E10", "my husband is hurting the baby", "le esta pegando al nene", "911"),
    ("abuse", "E10", "someone touched my daughter", "alguien toco a mi hija", "1-800-842-2288"),
    ("shaken_or_hurt", "E10", "i shook my baby", "sacudi a mi bebe", "911"),
    ("hard_to_breathe", "E11", "she is having trouble breathing", "le cuesta respirar", "911"),
    ("other_emergency", "E11", "lip is huge after peanut", "se cayo a la piscina y trago mucha agua", "911"),
    ("newborn_fever", "U1", "2 weeks old and has a fever", "recien nacido con fiebre", "emergenc"),
    ("young_baby_fever", "U1", "100.6 and 5 weeks old", "tiene 2 meses y 38.5", "doctor"),
    ("fever_danger", "U1", "fever and stiff neck", "fiebre y el cuello tieso", "911"),
    ("lead", "U2", "paint chips", "se come la pintura de la pared", "doctor"),
    ("child_crisis", "U3", "he is out of control smashing everything", "mi hijo esta fuera de control", "211"),
    ("lost_skills_sudden", "P1", "all of a sudden cant move her arm", "se le cayo un lado de la cara", "911"),
    ("lost_skills", "P1", "he stopped talking", "ya no habla", "doctor"),
    ("baby_not_well", "P2", "only 1 wet diaper today", "no moja los pañales", "doctor"),
    ("worn_out_parent", "P3", "i have no help", "estoy agotada", "988"),
)
NAMED = [dialogue[0] for dialogue in DIALOGUES]
BOTH = pytest.mark.parametrize("language", LANGUAGES)
EACH = pytest.mark.parametrize("dialogue", DIALOGUES, ids=NAMED)


@cache
def content() -> Content:
    return load_content(CONTENT)


def heard(dialogue: tuple[str, str, str, str, str], language: Language) -> SafetyHit:
    hit = find_safety(dialogue[3] if language == "es" else dialogue[2], content().safety.lexicon)
    assert hit is not None
    return hit


def test_every_situation_has_its_dialogue_here() -> None:
    assert sorted(NAMED) == sorted(content().safety.lines)


@EACH
@BOTH
def test_the_right_lines_come(dialogue: tuple[str, str, str, str, str], language: Language) -> None:
    hit = heard(dialogue, language)
    assert (hit.situation, hit.trigger) == dialogue[:2]
    lines, said = content().safety.lines[hit.situation], words_about(hit, content(), language)
    first = lines.first.in_language(language)
    assert said.startswith(first) and dialogue[4] in first.lower()
    assert content().safety.not_read_live.in_language(language) in said
    assert lines.second is None or lines.second.in_language(language) in said
    assert hit.unclear or lines.number.in_language(language) in said, "the number is repeated"


@EACH
@BOTH
def test_one_question_is_asked_and_it_stands_last(dialogue: tuple[str, str, str, str, str], language: Language) -> None:
    hit = heard(dialogue, language)
    said = words_about(hit, content(), language)
    assert said.count("?") == 1
    if dialogue[1] == "E9":
        assert "?" in content().safety.lines[hit.situation].first.in_language(language), "its own stands in the first line"
    else:
        assert said.endswith(question_about(hit, content(), language)) and "?" not in says_it_all(hit, content(), language)
    assert said.count("\n") == 1 and asked_after(hit)


@EACH
def test_the_first_line_is_one_text_in_english_and_two_at_most_in_spanish(dialogue: tuple[str, str, str, str, str]) -> None:
    first = content().safety.lines[dialogue[0]].first
    assert count(first.en).segments == 1 and count(first.es).segments <= 2
    for language in LANGUAGES:
        assert count(words_about(heard(dialogue, language), content(), language)).segments <= MOST_SEGMENTS


@pytest.mark.parametrize("words", ["my 2 year old swallowed a button battery 5 minutes ago, he can swallow fine, i have honey",
                                   "mi hijo de 2 años se tragó una pila hace 5 minutos, puede tragar y tengo miel"])
def test_honey_is_never_named_though_every_condition_was_told(words: str) -> None:
    hit = find_safety(words, content().safety.lexicon)
    assert hit is not None and hit.situation == "battery"
    for language in LANGUAGES:
        assert not re.search("honey|miel", words_about(hit, content(), language), re.IGNORECASE), "not signed, so not said"


@BOTH
def test_after_words_of_suicide_nothing_is_screened_and_no_means_are_named(language: Language) -> None:
    asked = re.compile(r"\b(plan|thought|kill|suicid\w*|die|morir|matar|pensad\w|pastillas?|pills?|guns?|armas?|knife)\b",
                       re.IGNORECASE)
    for dialogue in DIALOGUES:
        if dialogue[0] in ("suicidal_child", "suicidal_parent", "fear_of_harming"):
            assert not asked.search(words_about(heard(dialogue, language), content(), language))
    child = words_about(heard(DIALOGUES[NAMED.index("suicidal_child")], language), content(), language)
    assert {"en": "Stay with your child.", "es": "No deje a su hijo solo."}[language] in child


@BOTH
def test_each_level_is_what_the_lines_ask_for(language: Language) -> None:
    levels = {dialogue[0]: heard(dialogue, language).level for dialogue in DIALOGUES}
    can_wait = {name for name, level in levels.items() if level is SafetyLevel.PRIORITY_FOLLOW_UP}
    assert can_wait == {"lost_skills", "worn_out_parent"}


@pytest.mark.parametrize("text", [
    "he does up buttons by himself", "she bangs two blocks together", "he hits the ball with a bat", "she kicks a ball",
    "he got his shots yesterday", "im dying to know", "his clothes dont fit", "she pulls to stand",
    "she leads the way to the park",
    "he was poison ivy for halloween", "abotona su camisa", "patea la pelota", "le pusieron las vacunas",
    "lleva el equipo a la cancha",
    "her fever is gone and she is 4 years old"])
def test_what_only_looks_like_danger_gets_no_lines(text: str) -> None:
    hit = find_safety(text, content().safety.lexicon)
    assert hit is None or hit.level is SafetyLevel.PRIORITY_FOLLOW_UP
