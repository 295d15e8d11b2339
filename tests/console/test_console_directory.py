"""The page of programs: all of the directory, what is unconfirmed or due marked, found by any word, linked from a case."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from console.content import ConsoleContent
from console.directory import Directory, Entry, confirmed_contact, directory
from console.words import Words
from intake.content.bilingual import LANGUAGES, Language
from intake.content.program_facts import Program
from intake.content.programs import Programs, load_programs
from intake.settings import ROOT
from intake.store.connection import Store
from intake.store.models import Referral, StaffProgram
from tests.console.colleagues import desk_of
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import a_case

TODAY = date(2026, 11, 26)
MARK = "Not confirmed, call first"


def _words(content: ConsoleContent, language: Language = "en") -> Words:
    return Words(content, language, ZoneInfo("America/New_York"), datetime(2026, 11, 26, 15, tzinfo=UTC))


def _read(content: ConsoleContent, language: Language = "en", today: date = TODAY) -> Directory:
    return directory(content.intake.programs, _words(content, language), today)


def _entry(found: Directory, program: str) -> Entry:
    return next(each for each in (*found.programs, *found.lines) if each.id == program)


def _with(content: ConsoleContent, program: str, **changes: object) -> Programs:
    """The directory with a program changed."""
    known = content.intake.programs
    changed: Program = known.program(program).model_copy(update=changes)
    return Programs({**known.programs, program: changed}, known.crisis, known.doors, known.recognised)


def _card(page: str, program: str) -> str:
    """The words of one program's card."""
    found = re.search(rf'<section class="card" id="program-{program}".*?</section>', page, re.S)
    assert found is not None, program
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


# what stands in it


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_program_and_crisis_line_stands_in_it_with_how_it_is_reached(
    console_content: ConsoleContent, language: Language
) -> None:
    known, found = console_content.intake.programs, _read(console_content, language)
    assert {each.id for each in found.programs} == set(known.programs) and {each.id for each in found.lines} == set(known.crisis)
    for subject in (*known.programs.values(), *known.crisis.values()):
        values = " ".join(fact.value for fact in _entry(found, subject.id).facts)
        for fact in ("phone", "text", "fax", "email", "url"):
            assert (getattr(subject, fact, None) or "") in values, (subject.id, fact)
        assert _entry(found, subject.id).tell == subject.tell.in_language(language)


def test_what_is_unconfirmed_is_marked_and_nothing_else_is(console_content: ConsoleContent) -> None:
    known = console_content.intake.programs
    reached = ("phone", "text", "fax", "email", "url", "hours")
    labels = {fact: _words(console_content).code("fact", fact) for fact in reached}
    for subject in (*known.programs.values(), *known.crisis.values()):
        shown = {fact.label: fact.confirmed for fact in _entry(_read(console_content), subject.id).facts}
        for fact, label in labels.items():
            if label in shown:
                assert shown[label] == (fact not in subject.unconfirmed), (subject.id, fact)
    assert not next(fact for fact in _entry(_read(console_content), "healthy_homes").facts if fact.link).confirmed


def test_zip_codes_that_nobody_has_confirmed_are_shown_as_such(console_content: ConsoleContent) -> None:
    facts = _entry(_read(console_content), "north_hartford_ascend").facts
    unsure = [fact.value for fact in facts if not fact.confirmed]
    assert unsure == ["06112, 06105"]


def test_a_draft_says_that_no_family_hears_of_it(console_content: ConsoleContent) -> None:
    programs = _with(console_content, "hvip", unconfirmed=("name", "tell"))
    entry = _entry(directory(programs, _words(console_content), TODAY), "hvip")
    assert not entry.may_be_told and _entry(_read(console_content), "hvip").may_be_told


def test_a_caution_is_due_from_its_month_on(console_content: ConsoleContent) -> None:
    for day, due in ((date(2026, 11, 30), False), (date(2026, 12, 1), True), (date(2027, 1, 1), True)):
        [caution] = _entry(_read(console_content, today=day), "north_hartford_ascend").cautions
        assert caution.is_due is due, day
    [lasting] = _entry(_read(console_content), "cyshcn_medical_home").cautions
    assert not lasting.is_due and lasting.since is None


def test_what_was_checked_long_ago_says_so(console_content: ConsoleContent) -> None:
    fresh, later = _read(console_content), _read(console_content, today=date(2027, 9, 1))
    assert not any(fact.old for each in fresh.programs for fact in each.facts)
    assert any(fact.old for fact in _entry(later, "birth_to_three").facts)


def test_a_program_that_nobody_has_checked_says_never(console_content: ConsoleContent) -> None:
    draft = console_content.intake.programs.program("hvip")
    programs = _with(console_content, "hvip", checked="never", evidence=(), unconfirmed=draft.facts())
    entry = _entry(directory(programs, _words(console_content), TODAY), "hvip")
    assert entry.seen == "never" and not any(fact.confirmed for fact in entry.facts)


# narrowing it


@pytest.mark.parametrize(("typed", "program"), [
    ("birth to three", "birth_to_three"), ("CERO A TRES", "birth_to_three"), ("860-571-6853", "birth_to_three"),
    ("8605716853", "birth_to_three"), ("(860) 571 6853", "birth_to_three"), ("asthma", "easy_breathing"),
    ("plomo", "healthy_homes"), ("poison", "poison_control"), ("741741", "crisis_text_line"), ("06120", "north_hartford_ascend"),
    ("  hartford   ascend ", "north_hartford_ascend"), ("niños asma", "easy_breathing"), ("NINOS ASMA", "easy_breathing")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_is_found_by_any_of_its_words_in_either_language(
    console_content: ConsoleContent, language: Language, typed: str, program: str
) -> None:
    everything = _read(console_content, language)
    found = everything.narrowed(typed)
    assert program in {each.id for each in (*found.programs, *found.lines)}
    assert len(found.programs) + len(found.lines) < len(everything.programs) + len(everything.lines)


@pytest.mark.parametrize("typed", ["zzz", "12345678", "birth to zzz", "<script>", "%", "\x00"])
def test_what_stands_nowhere_finds_nothing(desk: Desk, typed: str) -> None:
    desk.get("/programs")
    page = desk.post("/programs", {"looked_for": typed})
    assert page.status_code == 200 and "Programs: 0. Crisis lines: 0." in page.text and 'id="program-' not in page.text
    assert "<script>" not in page.text.replace("<script src", "")


# the page


def test_the_page_marks_what_is_unconfirmed_and_what_is_due(desk: Desk) -> None:
    page = desk.get("/programs").text
    assert page.count(MARK) >= 5
    homes = _card(page, "healthy_homes")
    assert "Check now, before you send anybody:" in homes and "To be checked since August 2026" in homes and MARK in homes
    early = _card(page, "birth_to_three")
    for shown in ("860-571-6853", "1-800-505-7000", "phone, form on the web, fax", "from 0 months up to 3 years",
                  "All of Connecticut", "a parent or guardian", "https://www.birth23.org/referral/", "November 2026"):
        assert shown in early, shown
    assert MARK not in early
    assert MARK in _card(page, "maternal_mental_health_hotline")


def test_the_page_speaks_spanish(desk: Desk) -> None:
    page = desk.get("/programs", headers={"Accept-Language": "es"}).text
    early = _card(page, "birth_to_three")
    for shown in ("Teléfono", "Horario", "Ayuda gratis", "teléfono, formulario en internet, fax", "noviembre de 2026"):
        assert shown in (early if shown != "Horario" else page), shown
    assert "Sin confirmar, llame antes" in page and 'lang="en"' in page


def test_what_was_typed_narrows_the_page_and_stands_in_its_field_alone(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    desk.get("/programs")
    page = desk.post("/programs", {"looked_for": "asthma"}).text
    assert 'id="program-easy_breathing"' in page and 'id="program-birth_to_three"' not in page
    assert 'value="asthma"' in page and "asthma" not in caplog.text
    everything = desk.get("/programs").text.count('id="program-')
    assert desk.post("/programs", {"looked_for": "  "}).text.count('id="program-') == everything > 20


def test_somebody_limited_to_a_program_reads_it_and_an_administrator_does_not(
    app: Flask, desk: Desk, store: Store, ines: int, ada: int
) -> None:
    with store.transaction() as session:
        session.add(StaffProgram(staff_id=ines, program_id="birth_to_three"))
    assert desk.get("/programs").status_code == 200
    hers = desk_of(app, "Ada")
    assert hers.get("/programs").status_code == 404 and 'href="/programs"' not in hers.get("/account").text
    assert audit_lines(store, "access.refused")[-1].detail == "see_programs"


# from a case


def test_each_referral_of_a_case_leads_to_its_program(desk: Desk, store: Store) -> None:
    case = a_case(store)
    page = desk.get(f"/cases/{case.conversation}").text
    assert 'href="/programs#program-birth_to_three"' in page
    assert 'id="program-birth_to_three"' in desk.get("/programs").text


def test_a_referral_to_a_program_that_is_gone_leads_nowhere(desk: Desk, store: Store) -> None:
    case = a_case(store)
    with store.transaction() as session:
        session.get_one(Referral, case.referral).program_id = "closed_last_year"
    page = desk.get(f"/cases/{case.conversation}").text
    assert "closed_last_year" in page and "/programs#" not in page
    packet = desk.get(f"/cases/{case.conversation}/referrals/{case.referral}/packet")
    assert packet.status_code == 200 and "How to reach the program" not in packet.text


def test_the_packet_tells_how_the_program_is_reached(desk: Desk, store: Store) -> None:
    case = a_case(store)
    page = desk.get(f"/cases/{case.conversation}/referrals/{case.referral}/packet").text
    assert "How to reach the program" in page and "860-571-6853" in page and "1-800-505-7000" in page


def test_nothing_unconfirmed_is_written_on_a_packet(console_content: ConsoleContent) -> None:
    words, known = _words(console_content), console_content.intake.programs
    assert "Hours" not in dict(confirmed_contact(known.program("ct211_child_development"), words))
    early = known.program("birth_to_three")
    assert dict(confirmed_contact(early, words)) == {"Phone": "1-800-505-7000", "Fax": "860-571-6853"}
    unsure = early.model_copy(update={"unconfirmed": ("phone", "fax")})
    assert confirmed_contact(unsure, words) == ()


def test_every_program_of_the_second_affiliate_is_shown_as_well(console_content: ConsoleContent) -> None:
    elsewhere = load_programs(Path(ROOT / "tests" / "second_affiliate" / "content" / "programs"))
    found = directory(elsewhere, _words(console_content), TODAY)
    assert {each.id for each in found.programs} == set(elsewhere.programs)
