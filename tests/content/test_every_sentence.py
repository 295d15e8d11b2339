"""What holds for every sentence that a family can get, whatever file it stands in: languages, numbers and links, grade, texts.

``sentences`` finds them, so that a line that is written tomorrow is held to the same. What holds for one kind of line only is
tested beside it (``test_questions``, ``test_safety_lines``, ``test_outreach_words``, ``test_dialogue`` and others).
"""

from __future__ import annotations

import re
import shutil
import warnings
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from sentences import LANGUAGES, ROOT, Sentence, placeholders, sentences, told

from intake.content.bilingual import as_language
from intake.content.library import Content, load_content
from intake.content.program_facts import CrisisLine, Program
from simulator.segments import count_segments

with warnings.catch_warnings():
    # textstat 0.7.4 still finds its word list through pkg_resources, which warns on import.
    warnings.simplefilter("ignore")
    import textstat

SECOND = ROOT / "tests" / "second_affiliate" / "content"
AT_LEAST = {"domain": 120, "question": 477, "activity": 48, "safety": 80, "program": 40, "outreach": 6, "reply": 5, "screen": 100,
            "system": 30}
# Names, and words that both languages write alike.
THE_SAME = frozenset({"No", "HUSKY"})

# Who can be called, and how that is written in a sentence. A run of fewer than three digits is an age, a place or a count.
PHONE_LIKE = re.compile(r"\(?\b\d[\d]*(?:(?:\) ?|[-.\u2010-\u2013]| (?=\d{3}\b[- .]?\d{4}\b)| (?=\d{4}\b))\d+)*")
LINK_LIKE = re.compile(r"https?://[^\s\"»)]+|\b(?:[\w-]+\.)+(?:org|com|gov|net|edu|us|info|io)\b(?:/\S*)?|\S+@\S+\.\w+")
A_DATE = re.compile(r"(?:\b[A-Z][a-z]+ \d{1,2},? |\bde )(?:19|20)\d\d\b(?!-)")
SHORTEST_NUMBER = 3
# Assigned for the whole nation: https://www.fcc.gov/consumers/guides/dial-211-essential-community-services
OF_THE_NATION = frozenset({"211"})

# Grades: English by Flesch-Kincaid, Spanish by Crawford (the one of textstat's Spanish measures that gives a school year).
HIGHEST_GRADE = {"safety": 5.0}
HIGHEST_OF_ALL = 6.0
FEWEST_GRADED_WORDS = 4
NO_SENTENCE = re.compile(r"(^|[.])(label|name|short_name)$")  # both measures count the words of sentences
# Read by whoever programs against the chat, not by a family: the window shows other words for each.
FOR_PROGRAMMERS = frozenset(f"messages/chat_page problems.{name}" for name in (
    "same_id_other_text", "not_json", "not_a_form", "invalid", "method_not_allowed"))

# How many segments a line may cost, by kind and language. One that costs more stands below with its reason.
MOST_SEGMENTS = {
    "domain": {"en": 3, "es": 3}, "question": {"en": 1, "es": 2}, "activity": {"en": 1, "es": 2}, "safety": {"en": 1, "es": 2},
    "program": {"en": 2, "es": 3}, "outreach": {"en": 1, "es": 2}, "reply": {"en": 1, "es": 2}, "system": {"en": 1, "es": 3},
}
# A text that we start or an answer to HELP must say who, how many, what it costs and how to stop (CTIA messaging principles).
MAY_COST_MORE = {
    "messages/system messages.help": {"en": 2, "es": 3}, "messages/system messages.who_we_are": {"en": 2, "es": 2},
    "messages/system messages.asks_phone": {"en": 2, "es": 3}, "messages/system messages.asked_phone_who": {"en": 2, "es": 2},
}
NO_TEXT_MESSAGE = frozenset({"screen", "affiliate"})
TWELVE_LETTER_NAME = "Maximilianoo"
A_NUMBER, A_NAME = "15", "Ana"


@cache
def content() -> Content:
    return load_content(ROOT / "content")


def test_the_walk_finds_the_sentences_of_every_kind() -> None:
    found = Counter(sentence.kind for sentence in sentences())
    assert {kind: fewest for kind, fewest in AT_LEAST.items() if found[kind] < fewest} == {}
    assert len({sentence.name for sentence in sentences()}) == len(sentences())


# both languages


def test_every_sentence_stands_in_both_languages_with_the_same_placeholders() -> None:
    assert [sentence.name for sentence in sentences() if not all(text.strip() for text in sentence.said.values())] == []
    # A Spanish example may name the child where English says "a child": both read well, and nothing is missing.
    assert [sentence.name for sentence in sentences() if not sentence.place.endswith(".example")
            and len({placeholders(text) for text in sentence.said.values()}) > 1] == []


def test_no_spanish_sentence_is_the_english_one_left_as_it_was() -> None:
    same = [sentence.name for sentence in sentences() if len(set(sentence.said.values())) == 1
            and sentence.kind != "affiliate" and not re.search(r"(^|[.])(short_)?name$", sentence.place)
            and sentence.said["en"] not in THE_SAME and re.search(r"[A-Za-z]", re.sub(r"\{\w+\}", "", sentence.said["en"]))]
    assert same == []


# numbers and links


def shown_numbers(of: Content) -> set[str]:
    """Every number that somebody has confirmed, as digits; "211, 1, 1" is dialled as 211."""
    subjects: list[Program | CrisisLine] = [*of.programs.programs.values(), *of.programs.crisis.values()]
    found = {number for subject in subjects for number in (subject.shown_phone, subject.shown_text)}
    found |= {more.phone for program in of.programs.programs.values() for more in program.shown_more_phones}
    return {digits(number.split(",")[0]) for number in found if number}


def shown_links(of: Content) -> set[str]:
    """Every address that somebody has confirmed, as it is compared."""
    subjects: list[Program | CrisisLine] = [*of.programs.programs.values(), *of.programs.crisis.values()]
    found = {subject.shown_url for subject in subjects}
    found |= {program.shown_email for program in of.programs.programs.values()}
    return {plain_link(link) for link in found if link}


def digits(number: str) -> str:
    """A number without the ways to write it: "1-800-505-7000" and "(800) 505.7000" are one."""
    return re.sub(r"^1(?=\d{10}$)", "", re.sub(r"\D", "", number))


def plain_link(link: str) -> str:
    """An address without what is the same to a browser."""
    return re.sub(r"^https?://(www\.)?", "", link.lower()).rstrip("/.,;")


def strange_numbers(text: str, known: set[str]) -> list[str]:
    """The numbers in ``text`` that one could dial and that are not among ``known``."""
    written = (found.group() for found in PHONE_LIKE.finditer(A_DATE.sub("", LINK_LIKE.sub("", text))))
    return [number for number in written if len(re.sub(r"\D", "", number)) >= SHORTEST_NUMBER and digits(number) not in known]


def strange_links(text: str, known: set[str]) -> list[str]:
    """The addresses in ``text`` that are not among ``known``."""
    return [link for link in LINK_LIKE.findall(text) if plain_link(link) not in known]


def test_every_number_and_link_in_a_sentence_is_one_that_somebody_has_confirmed() -> None:
    numbers, links = shown_numbers(content()), shown_links(content())
    assert [(sentence.name, text) for sentence, _, text in told()
            if may_be_told(sentence) and (strange_numbers(text, numbers) or strange_links(text, links))] == []


def may_be_told(sentence: Sentence) -> bool:
    """A line of the directory that waits for a person to confirm it goes to nobody."""
    if not sentence.file.startswith("programs/") or sentence.kind != "program":
        return True
    programs = content().programs
    if sentence.file == "programs/crisis":
        line, fact = sentence.place.split(".")[1:3]
        return programs.crisis[line].shows(fact)
    fact = sentence.place.split(".")[0]
    return fact == "short_name" or programs.programs[Path(sentence.file).name].shows(fact)


def test_the_affiliates_own_number_is_a_confirmed_one() -> None:
    assert digits(content().messages.affiliate.phone) in shown_numbers(content())


def test_every_number_in_the_second_affiliates_sentences_is_confirmed_in_its_own_directory(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "content", tmp_path / "content"))
    shutil.rmtree(folder / "programs")
    shutil.copytree(SECOND / "programs", folder / "programs")
    shutil.copy(SECOND / "affiliate.yaml", folder / "affiliate.yaml")
    numbers, links = shown_numbers(load_content(folder)) | OF_THE_NATION, shown_links(load_content(folder))
    said = [(sentence.name, text) for sentence in sentences(folder) for text in sentence.said.values()]
    assert len(said) > 1000
    assert [each for each in said if strange_numbers(each[1], numbers) or strange_links(each[1], links)] == []


@pytest.mark.parametrize("text", [
    "Call 1-800-555-0199 now.", "Llame al (800) 555-0199.", "Text 555 0199.", "Call 800.555.0199", "Mande HOLA al 55501.",
    "Dial 311.", "It is 800-555-0199, day or night.", "Call 988-555-0199."])
def test_a_number_that_nobody_confirmed_would_be_found(text: str) -> None:
    assert strange_numbers(text, shown_numbers(content()))


@pytest.mark.parametrize("text", ["Go to https://example.org/help.", "Vea example.org", "See www.growing.com/x",
                                  "Write to help@example.org"])
def test_a_link_that_nobody_confirmed_would_be_found(text: str) -> None:
    assert strange_links(text, shown_links(content()))


@pytest.mark.parametrize("text", ["Call 911 now.", "Marque el 211, luego el 1 y otra vez el 1.", "Call 1-800-222-1222.",
                                  "Ages 2 months to 5 years.", "Question 12 of 15. About 30 msgs.", "Send HOME to 741741."])
def test_what_is_confirmed_or_no_number_to_call_is_let_pass(text: str) -> None:
    assert strange_numbers(text, shown_numbers(content())) == []


def test_a_number_that_waits_for_confirmation_counts_as_strange() -> None:
    hotline = content().programs.crisis["maternal_mental_health_hotline"]
    assert hotline.phone is not None and strange_numbers(f"Call {hotline.phone}.", shown_numbers(content()))


# how it reads


def names() -> re.Pattern[str]:
    """The names of the affiliate, its programs and their towns, which no sentence can write more simply."""
    of = content()
    found = {one for program in of.programs.programs.values() for one in (program.name.en, program.name.es, program.called.en,
             program.called.es, *program.places.towns)}
    found |= {text for line in of.programs.crisis.values() for text in (line.name.en, line.name.es)}
    affiliate = of.messages.affiliate
    own = (affiliate.name, affiliate.short_name, affiliate.line_name, affiliate.area)
    found |= {text for said in own for text in (said.en, said.es)}
    # A further phone is named before the colon: "Parent Advocacy Center: can tell you what rights you have."
    found |= {said.split(":")[0] for program in of.programs.programs.values() for more in program.more_phones
              for said in (more.what.en, more.what.es) if ":" in said}
    found |= {"New Haven", "New London", "Waterbury", "Sparkler"}
    return re.compile("|".join(re.escape(name) for name in sorted(found, key=len, reverse=True) if not name.isdigit()))


def in_plain_words(text: str) -> str:
    """``text`` as its grade is taken: a short name in place of every name, no numbers."""
    text = re.sub(r"\{(child|area|affiliate|line_name|child_protection|early_intervention|monitoring|name)\}", A_NAME, text)
    text = names().sub(A_NAME, re.sub(r"\{\w+\}", "", text))
    return " ".join(re.sub(r"\d[\d-]*", "", text).split())


def grade(text: str, language: str) -> float:
    """The school grade of a text in plain words."""
    textstat.set_lang("en_US" if language == "en" else "es")
    return float(textstat.flesch_kincaid_grade(text) if language == "en" else textstat.crawford(text))


def too_hard(sentence: Sentence, language: str) -> float | None:
    """The grade of a sentence when it is above what its kind may have."""
    plain = in_plain_words(sentence.said[language])
    if len(plain.split()) < FEWEST_GRADED_WORDS or NO_SENTENCE.search(sentence.place) or sentence.name in FOR_PROGRAMMERS:
        return None
    found = grade(plain, language)
    return found if found > HIGHEST_GRADE.get(sentence.kind, HIGHEST_OF_ALL) else None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_reads_at_grade_6_or_lower_and_one_about_danger_at_grade_5(language: str) -> None:
    hard = [f"{found:4.1f} {sentence.name}: {sentence.said[language]}" for sentence in sentences()
            if (found := too_hard(sentence, language)) is not None]
    assert not hard, "\n" + "\n".join(hard)


def test_every_text_for_programmers_is_still_there() -> None:
    assert {sentence.name for sentence in sentences()} >= FOR_PROGRAMMERS


def test_a_hard_sentence_would_be_found_in_both_languages() -> None:
    hard = Sentence("messages/new", "line", "system", {
        "en": "Developmental surveillance necessitates continuous communication.",
        "es": "La evaluación pormenorizada del comportamiento requiere especialistas universitarios."})
    assert too_hard(hard, "en") and too_hard(hard, "es")


# what it costs


def filled(text: str, language: str) -> str:
    """``text`` with the affiliate's names, a long first name and, for what else is filled in, a number."""
    values = {**content().named(as_language(language)), "child": TWELVE_LETTER_NAME, "name": TWELVE_LETTER_NAME}
    return text.format(**{field: values.get(field, A_NUMBER) for field in placeholders(text)})


def costs_too_much(sentence: Sentence, language: str) -> str | None:
    """What a line costs when that is more than it may."""
    if sentence.kind in NO_TEXT_MESSAGE:
        return None
    size = count_segments(filled(sentence.said[language], language))
    most = MAY_COST_MORE.get(sentence.name, MOST_SEGMENTS[sentence.kind])[language]
    return f"{size.segments} {size.encoding}" if size.segments > most else None


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_costs_more_text_messages_than_its_kind_may(language: str) -> None:
    dear = [f"{found} {sentence.name}: {sentence.said[language]}" for sentence in sentences()
            if (found := costs_too_much(sentence, language)) is not None]
    assert not dear, "\n" + "\n".join(dear)


def test_no_english_line_needs_the_costly_alphabet() -> None:
    assert [sentence.name for sentence in sentences() if sentence.kind not in NO_TEXT_MESSAGE
            and count_segments(filled(sentence.said["en"], "en")).encoding != "GSM-7"] == []


def test_every_line_that_may_cost_more_still_does() -> None:
    found = {sentence.name: sentence for sentence in sentences()}
    for name, most in MAY_COST_MORE.items():
        sizes = {language: count_segments(filled(found[name].said[language], language)).segments for language in LANGUAGES}
        assert sizes == most, name
        assert any(most[language] > MOST_SEGMENTS[found[name].kind][language] for language in LANGUAGES), name


def test_a_line_that_costs_too_much_would_be_found() -> None:
    long = Sentence("messages/new", "line", "reply", {"en": "a" * 161, "es": "é" * 135})
    assert costs_too_much(long, "en") == "2 GSM-7" and costs_too_much(long, "es") is None
    costly = Sentence("messages/new", "line", "reply", {"en": "a", "es": "í" * 135})
    assert costs_too_much(costly, "es") == "3 UCS-2"
