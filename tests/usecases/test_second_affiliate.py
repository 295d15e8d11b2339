"""An affiliate elsewhere replaces its programs, its crisis lines and who it is, and nothing else: whole conversations with it.

Its files stand in tests/second_affiliate/content, all made up. The rest of the content folder is Connecticut's as it is.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from a_family import OLDER, TODAY, AFamily, birth, born, no_worries, rows, worries
from ruamel.yaml import YAML

from intake.content.bilingual import LANGUAGES, as_language
from intake.content.library import Content, load_content
from intake.content.pages import load_chat_page
from intake.rules.interview import Expects, Kind
from intake.rules.safety import SafetyHit
from intake.settings import ROOT
from intake.store.connection import Store
from intake.store.models import Referral
from intake.usecases import interruptions, optional_facts
from intake.usecases.danger import words_about
from intake.usecases.outcome import Outcome
from intake.usecases.phoned import PhonedFamily, Typed, open_case, read_typed
from intake.usecases.routing import fitting_programs
from intake.usecases.staff import add_staff

OWN = Path(__file__).parents[1] / "second_affiliate" / "content"
# What any line of Connecticut's could be known by, besides what its directory names.
OF_CONNECTICUT = {"Connecticut", "CT", "DCF", "Careline", "Hartford", "Sparkler", "Birth to Three", "211 Child Development"}
NATIONAL = {"211", "911", "988", "Help Me Grow"}
NUMBER = re.compile(r"\d[\d-]{5,}\d")
LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content folder as the second affiliate has it."""
    folder = Path(shutil.copytree(ROOT / "content", tmp_path_factory.mktemp("elsewhere") / "content"))
    shutil.rmtree(folder / "programs")
    shutil.copytree(OWN / "programs", folder / "programs")
    shutil.copy(OWN / "affiliate.yaml", folder / "affiliate.yaml")
    return folder


@pytest.fixture(scope="module")
def elsewhere(folder: Path) -> Content:
    """The second affiliate's content, loaded and checked."""
    return load_content(folder)


@cache
def responses() -> dict[str, Any]:
    """The lines of domain.yml by name."""
    loaded = YAML(typ="safe", pure=True).load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    return {name.removeprefix("utter_"): variations for name, variations in loaded["responses"].items()}


class Overheard(AFamily):
    """A family whose every answer is written down as it reads on the phone."""

    def say(self, text: str, deed: Any, expects: Expects | None = None) -> Outcome:
        outcome = super().say(text, deed, expects)
        self.__dict__.setdefault("heard", []).extend(self._read(outcome))
        return outcome

    def _read(self, outcome: Outcome) -> Iterator[str]:
        """The lines as the actions fill them in."""
        language = as_language(outcome.language)
        named = {**self.content.named(language), "child": outcome.child_name or "-"}
        for line in outcome.lines:
            text = responses()[line.name][LANGUAGES.index(language)]["text"]
            yield text.format(**{**named, **line.variables})

    @property
    def all_heard(self) -> str:
        """Everything that was said so far."""
        return "\n".join(self.__dict__["heard"])


def a_family_elsewhere(store: Store, content: Content, language: str, **more: Any) -> Overheard:
    return Overheard(store, content, language=language, **more)


@cache
def names_of_connecticut() -> frozenset[str]:
    """Every name, phone, town and ZIP code in the directory of the first affiliate that is not the whole nation's."""
    content = load_content(ROOT / "content")
    found = set(OF_CONNECTICUT)
    for program in content.programs.programs.values():
        found |= {program.name.en, program.name.es, program.called.en, program.called.es, *program.places.towns}
        found |= {number for number in (program.phone, program.fax) if number} | set(program.places.zip_codes)
    for line in content.programs.crisis.values():
        if line.reach == "area":
            found |= {line.name.en, line.name.es, *(number for number in (line.phone, line.text) if number)}
    affiliate = content.messages.affiliate
    return frozenset(found | {affiliate.name.en, affiliate.short_name.en, affiliate.line_name.en, affiliate.phone}) - NATIONAL


def of_connecticut(text: str) -> list[str]:
    """What in ``text`` is Connecticut's."""
    return [name for name in sorted(names_of_connecticut()) if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]


def referred(parent: AFamily) -> list[tuple[str, str, str]]:
    return [(row.program_id, row.reason_rule, row.status) for row in parent.all(Referral)]


def goes_to_the_end(parent: Overheard) -> None:
    parent.goes_on_to(Kind.NEEDS_MET)
    parent.say(*parent.answer_to(parent.open()))


# whole conversations


@LANGUAGE
def test_a_worry_of_a_young_child_reaches_its_own_early_intervention(store: Store, elsewhere: Content, language: str) -> None:
    parent = a_family_elsewhere(store, elsewhere, language)
    goes_to_the_end(parent)
    assert referred(parent) == [("first_steps_alderland", "W1", "ready")]
    program = elsewhere.programs.program("first_steps_alderland")
    assert program.name.in_language(as_language(language)) in parent.all_heard
    assert program.tell.in_language(as_language(language)) in parent.all_heard
    assert "Help Me Grow Alderland" in parent.all_heard.splitlines()[0]
    assert str(parent.case()["receipt"]).startswith("ALD-")
    assert of_connecticut(parent.all_heard) == []


@LANGUAGE
def test_it_closes_its_early_intervention_by_its_own_rule(store: Store, elsewhere: Content, language: str) -> None:
    in_sixty_days = _three_years_before(TODAY + timedelta(days=60))
    parent = a_family_elsewhere(store, elsewhere, language, answers={Kind.BIRTH_DATE: birth(in_sixty_days)})
    goes_to_the_end(parent)
    assert referred(parent) == [("alder_family_line", "W2", "ready"), ("school_start_alderland", "W2", "ready")]
    assert of_connecticut(parent.all_heard) == []


def _three_years_before(day: date) -> date:
    return day.replace(year=day.year - 3, day=min(day.day, 28))


@LANGUAGE
def test_a_child_of_four_is_its_schools(store: Store, elsewhere: Content, language: str) -> None:
    parent = a_family_elsewhere(store, elsewhere, language, answers={Kind.BIRTH_DATE: birth(born(50))})
    goes_to_the_end(parent)
    assert referred(parent) == [("school_start_alderland", "W4", "ready")]
    assert of_connecticut(parent.all_heard) == []


@LANGUAGE
def test_without_a_worry_its_hub_is_named_once_and_no_app(store: Store, elsewhere: Content, language: str) -> None:
    quiet = {Kind.WORRY: no_worries()}
    parent = a_family_elsewhere(store, elsewhere, language, answers=quiet)
    goes_to_the_end(parent)
    assert {program for program, _, _ in referred(parent)} <= {"alder_family_line"}
    assert elsewhere.programs.fallback.name.in_language(as_language(language)) in parent.all_heard
    assert of_connecticut(parent.all_heard) == []


@LANGUAGE
def test_a_worry_about_lead_has_its_program_and_a_place_its_own(store: Store, elsewhere: Content, language: str) -> None:
    lead = {Kind.WORRY: worries("The paint is peeling.", "housing_lead")}
    parent = a_family_elsewhere(store, elsewhere, language, answers=lead)
    parent.goes_on_to(Kind.CONTACT_CONSENT)
    fits: list[str] = []
    parent.say("?", lambda scene: _note_fits(scene, fits))
    assert fits == ["first_steps_alderland", "alder_family_line", "safe_walls"]
    assert elsewhere.programs.program("safe_walls").shown_phone is None
    assert elsewhere.programs.near("00042") == ("lakeside_families",) and elsewhere.programs.near("06120") == ()


def _note_fits(scene: Any, fits: list[str]) -> None:
    fits.extend(fit.program_id for fit in fitting_programs(scene))


@LANGUAGE
@pytest.mark.parametrize(("zip_code", "is_ours"), [("06106", False), ("00042", True)])
def test_it_knows_its_own_zip_codes(store: Store, elsewhere: Content, language: str, zip_code: str, is_ours: bool) -> None:
    parent = a_family_elsewhere(store, elsewhere, language, answers=OLDER)
    parent.goes_on_to(Kind.PLACE)
    outcome = parent.say(zip_code, lambda scene: optional_facts.tell_fact(scene, "inform"))
    assert ("place_elsewhere" not in [line.name for line in outcome.lines]) is is_ours
    assert of_connecticut(parent.all_heard) == []


@LANGUAGE
def test_every_question_of_a_parent_is_answered_with_its_own_names(store: Store, elsewhere: Content, language: str) -> None:
    parent = a_family_elsewhere(store, elsewhere, language)
    parent.goes_on_to(Kind.RELATION)
    for topic in sorted(interruptions.QUESTIONS):
        parent.say("?", lambda scene, topic=topic: interruptions.explain(scene, topic))
        assert of_connecticut(parent.all_heard) == [], topic
    heard = parent.all_heard
    early = elsewhere.programs.early_intervention.name.in_language(as_language(language))
    office = elsewhere.messages.affiliate.child_protection.in_language(as_language(language))
    assert heard.count(early) == 3 and office in heard and "Alderland" in heard


def test_a_family_that_phoned_is_referred_by_its_doors(store: Store, elsewhere: Content) -> None:
    typed = Typed(child_name="Mateo", birth_date=born(20).isoformat(), worry="Few words.", domains=("language_communication",),
                  contact_name="Rosa", relation="parent", phone="860-555-0142", language="es", agreed="yes",
                  how_agreed="phone")
    told = read_typed(typed, elsewhere.messages, TODAY)
    assert isinstance(told, PhonedFamily), told
    staff = add_staff(store, "luz@agency.example", "Luz Rivera", "walnut-harbor-quilt-43", "intake")
    open_case(store, elsewhere, told, today=TODAY, staff=staff, form_key=uuid4())
    [referral] = rows(store, Referral)
    assert (referral.program_id, referral.status) == ("first_steps_alderland", "ready")


# what is said without a conversation


@LANGUAGE
def test_a_danger_is_answered_with_its_own_lines_and_the_nations(elsewhere: Content, language: str) -> None:
    numbers = {number for line in elsewhere.programs.crisis.values() for number in (line.shown_phone, line.shown_text) if number}
    for name, situation in elsewhere.safety.lexicon.situations.items():
        for unclear in (True, False):
            hit = SafetyHit(situation.trigger, situation.category, situation.level, unclear, name)
            said = words_about(hit, elsewhere, as_language(language))
            assert of_connecticut(said) == [], name
            assert set(NUMBER.findall(said)) <= numbers | {elsewhere.messages.affiliate.phone}, name


@LANGUAGE
def test_its_pages_and_texts_name_nothing_of_connecticut(folder: Path, elsewhere: Content, language: str) -> None:
    page = load_chat_page(folder)
    parts = (page.page, page.problems, page.window, page.answers)
    texts = [text for words in parts for text in words[as_language(language)].values()]
    texts += [text.in_language(as_language(language)) for text in elsewhere.messages.texts.values()]
    assert of_connecticut("\n".join(texts)) == []


def test_the_words_of_connecticut_would_be_found() -> None:
    assert of_connecticut("Call CT Safe Connect, 888-774-2900, or DCF.") == ["888-774-2900", "CT", "CT Safe Connect", "DCF"]
    assert of_connecticut("Birth to Three calls you in 06120.") == ["06120", "Birth to Three"]
    assert of_connecticut("Call 211, 911 or 988. Help Me Grow is free.") == []
