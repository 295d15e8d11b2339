"""Every activity for home reads plainly, fits a text, is safe at a glance, and says the same in both languages.

The words are looked at as they stand in the files; what the loader refuses is told with file and line.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from test_questions import FORBIDDEN, GENDERED, HIGHEST_GRADE, TYPOGRAPHIC, faults, reading_grade, septets

from intake.content.activities import FEWEST, FEWEST_DOMAINS, MOST, Activity, load_activities
from intake.content.bilingual import LANGUAGES, Language
from intake.content.messages import Messages, load_messages
from intake.content.questions import load_questions
from intake.content.yaml_source import ContentError
from intake.rules.at_home import AT_A_TIME, PLAYS_TO
from intake.rules.checklist import CHECKLIST_MONTHS
from intake.usecases.sms_size import count

CONTENT = Path(__file__).resolve().parents[2] / "content"
FOLDER = CONTENT / "activities"
LONG_NAME = "Maria-Helena"
# One GSM-7 text; for Spanish also two in UCS-2 (3GPP TS 23.040: 2 x 67).
ONE_GSM_TEXT, TWO_UCS2_TEXTS = 160, 134
MOST_OF_ONE_ANSWER = {"en": 4, "es": 8}  # segments of a heading and the three longest activities of an age

# What no activity may hold: bought things, screens, food, water, what a small child can choke on, be caught in or fall from.
NOT_AT_HOME = {
    "en": r"toys?|tablet|phone|tv|app|video|screen|buy",
    "es": r"juguetes?|tableta|celular|tele|televisi\w+|app|videos?|pantallas?|compr\w+",
}
NOT_SAFE = {
    "en": (r"bath\w*|pool|tub|water|honey|milk|food|snacks?|eat|fruit|cereal|beans?|rice|peas|nuts?|beads?|coins?|buttons?"
           r"|marbles?|balloons?|string|rope|cords?|ribbons?|(plastic )?bags?|scissors|knife|glass|stairs|ladder|stove|oven"
           r"|hot|candles?|pillows?|blankets?|crib|sleep|asleep|toss \{child\}|shake|swing|spin"),
    "es": (r"ba[ñn]\w+|piscina|tina|agua|miel|leche|comida|com(e|er|a)|fruta|cereal|frijol\w*|habichuelas?|arroz|nueces|cuentas"
           r"|monedas?|botones|canicas?|globos?|hilo|cuerdas?|cord[oó]n\w*|cintas?|bolsas?|tijeras|cuchillo|vidrio|escaleras?"
           r"|estufa|horno|caliente|velas?|almohadas?|cobijas?|cuna|duerm\w+|sacud\w+|columpi\w+"),
}
# No promise, no demand, no measure.
NOT_SAID = {
    "en": (r"should|must|will (talk|walk|learn)|helps?|milestones?|skills?|develop\w*|exercises?|therapy|practi[cs]e"
           r"|correct|good job|smart"),
    "es": r"deber?[ií]a|tiene que|ayuda a|hitos?|habilidad\w*|desarroll\w*|ejercicios?|terapia|practi\w+|correct\w*|intelig\w+",
}
# The time on the tummy is for a child who is awake, with somebody there.
ON_THE_TUMMY = {"en": (r"tummy", r"awake", r"stay|hum or talk"), "es": (r"boca abajo", r"sueño", r"quédese|háblele")}


@cache
def activities() -> dict[int, tuple[Activity, ...]]:
    return load_activities(FOLDER)


@cache
def messages() -> Messages:
    return load_messages(CONTENT)


def texts() -> Iterator[tuple[str, str, str]]:
    """(id and language, language, text) of all."""
    for several in activities().values():
        for activity in several:
            yield from ((f"{activity.id}.{language}", language, activity.text.in_language(language)) for language in LANGUAGES)


def heading(purpose: str, language: Language) -> str:
    return messages().system(purpose, language, child=LONG_NAME)


def test_every_checklist_has_its_activities_for_several_domains() -> None:
    assert tuple(activities()) == CHECKLIST_MONTHS == tuple(load_questions(CONTENT / "questions").checklists)
    for months, several in activities().items():
        assert FEWEST <= len(several) <= MOST, months
        assert len({domain for one in several for domain in one.domains}) >= FEWEST_DOMAINS, months


def test_every_domain_that_a_worry_is_played_to_has_an_activity_at_every_age() -> None:
    wanted = {domain for domains in PLAYS_TO.values() for domain in domains}
    lacking = {months: wanted - {domain for one in several for domain in one.domains} for months, several in activities().items()}
    assert {months: domains for months, domains in lacking.items() if domains} == {}


def test_the_first_telling_of_every_age_plays_to_three_domains() -> None:
    for months, several in activities().items():
        assert len({domain for one in several[:AT_A_TIME] for domain in one.domains}) >= FEWEST_DOMAINS, months


def test_every_activity_reads_at_sixth_grade_or_below() -> None:
    graded = [(reading_grade(text, language), where, text) for where, language, text in texts()]
    assert not [entry for entry in graded if entry[0] > HIGHEST_GRADE]


def test_every_activity_fits_its_texts_with_a_long_name() -> None:
    def fits(text: str, language: str) -> bool:
        size = septets(text)
        return (size is not None and size <= ONE_GSM_TEXT) or (language == "es" and len(text) <= TWO_UCS2_TEXTS)

    assert not [text for _, language, text in texts() if not fits(text.replace("{child}", LONG_NAME), language)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_whole_answer_costs_few_segments(language: Language) -> None:
    for months, several in activities().items():
        longest = sorted((one.text.in_language(language).format(child=LONG_NAME) for one in several), key=len)[-AT_A_TIME:]
        whole = "\n".join([heading("at_home_first", language), *(f"- {text}" for text in longest)])
        assert count(whole).segments <= MOST_OF_ONE_ANSWER[language], (months, count(whole))


@pytest.mark.parametrize("words", [FORBIDDEN, GENDERED, NOT_AT_HOME, NOT_SAFE, NOT_SAID],
                         ids=["judges", "gender", "not at home", "not safe", "promises"])
def test_no_activity_holds_a_word_that_does_not_belong(words: dict[str, str]) -> None:
    assert faults(words, texts()) == []


@pytest.mark.parametrize(("words", "language", "text"), [
    (NOT_SAFE, "en", "Let {child} play with dry beans."), (NOT_SAFE, "es", "En la tina, eche agua con una taza."),
    (NOT_AT_HOME, "en", "Give {child} a toy."), (NOT_AT_HOME, "es", "Vean un video."),
    (NOT_SAID, "en", "This helps {child} talk."), (NOT_SAID, "es", "Son ejercicios."), (GENDERED, "es", "Siéntese con ella.")])
def test_a_word_that_does_not_belong_is_found(words: dict[str, str], language: str, text: str) -> None:
    assert faults(words, iter([("here", language, text)]))


def test_time_on_the_tummy_is_for_a_child_who_is_awake_with_somebody_there() -> None:
    found = 0
    for where, language, text in texts():
        tummy, awake, there = ON_THE_TUMMY[language]
        if re.search(tummy, text, re.IGNORECASE):
            found += 1
            assert re.search(awake, text, re.IGNORECASE) and re.search(there, text, re.IGNORECASE), where
    assert found == 4


def test_every_activity_speaks_of_the_child_and_none_is_written_twice() -> None:
    all_texts = [text for _, _, text in texts()]
    assert len(set(all_texts)) == len(all_texts) and not [text for text in all_texts if "{child}" not in text]


def test_every_activity_is_two_to_four_short_sentences_typed_plainly() -> None:
    for where, _, text in texts():
        assert text == " ".join(text.split()) and not TYPOGRAPHIC.search(text) and text.endswith((".", "?", "!")), where
        assert 2 <= len(re.findall(r"[.!?]+(?=\s|$)", text)) <= 5, where


def test_every_file_waits_for_a_signature_by_name() -> None:
    page = (FOLDER / "SIGN-OFF.md").read_text(encoding="utf-8")
    assert [path.name for path in FOLDER.glob("*.yaml") if f"`{path.name}`" not in page] == []


# what the loader says


def folder_with(tmp_path: Path, file: str, old: str, new: str) -> Path:
    """A copy of the folder with one thing changed in ``file``."""
    folder = tmp_path / "activities"
    shutil.copytree(FOLDER, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def complaints(folder: Path) -> list[str]:
    with pytest.raises(ContentError) as error:
        load_activities(folder)
    return [f"{Path(problem.file).name}:{problem.line}: {problem.message}" for problem in error.value.problems]


@pytest.mark.parametrize(("old", "new", "line", "part"), [
    ("checklist: 12", "checklist: 15", 1, "rename the file to 15-months.yaml or correct the age to 12"),
    ("a12.roll_it_back", "a15.roll_it_back", 4, "write a12. and a name in small letters"),
    ("a12.in_and_out", "a12.name_as_you_dress", 16, "stands already at"),
    ("[cognitive]", "[thinking]", 17, "domains"),
    ("[cognitive]", "[]", 17, "domains"),
    ("    text:\n", "    source: x\n    text:\n", 6, "unknown field 'source'"),
    ("Before the last one", "Before {name}", 13, "only {child} is filled in"),
    ('      es: "Siéntese frente', '      fr: "Siéntese frente', 6, "'text.es' is missing"),
])
def test_a_mistake_is_told_with_its_file_and_line(tmp_path: Path, old: str, new: str, line: int, part: str) -> None:
    found = complaints(folder_with(tmp_path, "12-months.yaml", old, new))
    assert any(told.startswith(f"12-months.yaml:{line}: ") and part in told for told in found), found


def test_too_few_activities_and_too_few_domains_are_told(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "12-months.yaml", "version: 1", "version: 1")
    head, *each = (folder / "12-months.yaml").read_text(encoding="utf-8").split("  - id: ")
    (folder / "12-months.yaml").write_text(head + "".join(f"  - id: {one}" for one in each[1:3]), encoding="utf-8")
    assert complaints(folder) == ["12-months.yaml:3: play to 3 domains or more (now 2)",
                                  "12-months.yaml:3: write 4 to 6 activities (now 2)"]


def test_a_checklist_without_a_file_and_a_file_without_a_checklist_are_told(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "12-months.yaml", "checklist", "checklist")
    (folder / "12-months.yaml").rename(folder / "13-months.yaml")
    assert complaints(folder) == ["12-months.yaml:1: the 12-month checklist has no activities: write this file",
                                  "13-months.yaml:1: no checklist has this age: rename the file or remove it"]


def test_a_file_that_is_no_yaml_is_told_once(tmp_path: Path) -> None:
    found = complaints(folder_with(tmp_path, "12-months.yaml", "activities:", "activities: ["))
    assert len(found) == 1 and "not valid YAML" in found[0]
