"""Every sentence of the dialogue exists once in each language, is used, reads plainly and fits its texts.

Rasa picks at random among several variations that fit, and says nothing at all when none does: both would be wrong for a
family, so here exactly one must fit.
"""

from __future__ import annotations

import ast
import re
import warnings
from functools import cache

import pytest
from dialogue import (
    ALWAYS_KNOWN,
    LANGUAGES,
    ROOT,
    SPELLED_OUT,
    actions_for,
    all_said,
    domain,
    fitting,
    placeholders,
    responses,
    rules,
    texts,
)
from rasa_sdk.executor import ActionExecutor

from intake.content.bilingual import as_language
from intake.content.library import Content, load_content
from intake.rules.interview import Kind
from intake.rules.keywords import Keyword, read_keyword
from intake.usecases import asking
from simulator.segments import count_segments

with warnings.catch_warnings():
    # textstat 0.7.4 still finds its word list through pkg_resources, which warns on import.
    warnings.simplefilter("ignore")
    import textstat

# The kinds that a web chat's program may be told (``expects.kind``): a contract, so they are written out here.
EXPECTS_KINDS = [
    "consent", "relation", "child_name", "birth_date", "early_birth", "worry", "lost_skills", "milestone", "confirm_answers",
    "contact_consent", "contact_name", "phone", "place", "best_time", "doctor", "insurance", "heard_from", "race_ethnicity",
    "needs_met", "free",
]
NO_QUESTION = "none"
A_NUMBER = "15"
READINGS = {
    "en": "1 September 3, 2024\n2 November 9, 2024\n3 March 9, 2024",
    "es": "1 3 de septiembre de 2024\n2 9 de noviembre de 2024\n3 9 de marzo de 2024",
}

HIGHEST_GRADE = 6.0
MOST_SEGMENTS = 3
TWELVE_LETTER_NAME = "Maximilianoo"
# The introduction must carry the disclosures of the first message (47 CFR 64.1200; CTIA messaging principles).
LONG = frozenset({"introduction_sms"})
# Only these tell a parent to type a word that rules the channel.
MAY_NAME_A_KEYWORD = frozenset({"introduction_sms", "system.help", "system.opted_in", "system.opted_out",
                                "system.who_we_are", "system.asks_phone", "system.asked_phone_who",
                                "system.goes_on_by_text", "finished_by_text"})

FORBIDDEN = {
    "en": (
        r"on track|don'?t worry|do not worry|normal\w*|abnormal\w*|typical\w*|diagnos\w*|autis\w*|delay\w*|behind"
        r"|at risk|disorder\w*|disab\w*|special needs|probably|wait and see|nothing to worry|no need to worry"
        r"|scor(e|es|ed|ing)|screen(ing|er)s?|asq|peds|m-?chat|he|she|him|her|his|hers|he/she"
    ),
    "es": (
        r"no se preocupe|va bien|no pasa nada|(a|sub)?normal\w*|típic\w*|diagn\w*|autis\w*|retras\w*|atrasad\w*|riesgos?"
        r"|trastorno\w*|discapaci\w*|necesidades especiales|seguramente|probablemente|espere a ver|puntos|puntaje"
        r"|puntuaci\w*|prueba|evaluaciones de detección|asq|peds|m-?chat|él|ella|él/ella|\w+[oa]/[oa]|\w+\([oa]\)|\w+@"
        r"|bienvenid[oa]|tú|tu|tus|usted(es)? mism[oa]"
    ),
}
TYPOGRAPHIC = re.compile("[\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u00ab\u00bb\u00a0]")
NAMES_AND_NUMBERS = re.compile(r"\b\d[\d-]*\b\.?|Help Me Grow CT|211 Child Development")
SHOUTED = re.compile(r"\b[A-ZÁÉÍÓÚÑ]{2,}\b")

# What stands in a placeholder while the reading grade is taken: short plain words that change nothing.
PLAIN = {
    "en": {"child": "Ana", "affiliate": "us", "line_name": "us", "phone": "", "label": "Waves", "area": "Ohio",
           "child_protection": "them", "early_intervention": "", "monitoring": "it"},
    "es": {"child": "Ana", "affiliate": "casa", "line_name": "casa", "phone": "", "label": "Saluda", "area": "Ohio",
           "child_protection": "otros", "early_intervention": "", "monitoring": "eso"},
}


@cache
def content() -> Content:
    return load_content(ROOT / "content")


def all_texts() -> list[tuple[str, str, str]]:
    """The dialogue and the system texts said outside it."""
    system = [
        (f"system.{purpose}", language, said.in_language(language))
        for purpose, said in content().messages.texts.items()
        for language in LANGUAGES
    ]
    return texts() + system


def in_plain_words(text: str, language: str) -> str:
    """``text`` as its grade is taken: names of programs and numbers left out, placeholders filled with plain words."""
    for name in placeholders(text):
        text = text.replace("{" + name + "}", PLAIN[language].get(name, ""))
    return " ".join(NAMES_AND_NUMBERS.sub("", text).split())


def grade(text: str, language: str) -> float:
    """School grade: English by Flesch-Kincaid, Spanish by Crawford."""
    textstat.set_lang(language)
    return float(textstat.flesch_kincaid_grade(text) if language == "en" else textstat.crawford(text))


# shape


@pytest.mark.parametrize("language", LANGUAGES)
def test_exactly_one_variation_of_every_response_fits_a_turn(language: str) -> None:
    several_or_none = {
        name: len(found)
        for name, variations in responses().items()
        if len(found := fitting(variations, {"language": language})) != 1
    }
    assert several_or_none == {}


def test_a_response_has_one_english_and_one_spanish_variation_and_no_other_condition() -> None:
    for name, variations in responses().items():
        conditions = [variation.get("condition") for variation in variations]
        assert conditions == [[{"type": "slot", "name": "language", "value": value}] for value in LANGUAGES], name
        assert all(set(variation) == {"condition", "text"} for variation in variations), name


def test_both_languages_hold_the_same_placeholders() -> None:
    for name, variations in responses().items():
        english, spanish = (placeholders(variation["text"]) for variation in variations)
        assert english == spanish, name


# what the use cases say


def test_every_line_that_can_be_said_has_a_response() -> None:
    missing = {f"{said.name} ({said.where})" for said in all_said() if said.name not in responses()}
    assert missing == set()


def test_every_response_can_be_said() -> None:
    assert sorted(set(responses()) - {said.name for said in all_said()}) == []


def test_every_place_that_says_a_line_hands_over_what_its_text_holds() -> None:
    needed = {name: placeholders(variations[0]["text"]) for name, variations in responses().items()}
    lacking = {
        f"{said.where} {said.name}": sorted(needed[said.name] - said.variables - ALWAYS_KNOWN)
        for said in all_said()
        if said.name in needed and needed[said.name] - said.variables - ALWAYS_KNOWN
    }
    assert lacking == {}


def test_every_name_that_is_spelled_out_is_still_put_together_somewhere() -> None:
    said = {said.name for said in all_said()}
    assert [start for start, ends in SPELLED_OUT.items() if not all(start + end in said for end in ends)] == []


def test_the_open_questions_of_the_contract_are_those_of_the_code_and_of_the_domain() -> None:
    assert sorted(EXPECTS_KINDS) == sorted(kind.value for kind in Kind)
    assert sorted(domain()["slots"]["expects_kind"]["values"]) == sorted([NO_QUESTION, *EXPECTS_KINDS])


@pytest.mark.parametrize("kind", [kind for kind in EXPECTS_KINDS if kind != "free"])
def test_every_question_has_words_to_ask_it_and_to_say_why(kind: str) -> None:
    assert f"why_{kind}" in responses()
    asked = [name for name in responses() if name == f"ask_{kind}" or name.startswith(f"ask_{kind}_")]
    assert asked, kind
    assert Kind(kind) in asking._SPECIAL or f"ask_{kind}" in responses()


def test_every_system_text_is_said_somewhere_and_none_is_missing() -> None:
    named = strings_in_programs()
    assert sorted(purpose for purpose in content().messages.texts if purpose not in named) == []
    assert sorted(system_texts_asked_for() - set(content().messages.texts)) == []


def strings_in_programs() -> set[str]:
    """Every string constant of the programs."""
    return {node.value for tree in programs() for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def system_texts_asked_for() -> set[str]:
    """The purposes that are asked for by name."""
    calls = [node for tree in programs() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {call.args[0].value for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "system"
            and call.args and isinstance(call.args[0], ast.Constant)}


@cache
def programs() -> tuple[ast.Module, ...]:
    """The syntax trees of the programs that say system texts."""
    paths = [path for folder in ("intake", "actions", "gateway", "worker", "growline") for path in (ROOT / folder).rglob("*.py")]
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in paths)


# what the rules lead to


def registered_actions() -> set[str]:
    executor = ActionExecutor()
    executor.register_package("actions")
    return set(executor.actions)


def test_the_actions_of_the_domain_are_the_registered_ones() -> None:
    assert sorted(domain()["actions"]) == sorted(registered_actions())


def test_every_action_of_the_domain_is_reached_by_a_rule() -> None:
    assert sorted(domain()["actions"]) == sorted({rule.action for rule in rules()})


def test_every_rule_speaks_of_intents_and_questions_that_exist() -> None:
    for rule in rules():
        assert rule.intents <= set(domain()["intents"]), rule.name
        assert rule.kind is None or rule.kind in domain()["slots"]["expects_kind"]["values"], rule.name


@pytest.mark.parametrize("kind", [NO_QUESTION, *EXPECTS_KINDS])
def test_at_every_question_every_intent_leads_to_exactly_one_action(kind: str) -> None:
    wrong = {intent: found for intent in domain()["intents"] if len(found := actions_for(kind, intent)) != 1}
    assert wrong == {}


# how it reads


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_reads_at_grade_6_or_lower(language: str) -> None:
    plain = [(name, in_plain_words(text, spoken)) for name, spoken, text in all_texts() if spoken == language]
    sentences = [(name, text) for name, text in plain if not text.endswith(":") and len(text.split()) > 1]
    hard = [f"{mark:4.1f} {name}: {text}" for name, text in sentences if (mark := grade(text, language)) > HIGHEST_GRADE]
    assert not hard, "\n" + "\n".join(hard)


def test_no_text_diagnoses_comforts_falsely_or_names_a_gender() -> None:
    faults = [
        f"{name}.{language}: {text} [{hit.group()}]"
        for name, language, text in all_texts()
        if (hit := re.search(rf"(?<!\w)(?:{FORBIDDEN[language]})(?!\w)", text, re.IGNORECASE))
    ]
    assert not faults, "\n" + "\n".join(faults)


def test_no_text_asks_a_parent_to_type_a_word_that_ends_the_texts() -> None:
    faults = [
        f"{name}.{language}: {word}"
        for name, language, text in all_texts()
        if name not in MAY_NAME_A_KEYWORD
        for word in SHOUTED.findall(text)
        if read_keyword(word, content().keywords) is not None
    ]
    assert faults == []


def test_the_words_of_the_introduction_are_understood_as_what_they_promise() -> None:
    promised = {"HELP": Keyword.HELP, "STOP": Keyword.OPT_OUT, "AYUDA": Keyword.HELP, "ALTO": Keyword.OPT_OUT}
    said = " ".join(text for name, _, text in texts() if name == "introduction_sms")
    for word, keyword in promised.items():
        assert word in SHOUTED.findall(said) and read_keyword(word, content().keywords) is keyword


def test_no_text_holds_typographic_quotes_or_dashes() -> None:
    assert [f"{name}.{language}" for name, language, text in all_texts() if TYPOGRAPHIC.search(text)] == []


# how long it is


def filled(name: str, text: str, language: str) -> str:
    """``text`` as long as it can get: a twelve-letter name, the longest question, example, list of answers, program."""
    values = {
        **content().named(as_language(language)),
        "child": TWELVE_LETTER_NAME,
        "receipt": "HMG-2345-6789",
        **longest(language),
    }
    if name == "ask_birth_date_reading":
        values["choices"] = READINGS[language]
    return text.format(**{field: values.get(field, A_NUMBER) for field in placeholders(text)})


@cache
def longest(language: str) -> dict[str, str]:
    """The longest real value of everything that comes from content."""
    questions = [question for checklist in content().questions.checklists.values() for question in checklist.questions]
    programs = [program for program in content().programs.programs.values()]
    program = max(programs, key=lambda p: len(p.name.in_language(language)) + len(p.tell.in_language(language)))

    def of_questions(part: str) -> str:
        found = (getattr(question, part).in_language(language).format(child=TWELVE_LETTER_NAME) for question in questions)
        return max(found, key=lambda text: count_segments(text).segments * 1000 + len(text))

    lists = [
        "\n".join(f"{place} {answer.label.in_language(language)}" for place, answer in enumerate(answers, start=1))
        for kind, answers in content().messages.choices.items()
        if kind in asking._HINTED
    ]
    label = of_questions("label")
    return {
        "question": of_questions("question"), "example": of_questions("example"), "label": label,
        "choices": max(lists, key=len), "items": f"14 {label}\n15 {label}",
        "name": program.name.in_language(language), "tell": program.tell.in_language(language),
    }


def test_an_english_offer_fits_two_segments_with_its_question() -> None:
    said = {(name, language): text for name, language, text in texts()}
    offers = {program.id: f"{program.name.en}: {program.tell.en}\n"
              + said["ask_offer_own" if program.referral.is_taken_by_family else "ask_offer", "en"]
              for program in content().programs.programs.values()}
    assert {name: offer for name, offer in offers.items() if count_segments(offer).segments > 2} == {}


def test_every_text_fits_three_segments() -> None:
    table = [
        f"{size.segments} {size.encoding} {len(said)} characters  {name}.{language}: {said}"
        for name, language, text in all_texts()
        if (size := count_segments(said := filled(name, text, language))).segments > MOST_SEGMENTS and name not in LONG
    ]
    assert not table, "\n" + "\n".join(sorted(table, reverse=True))
