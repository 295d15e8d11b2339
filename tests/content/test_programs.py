"""The programs and crisis lines: what is shown, what is held back, and what a mistake in a file says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from intake.content.bilingual import Language
from intake.content.programs import Programs, load_programs
from intake.content.yaml_source import ContentError
from intake.rules.concerns import ConcernDomain
from intake.rules.routing import LEAD_ADVICE_ENDS_AT_MONTHS, Door, Doors
from intake.rules.sms_text import as_sms
from intake.usecases.sms_size import count

FOLDER = Path(__file__).parents[2] / "content" / "programs"


@pytest.fixture(scope="module")
def catalogue() -> Programs:
    return load_programs(FOLDER)


def test_the_doors_of_the_directory_are_those_that_the_tests_of_the_rules_know(catalogue: Programs) -> None:
    assert catalogue.doors == Doors(
        hub="ct211_child_development",
        coordination="help_me_grow_ct",
        early_intervention=Door("birth_to_three", 0, 36),
        closes_days_before=45,
        preschool=Door("early_childhood_special_education", 36, 72),
        monitoring=Door("ages_and_stages_sparkler", 0, 72),
        by_concern=(
            (ConcernDomain.HOUSING_LEAD, Door("healthy_homes", 0, LEAD_ADVICE_ENDS_AT_MONTHS)),
            (ConcernDomain.ASTHMA_BREATHING, Door("easy_breathing", 6, 228)),
            (ConcernDomain.INJURY_VIOLENCE, Door("injury_prevention_safe_kids", 0, 240)),
            (ConcernDomain.MEDICAL_HEALTH, Door("cyshcn_medical_home", 0, 252)),
            (ConcernDomain.FAMILY_SUPPORT, Door("ccmc_care_coordination", 0, 252)),
        ),
    )


def test_what_nobody_has_confirmed_is_not_shown(catalogue: Programs) -> None:
    homes = catalogue.program("healthy_homes")
    assert homes.url is not None and homes.shown_url is None
    hotline = catalogue.crisis["maternal_mental_health_hotline"]
    assert hotline.phone is not None and hotline.shown_phone is None and hotline.shown_text is None


def test_the_fallback_door_has_a_number_to_show(catalogue: Programs) -> None:
    assert catalogue.fallback.shown_phone == "1-800-505-7000"


def test_a_place_is_known_by_its_zip_code(catalogue: Programs) -> None:
    assert catalogue.near("06120-0001") == ("north_hartford_ascend",)
    assert catalogue.near("06510") == catalogue.near("") == ()


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("kind: hub", "kind: hubb", "'kind'"),
        ('phone: "1-800-505-7000"', 'phone: "505-7000"', "'phone'"),
        ("to_months: 252", "to_months: 0", "to_months"),
        ("unconfirmed: [hours]", "unconfirmed: [fax]", "fax"),
        ("id: ct211_child_development", "id: other", "the file is named 'ct211_child_development'"),
        ("kind: hub", "kind: hub\ncolour: red", "unknown field 'colour'"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_file_and_line(
    tmp_path: Path, before: str, after: str, complaint: str
) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "programs"))
    file = folder / "ct211_child_development.yaml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ContentError) as error:
        load_programs(folder)
    problem = error.value.problems[0]
    assert problem.file.endswith("ct211_child_development.yaml") and problem.line >= 1
    assert complaint in problem.message


def test_a_missing_language_is_named(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "programs"))
    file = folder / "easy_breathing.yaml"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if "Pregunte al doctor" not in line]
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ContentError, match="es' is missing"):
        load_programs(folder)


# the directory as a whole


def test_every_program_says_who_runs_it_whom_it_serves_and_how_a_referral_travels(catalogue: Programs) -> None:
    for program in catalogue.programs.values():
        assert program.operator and program.who and program.referral.steps and program.evidence, program.id


def test_nothing_unconfirmed_is_told_in_other_words(catalogue: Programs) -> None:
    for program in catalogue.programs.values():
        hidden = [value for fact in ("phone", "url", "fax", "text", "email")
                  if fact in program.unconfirmed and (value := getattr(program, fact))]
        told = " ".join((program.name.en, program.name.es, program.tell.en, program.tell.es))
        assert not any(value in told for value in hidden), program.id
        assert "Lead Free" not in told


def test_hours_fax_and_further_phones_are_shown_only_when_they_are_confirmed(catalogue: Programs) -> None:
    early, hub = catalogue.program("birth_to_three"), catalogue.program("ct211_child_development")
    assert early.shown_fax == "860-571-6853" and early.model_copy(update={"unconfirmed": ("fax",)}).shown_fax is None
    assert hub.hours is not None and hub.shown_hours is None
    assert hub.model_copy(update={"unconfirmed": ()}).shown_hours == hub.hours.said
    respite = catalogue.program("cyshcn_medical_home")
    assert len(respite.shown_more_phones) == 2
    assert respite.model_copy(update={"unconfirmed": ("more_phones",)}).shown_more_phones == ()
    assert hub.shown_email is hub.shown_text is None
    assert catalogue.crisis["ct_mobile_crisis_youth"].shown_hours is None
    assert catalogue.crisis["c988"].shown_hours is not None


def test_an_unconfirmed_zip_code_is_never_matched(catalogue: Programs) -> None:
    ascend = catalogue.program("north_hartford_ascend")
    assert ascend.places.zip_is_only_a_hint
    assert all(catalogue.near(code) == () for code in ascend.places.zip_codes_unconfirmed)


def broken(tmp_path: Path, name: str, before: str, after: str) -> str:
    """What is said of the directory when one file has been changed."""
    folder = Path(shutil.copytree(FOLDER, tmp_path / "programs"))
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ContentError) as error:
        load_programs(folder)
    [problem, *_] = [problem for problem in error.value.problems if problem.file.endswith(name)]
    assert problem.line >= 1
    return f"{problem.line}: {problem.message}"


@pytest.mark.parametrize(("name", "before", "after", "complaint"), [
    ("hvip.yaml", "places: {towns: [Hartford],", "places: {everywhere: true, towns: [Hartford],", "either 'everywhere: true'"),
    ("hvip.yaml", "places: {towns: [Hartford],", "places: {", "either 'everywhere: true'"),
    ("north_hartford_ascend.yaml", '["06112", "06105"]', '["06120"]', "not under both"),
    ("north_hartford_ascend.yaml", '["06120"]', "[6120]", "places.zip_codes.0"),
    ("birth_to_three.yaml", "[phone, online_form, fax]", "[phone, pigeon]", "referral.ways.1"),
    ("birth_to_three.yaml", "[phone, online_form, fax]", "[phone, hub]", "'through' names the program"),
    ("help_me_grow_ct.yaml", "through: ct211_child_development", "through: nobody", "no program here is named 'nobody'"),
    ("birth_to_three.yaml", "{facts: [fax],", "{facts: [pager],", "'evidence' names no fact that stands here: pager"),
    ("hvip.yaml", "facts: [url]}", "facts: [urls]}", "'cautions' names no fact that stands here: urls"),
    ("hvip.yaml", 'since: "2025-03"', 'since: "2025-13"', "cautions.0.since"),
    ("hvip.yaml", 'checked: "2026-11"\nevidence', "checked: never\nevidence", "is for a draft"),
    ("easy_breathing.yaml", "{from_months: 6,", "{from_pregnancy: true, from_months: 6,", "'from_pregnancy' goes with"),
    ("healthy_homes.yaml", "who: \"A home", "whom: \"A home", "unknown field 'whom'"),
    ("doors.yaml", "hub: ct211_child_development", "hub: ct212", "no program here is named 'ct212'"),
    ("doors.yaml", "hub: ct211_child_development", "hub: easy_breathing", "needs a confirmed phone"),
    ("doors.yaml", "worry: housing_lead", "worry: housing", "by_worry.0.worry"),
    ("doors.yaml", "program: easy_breathing", "program: hvip", "'hvip' is a draft"),
    ("doors.yaml", "preschool: early_childhood_special_education\n", "", "'preschool' is missing"),
    ("doors.yaml", "closes_days_before_end: 45", "closes_days_before_end: -1", "closes_days_before_end"),
    ("easy_breathing.yaml", "en: [asthma,", "en: [eviction,", "'eviction' already marks 'ccmc_care_coordination'"),
    ("easy_breathing.yaml", "en: [asthma,", 'en: ["?!",', "'?!' has no word"),
    ("easy_breathing.yaml", "  es: [asma,", "  fr: [asma,", "recognised_by"),
    ("crisis.yaml", "id: c988", "id: c911", "two lines have the same id"),
    ("crisis.yaml", "reach: nation", "reach: world", "lines.0.reach"),
])
def test_a_directory_that_contradicts_itself_is_refused(
    tmp_path: Path, name: str, before: str, after: str, complaint: str
) -> None:
    assert complaint in broken(tmp_path, name, before, after)


def test_a_mistake_about_a_whole_part_is_named_at_the_line_of_its_field(tmp_path: Path) -> None:
    said = broken(tmp_path, "hvip.yaml", "unconfirmed: [url, ages]", "unconfirmed: [url, age]")
    number = (FOLDER / "hvip.yaml").read_text(encoding="utf-8").splitlines().index("unconfirmed: [url, ages]") + 1
    assert said.startswith(f"{number}: 'unconfirmed' names no fact")


@pytest.mark.parametrize("name", ["doors.yaml", "crisis.yaml", "hvip.yaml"])
@pytest.mark.parametrize("text", ["{}", "", "- a list"])
def test_an_empty_file_is_refused_and_not_passed_over(tmp_path: Path, name: str, text: str) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "programs"))
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as error:
        load_programs(folder)
    assert any(problem.file.endswith(name) for problem in error.value.problems)


def test_a_folder_without_doors_or_crisis_lines_is_refused(tmp_path: Path) -> None:
    for name in ("doors.yaml", "crisis.yaml"):
        folder = Path(shutil.copytree(FOLDER, tmp_path / name))
        (folder / name).unlink()
        with pytest.raises(ContentError, match="cannot be read"):
            load_programs(folder)


def test_a_phrase_that_stands_in_the_words_of_a_milestone_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "programs"))
    file = folder / "easy_breathing.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("en: [asthma,", "en: [button,", 1), encoding="utf-8")
    assert load_programs(folder).named_in(["a button"])
    with pytest.raises(ContentError, match="'button' stands in the words of a milestone"):
        load_programs(folder, ["Does Ana push a button?"])


NEEDS = [
    ("my nephew was shot in june", "hvip"), ("le dispararon a su primo", "hvip"), ("his dad got stabbed", "hvip"),
    ("hubo una balacera y tiene miedo", "hvip"), ("we got an eviction notice", "ccmc_care_coordination"),
    ("nos quieren desalojar", "ccmc_care_coordination"), ("i need a lawyer", "ccmc_care_coordination"),
    ("no tenemos comida", "ccmc_care_coordination"), ("we need food", "ccmc_care_coordination"),
    ("there is peeling paint", "healthy_homes"), ("he had a high lead test", "healthy_homes"),
    ("vivimos en una casa vieja", "healthy_homes"), ("su plomo salió alto", "healthy_homes"),
    ("uses her inhaler at night", "easy_breathing"), ("quiero un plan de asma", "easy_breathing"),
    ("we don't have a car seat", "injury_prevention_safe_kids"),
    ("scared he falls out: window guards?", "injury_prevention_safe_kids"),
    ("cómo pongo la casa a prueba de niños", "injury_prevention_safe_kids"),
    ("how do i poison proof the house", "injury_prevention_safe_kids"),
    ("she uses a wheelchair", "cyshcn_medical_home"), ("come por sonda de alimentación", "cyshcn_medical_home"),
    ("we need respite", "cyshcn_medical_home"), ("tiene una enfermedad crónica", "cyshcn_medical_home"),
    ("I want the Ages & Stages screening", "ages_and_stages_sparkler"), ("quiero la app Sparkler", "ages_and_stages_sparkler"),
    ("i live in the north end of hartford", "north_hartford_ascend"), ("vivo en el norte de Hartford", "north_hartford_ascend"),
    ("tell me about easy breathing", "easy_breathing"), ("is healthy homes still open", "healthy_homes"),
]


@pytest.mark.parametrize(("words", "program"), NEEDS)
def test_a_need_is_known_by_the_parents_own_words(catalogue: Programs, words: str, program: str) -> None:
    assert program in [door.program_id for door in catalogue.named_in([words])]


@pytest.mark.parametrize("words", [
    "he leads the way", "she got her shots at the doctor", "a shot in the leg made her cry", "plays house with his sister",
    "he hits", "she pushes buttons", "no hay pintura vieja aquí", "he has no asthma", "he eats no food with color",
    "we drive by the park",
    "she has a stabbing pain", "no lo puedo sacar de la casa", "the smoke alarm scares him", "juega a la casita",
    "he falls a lot", "le pusieron las vacunas", "she takes the lead in games", "mira por la ventana", "he throws food",
    "our old house had a yard and he loved it"])
def test_ordinary_words_call_for_no_program(catalogue: Programs, words: str) -> None:
    assert catalogue.named_in([words]) == ()


def test_the_name_of_a_district_is_a_hint_at_the_program_of_the_place(catalogue: Programs) -> None:
    assert catalogue.near("Upper Albany") == catalogue.near("Clay Arsenal, Hartford") == ("north_hartford_ascend",)
    assert catalogue.near("Hartford") == ()


def test_a_hub_that_connects_is_a_way_that_a_person_carries(catalogue: Programs) -> None:
    alone = {program.id for program in catalogue.programs.values() if program.referral.is_taken_by_family}
    assert alone == {"ages_and_stages_sparkler", "injury_prevention_safe_kids", "easy_breathing", "hvip"}


def test_every_way_that_a_family_takes_alone_says_what_to_do_and_no_unconfirmed_address_is_shown(catalogue: Programs) -> None:
    assert all(program.shown_step for program in catalogue.programs.values() if program.referral.is_taken_by_family)
    assert catalogue.program("hvip").shown_link is None and catalogue.program("healthy_homes").shown_link is None
    assert catalogue.program("ages_and_stages_sparkler").shown_link == "https://playsparkler.org/"


@pytest.mark.parametrize(("language", "most"), [("en", 2), ("es", 3)])
def test_an_offer_is_a_short_text(catalogue: Programs, language: Language, most: int) -> None:
    told = {program.id: f"{program.name.in_language(language)}: {program.tell.in_language(language)}"
            for program in catalogue.programs.values()}
    assert {name: text for name, text in told.items() if count(as_sms(text)).segments > most} == {}
