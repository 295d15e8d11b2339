"""The words of the texts that we start: short, plain, neutral on a locked screen; and the checks that hold an editor to it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
import textstat

from intake.content.bilingual import LANGUAGES, Bilingual, Language
from intake.content.library import Content, load_content
from intake.content.outreach import ANSWERS, FILE, NEEDS, OutreachContent, load_outreach
from intake.content.yaml_source import ContentError
from intake.rules.keywords import Keyword, means_opt_out, read_keyword
from intake.rules.outreach import Carried, OutreachKind, is_one_of, read_answer
from simulator.segments import count_segments

ROOT = Path(__file__).resolve().parents[2]
MOST_SEGMENTS = {"en": 1, "es": 2}
GRADE = 6
NEVER_OUR_WORDS = re.compile(r"\b(cancel|end|quit|cancelar|salir)\b", re.IGNORECASE)
PRIVATE = re.compile(
    r"\b(child|kid|baby|son|daughter|worry|worries|concern|question|answers?|develop\w*|milestones?|program|referral|he|she|him|her"
    r"|niñ\w+|bebé|hij\w+|preocup\w*|desarrollo|preguntas?|respuestas?|programa|referido)\b", re.IGNORECASE)
PROACTIVE = ("reminder", "follow_up", "follow_up_family", "follow_up_both", "needs_met", "ask_again", "next_check")


@cache
def content() -> Content:
    return load_content(ROOT / "content")


def lines() -> dict[str, Bilingual]:
    """Every line of the file."""
    words = content().outreach
    asking = {f"{kind}_{name}": line for kind, one in words.asking.items()
              for name, line in [*one.replies.items(), ("still_open", one.still_open)]}
    return {"reminder": words.reminder, "follow_up": words.following[Carried.STAFF].text,
            "follow_up_family": words.following[Carried.FAMILY].text,
            "follow_up_both": words.for_both, "needs_met": words.needs_met, "ask_again": words.ask_again,
            "next_check": words.next_check.text, "last_not_now": words.last_not_now, "not_asked": words.not_asked, **asking}


def said(language: Language) -> dict[str, str]:
    """Every line of the file, filled in as a family gets it."""
    affiliate = content().messages.affiliate
    return {name: line.in_language(language).format(affiliate=affiliate.short_name.in_language(language), phone=affiliate.phone)
            for name, line in lines().items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_fits_one_plain_segment_in_english_and_two_in_spanish(language: Language) -> None:
    for name, text in said(language).items():
        counted = count_segments(text)
        assert counted.segments <= MOST_SEGMENTS[language], name
        assert language == "es" or counted.encoding == "GSM-7", name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_reads_at_grade_six_or_below(language: Language) -> None:
    textstat.set_lang(language)
    for name, text in said(language).items():
        plain = re.sub(r"Help Me Grow CT: |[\d-]{2,}", "", text)
        grade = textstat.flesch_kincaid_grade(plain) if language == "en" else textstat.crawford(plain)
        assert grade <= GRADE, (name, grade)


@pytest.mark.parametrize("language", LANGUAGES)
def test_w29_what_lights_up_on_a_locked_screen_names_the_affiliate_and_nothing_else(language: Language) -> None:
    programs = [program.name.in_language(language) for program in content().programs.programs.values()]
    for name in PROACTIVE:
        text = said(language)[name]
        assert text.startswith("Help Me Grow CT: "), name
        neutral = text.removeprefix("Help Me Grow CT: ")
        assert PRIVATE.search(neutral) is None, name
        assert not [program for program in programs if program.lower() in neutral.lower()], name


def test_w29_nothing_of_a_family_can_be_filled_into_any_line() -> None:
    for line in lines().values():
        for language in LANGUAGES:
            assert {name for _, name, _, _ in Formatter().parse(line.in_language(language)) if name} <= {"affiliate", "phone"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_we_start_says_how_to_stop_and_the_word_works(language: Language) -> None:
    word = {"en": "STOP", "es": "ALTO"}[language]
    assert read_keyword(word, content().keywords) is Keyword.OPT_OUT
    assert all(word in said(language)[name] for name in PROACTIVE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_uses_a_word_that_the_carrier_takes_for_an_opt_out(language: Language) -> None:
    assert [name for name, text in said(language).items() if NEVER_OUR_WORDS.search(text)] == []


def test_no_ready_answer_rules_the_channel() -> None:
    words = content().outreach
    ways = [*words.go_on, *words.ready, *(way for one in words.asking.values() for ways in one.ways.values() for way in ways)]
    assert [way for way in ways if read_keyword(way, content().keywords) or means_opt_out(way, content().keywords)] == []


READ = [
    ("Yes!", "called_back"), ("si", "called_back"), ("Sí, gracias", "called_back"), ("ya me llamaron", "called_back"),
    ("They called me", "called_back"), ("No", "not_called"), ("No, not yet", "not_called"), ("todavía no", "not_called"),
    ("nobody called", "not_called"), ("No me han llamado", "not_called"), ("not now", "not_now"), ("Ahorita no", "not_now"),
    ("I'm busy", "not_now"), ("después", "not_now"),
    ("they called but hung up", None), ("me llamaron pero no contesté", None), ("no sé", None), ("who?", None),
]


@pytest.mark.parametrize(("text", "code"), READ)
def test_ready_answers_are_read_in_both_languages_and_own_words_are_not_guessed_at(text: str, code: str | None) -> None:
    words = content().outreach
    assert read_answer(text, words.asking[OutreachKind.FOLLOW_UP].ways, words.courtesy) == code


@pytest.mark.parametrize("text", ["GO", "go on please", "Seguir", "sí", "OK", "hola", "what question"])
def test_what_asks_to_go_on_after_a_reminder_is_known(text: str) -> None:
    assert is_one_of(text, content().outreach.go_on, content().outreach.courtesy)


@pytest.mark.parametrize(("text", "code"), [
    ("1", "yes"), ("Yes we did", "yes"), ("sí", "yes"), ("2", "partly"), ("kind of", "partly"),
    ("más o menos", "partly"), ("3", "no"),
    ("Not really", "no"), ("no", "no"), ("yes but it took months", None), ("nos ayudaron con una cosa", None)])
def test_whether_the_family_got_what_it_needed_is_read_in_both_languages(text: str, code: str | None) -> None:
    words = content().outreach
    assert read_answer(text, words.asking[OutreachKind.NEEDS_MET].ways, words.courtesy) == code


@pytest.mark.parametrize(("text", "ready"), [("GO", True), ("Seguir por favor", True), ("yes", True), ("no", False),
                                             ("not now", False), ("go away", False)])
def test_only_a_yes_or_go_opens_what_a_text_speaks_of(text: str, ready: bool) -> None:
    assert is_one_of(text, content().outreach.ready, content().outreach.courtesy) is ready


def test_the_table_of_days_rises_and_the_answers_have_their_numbers() -> None:
    assert content().outreach.following[Carried.STAFF].days == (7, 21, 45)
    assert content().outreach.following[Carried.FAMILY].days == (5, 19)
    assert tuple(content().outreach.asking[OutreachKind.NEEDS_MET].ways) == NEEDS
    assert tuple(content().outreach.asking[OutreachKind.FOLLOW_UP].ways) == ANSWERS


# what an editor is told


BROKEN = [
    ("days: [7, 21, 45]", "days: [7, 45, 21]", "the days must rise"),
    ("days: [7, 21, 45]", "days: []", "days"),
    ("days: [7, 21, 45]", "days: [0, 7]", "days"),
    ("days: [5, 19]", "days: [19, 5]", "the days must rise"),
    ("ways: [link_only, app,", "ways: [pigeon, app,", "ways"),
    ("    partly:", "    half:", "in this order"),
    ("You asked us to write about now.", "{child} is of age.", "only {affiliate} and {phone}"),
    ("to ask? Reply 1 for yes, 2 for no, 3 for not now. Text STOP", "to ask? Text", "'STOP' is missing (en)"),
    ("Has someone called you back?", "Has {child} been seen?", "only {affiliate} and {phone}"),
    ("Has someone called you back?", "Has someone { called?", "is not closed"),
    ("Text STOP to get no more texts.", "That is all.", "'STOP' is missing (en)"),
    ("Escriba ALTO para parar.", "Es todo.", "'ALTO' is missing (es)"),
    ("    not_called:", "    not_reached:", "in this order"),
    ("ways: [not now,", "ways: [nope, not now,", "'nope' stands under not_called already"),
    ("after_hours: 24", "after_hours: soon", "after_hours"),
    ("courtesy:", "kindness:", "courtesy"),
]


@pytest.mark.parametrize(("sound", "broken", "complaint"), BROKEN, ids=[row[2] for row in BROKEN])
def test_a_broken_file_is_refused_with_its_place(tmp_path: Path, sound: str, broken: str, complaint: str) -> None:
    text = (ROOT / "content" / FILE).read_text(encoding="utf-8")
    assert sound in text
    with pytest.raises(ContentError) as refused:
        _load(tmp_path, text.replace(sound, broken))
    assert complaint in str(refused.value)
    assert re.search(r"outreach\.yaml:\d+: ", str(refused.value))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="cannot be read"):
        load_outreach(tmp_path)


def _load(folder: Path, text: str) -> OutreachContent:
    (folder / "messages").mkdir()
    (folder / FILE).write_text(text, encoding="utf-8")
    return load_outreach(folder)
