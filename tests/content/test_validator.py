"""An editor who breaks a question file is told the file, the line and what to do, for every mistake at once.

Each test writes a small sound content folder into a temporary place, breaks a thing and reads the complaint.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from intake.content.questions import Questions, load_questions
from intake.content.yaml_source import ContentError, Problem

ROOT = Path(__file__).resolve().parents[2]

IDS = """\
version: 1
milestones:
  - {id: m02.social.smiles_back, checklist: 2, domain: social_emotional}
  - {id: m02.movement.opens_hands, checklist: 2, domain: movement_physical}
  - {id: m18.movement.scribbles, checklist: 18, domain: movement_physical}
"""

TWO_MONTHS = """\
checklist: 2
version: 3
canonical_source: "https://example.org/2-months"
questions:
  - id: m02.social.smiles_back
    domain: social_emotional
    question:
      en: "Does {child} smile back at you?"
      es: "¿{child} le devuelve la sonrisa?"
    label:
      en: "smiles back"
      es: "devuelve la sonrisa"
    example:
      en: "You smile and {child} smiles too."
      es: "Usted sonríe y {child} también."
    source: "https://example.org/list"
  - id: m02.movement.opens_hands
    domain: movement_physical
    question:
      en: "Does {child} open the hands?"
      es: "¿{child} abre las manos?"
    label:
      en: "opens the hands"
      es: "abre las manos"
    example:
      en: "The fist opens for a moment."
      es: "El puño se abre un momento."
    source: "https://example.org/list"
"""

EIGHTEEN_MONTHS = """\
checklist: 18
version: 1
canonical_source: "https://example.org/18-months"
questions:
  - id: m18.movement.scribbles
    domain: movement_physical
    question:
      en: "Does {child} scribble?"
      es: "¿{child} hace garabatos?"
    label:
      en: "scribbles"
      es: "hace garabatos"
    example:
      en: "Marks on paper count."
      es: "Valen las rayas en un papel."
    source: "https://example.org/list"
"""


EXAMPLE = """\
    example:
      en: "You smile and {child} smiles too."
      es: "Usted sonríe y {child} también."
"""


def a_folder(parent: Path, two: str = TWO_MONTHS, eighteen: str = EIGHTEEN_MONTHS, ids: str = IDS) -> Path:
    """A ``questions`` folder with these three files; without an argument it is sound."""
    folder = parent / "questions"
    folder.mkdir()
    (folder / "ids.yaml").write_text(ids, encoding="utf-8")
    (folder / "02-months.yaml").write_text(two, encoding="utf-8")
    (folder / "18-months.yaml").write_text(eighteen, encoding="utf-8")
    return folder


def changed(text: str, old: str, new: str) -> str:
    """``text`` with the first ``old`` replaced; the test itself is wrong when ``old`` is not there."""
    assert old in text
    return text.replace(old, new, 1)


def problems_of(folder: Path) -> list[Problem]:
    """What the loader complains about; fails the test when it does not complain."""
    with pytest.raises(ContentError) as caught:
        load_questions(folder)
    return caught.value.problems


def only_problem(folder: Path) -> tuple[str, int, str]:
    """File name, line and message of the single complaint."""
    problems = problems_of(folder)
    assert len(problems) == 1, [str(problem) for problem in problems]
    return Path(problems[0].file).name, problems[0].line, problems[0].message


def test_a_sound_folder_loads_in_order_with_both_languages(tmp_path: Path) -> None:
    questions = load_questions(a_folder(tmp_path))
    assert list(questions.checklists) == [2, 18]
    assert questions.checklists[2].version == 3
    assert [each.id for each in questions.checklists[2].questions] == [
        "m02.social.smiles_back",
        "m02.movement.opens_hands",
    ]
    scribbles = questions.question("m18.movement.scribbles")
    assert (scribbles.checklist, scribbles.domain) == (18, "movement_physical")
    assert scribbles.label.in_language("es") == "hace garabatos"


def test_asking_for_an_unknown_question_is_a_key_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        load_questions(a_folder(tmp_path)).question("m18.movement.flies")


def test_loaded_questions_cannot_be_changed(tmp_path: Path) -> None:
    questions: Questions = load_questions(a_folder(tmp_path))
    with pytest.raises((AttributeError, TypeError)):
        questions.checklists = {}  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        questions.question("m18.movement.scribbles").source = "elsewhere"


# What is wrong, the text replaced, the text put there, the line complained about, a part of the complaint.
MISTAKES_AT_TWO_MONTHS = [
    ("no Spanish", '      es: "¿{child} abre las manos?"\n', "", 19, "'question.es' is missing"),
    ("Spanish left empty", '"¿{child} abre las manos?"', "", 21, "'question.es' is missing"),
    ("no English", '      en: "smiles back"\n', "", 10, "'label.en' is missing"),
    ("empty English", '"smiles back"', '""', 11, "'label.en'"),
    ("no example", EXAMPLE, "", 5, "'example' is missing"),
    (
        "a field nobody knows",
        "    domain: social",
        "    weight: 2\n    domain: social",
        6,
        "unknown field 'weight'",
    ),
    (
        "a language nobody knows",
        '      es: "abre',
        '      pt: "abre"\n      es: "abre',
        24,
        "unknown field 'label.pt'",
    ),
    ("a field nobody knows at the top", "version: 3", "version: 3\nowner: me", 3, "unknown field 'owner'"),
    (
        "another milestone's domain",
        "domain: movement_physical",
        "domain: cognitive",
        18,
        "write movement_physical",
    ),
    ("a domain nobody knows", "domain: movement_physical", "domain: motor", 18, "'domain'"),
    ("the child is not named", "¿{child} abre", "¿Su bebé abre", 21, "name the child"),
    ("a misspelt placeholder", "and {child} smiles", "and {name} smiles", 14, "unknown placeholder '{name}'"),
    ("a brace left open", "y {child} también", "y {child también", 15, "unknown placeholder '{'"),
    ("a name in a label", '"opens the hands"', '"{child} opens hands"', 23, "a label has no placeholder"),
    ("a long label", '"opens the hands"', f'"{"x" * 61}"', 23, "shorten it to 60 characters (now 61)"),
    ("no source address", "https://example.org/list", "the list", 16, "begins with https://"),
    ("no version", "version: 3\n", "", 1, "'version' is missing"),
    ("a version that is no number", "version: 3", "version: new", 2, "'version'"),
]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [mistake[1:] for mistake in MISTAKES_AT_TWO_MONTHS],
    ids=[mistake[0] for mistake in MISTAKES_AT_TWO_MONTHS],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    found = only_problem(a_folder(tmp_path, two=changed(TWO_MONTHS, old, new)))
    assert found[:2] == ("02-months.yaml", line)
    assert message in found[2]


def test_a_question_that_is_no_mapping_is_told(tmp_path: Path) -> None:
    found = only_problem(a_folder(tmp_path, two=TWO_MONTHS + "  - smiles\n"))
    assert found == ("02-months.yaml", 29, "here belong fields (key: value), each on its own line")


def test_a_question_asked_twice_is_told_at_the_second_place(tmp_path: Path) -> None:
    again = TWO_MONTHS[TWO_MONTHS.index("  - id: m02.movement") :]
    file, line, message = only_problem(a_folder(tmp_path, two=TWO_MONTHS + again))
    assert (file, line) == ("02-months.yaml", 29)
    assert message.startswith("duplicate id 'm02.movement.opens_hands'")
    assert "02-months.yaml:17, remove one" in message


def test_an_unknown_id_is_told_at_its_line_and_the_missing_one_too(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, two=changed(TWO_MONTHS, "m02.movement.opens_hands", "m02.movement.open_hand"))
    assert [(Path(each.file).name, each.line, each.message) for each in problems_of(folder)] == [
        ("02-months.yaml", 4, "missing id 'm02.movement.opens_hands': add its question"),
        ("02-months.yaml", 17, "unknown id 'm02.movement.open_hand': correct it, or add it to ids.yaml"),
    ]


def test_an_id_of_another_age_is_sent_home(tmp_path: Path) -> None:
    stray = EIGHTEEN_MONTHS.split("questions:\n")[1]
    found = problems_of(a_folder(tmp_path, two=TWO_MONTHS + stray))
    assert any(each.line == 29 and "belongs in 18-months.yaml" in each.message for each in found)
    assert any(
        Path(each.file).name == "18-months.yaml" and each.line == 5 and "02-months.yaml:29" in each.message
        for each in found
    )


def test_questions_out_of_order_are_told(tmp_path: Path) -> None:
    head, first, second = TWO_MONTHS.split("  - id:")
    folder = a_folder(tmp_path, two=f"{head}  - id:{second}  - id:{first}")
    assert only_problem(folder) == (
        "02-months.yaml",
        5,
        "wrong order: 'm02.social.smiles_back' comes here, as in ids.yaml",
    )


def test_a_tab_is_told_at_its_line_and_nothing_else_of_that_file(tmp_path: Path) -> None:
    file, line, message = only_problem(
        a_folder(tmp_path, two=changed(TWO_MONTHS, "    domain: movement", "\tdomain: movement"))
    )
    assert (file, line) == ("02-months.yaml", 18)
    assert message.startswith("this is not valid YAML")


def test_a_key_written_twice_is_told_at_its_line(tmp_path: Path) -> None:
    twice = changed(TWO_MONTHS, "    domain: movement_physical\n", "    domain: movement_physical\n" * 2)
    file, line, message = only_problem(a_folder(tmp_path, two=twice))
    assert (file, line) == ("02-months.yaml", 19)
    assert "duplicate key" in message


@pytest.mark.parametrize(
    "text", ["", "- a list\n", "just words\n", "\x00"], ids=["empty", "list", "words", "NUL"]
)
def test_a_file_that_is_no_question_file_is_one_problem(tmp_path: Path, text: str) -> None:
    assert only_problem(a_folder(tmp_path, two=text))[:2] == ("02-months.yaml", 1)


def test_a_file_that_is_not_utf_8_is_one_problem(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    (folder / "02-months.yaml").write_bytes(TWO_MONTHS.encode("latin-1"))
    assert only_problem(folder) == ("02-months.yaml", 1, "this file is not UTF-8 text")


def test_a_missing_file_is_told_where_its_first_id_is_listed(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    (folder / "18-months.yaml").unlink()
    assert only_problem(folder) == (
        "ids.yaml",
        5,
        "no file holds the 18-month checklist: write 18-months.yaml",
    )


def test_a_misnamed_file_is_told(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    (folder / "18-months.yaml").rename(folder / "18-month.yml")
    file, line, message = only_problem(folder)
    assert (file, line) == ("18-month.yml", 1)
    assert "rename the file to 18-months.yaml" in message


def test_an_age_without_milestones_is_told(tmp_path: Path) -> None:
    found = problems_of(
        a_folder(tmp_path, eighteen=changed(EIGHTEEN_MONTHS, "checklist: 18", "checklist: 19"))
    )
    assert any(each.line == 1 and "no 19-month checklist" in each.message for each in found)


def test_a_missing_list_of_ids_is_told(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    (folder / "ids.yaml").unlink()
    assert any(
        Path(each.file).name == "ids.yaml" and "cannot be read" in each.message
        for each in problems_of(folder)
    )


def test_an_id_listed_twice_is_told(tmp_path: Path) -> None:
    last = IDS.splitlines()[-1]
    file, line, message = only_problem(a_folder(tmp_path, ids=f"{IDS}{last}\n"))
    assert (file, line) == ("ids.yaml", 6)
    assert "listed twice" in message


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    two = changed(
        changed(TWO_MONTHS, '      es: "abre las manos"\n', ""), "Does {child} smile", "Do they smile"
    )
    eighteen = changed(EIGHTEEN_MONTHS, "    domain", "    colour: red\n    domain")
    found = [(Path(each.file).name, each.line) for each in problems_of(a_folder(tmp_path, two, eighteen))]
    assert found == [("02-months.yaml", 8), ("02-months.yaml", 22), ("18-months.yaml", 6)]


def check(content: Path) -> subprocess.CompletedProcess[str]:
    """Runs the command an editor runs."""
    command = [sys.executable, "-m", "intake.content", str(content)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_the_command_prints_one_line_a_problem_and_fails(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, two=changed(TWO_MONTHS, "¿{child} abre", "¿Abre"))
    done = check(tmp_path)
    assert done.returncode == 1
    assert f"{folder / '02-months.yaml'}:21: " in done.stdout
    assert "name the child" in done.stdout


def test_the_command_fails_on_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    done = check(tmp_path / "nowhere")
    assert done.returncode == 1
    assert "cannot be read" in done.stdout
