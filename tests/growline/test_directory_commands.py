"""``growline programs …``: the table of README.md, what is stale, and the way out to HSDS and back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from growline.directory import add_program_commands
from growline.directory_page import BEGIN, END, README, NoTable, page_with_table, program_table
from intake.content.library import load_content
from intake.settings import ROOT

Run = Callable[..., Result]
PROGRAMS = load_content(ROOT / "content").programs


@pytest.fixture
def run() -> Run:
    """Runs one command."""
    commands = typer.Typer()
    add_program_commands(commands)
    return lambda *words: CliRunner().invoke(commands, [str(word) for word in words])


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A content folder to change."""
    return Path(shutil.copytree(ROOT / "content", tmp_path / "content"))


def change(content: Path, name: str, before: str, after: str) -> None:
    file = content / "programs" / f"{name}.yaml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


# the table


def test_the_readme_has_the_table_that_the_directory_gives() -> None:
    page = README.read_text(encoding="utf-8")
    assert page_with_table(page, PROGRAMS) == page, "run: growline programs table"


def test_the_table_names_every_program_and_no_unconfirmed_number_or_age() -> None:
    table = program_table(PROGRAMS)
    rows = {row.split("`")[1]: row for row in table.splitlines()[2:]}
    assert set(rows) == set(PROGRAMS.programs)
    assert "| – |" in rows["hvip"].replace("under", "") and "to under 21" not in rows["hvip"]
    assert "through 211 Child Development" in rows["help_me_grow_ct"] and "only a hint" in rows["north_hartford_ascend"]


def test_a_page_without_the_marks_is_not_written(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{END}\n{BEGIN}\n", encoding="utf-8")
    done = run("table", "--page", page)
    assert done.exit_code == 1 and "needs" in done.output and page.read_text(encoding="utf-8") == f"{END}\n{BEGIN}\n"
    with pytest.raises(NoTable):
        page_with_table("nothing here", PROGRAMS)


def test_the_table_is_written_between_the_marks_and_nothing_else_changes(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    assert run("table", "--page", page).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\n| program |") and text.endswith(f"\n{END}\nafter\n") and "old" not in text


# what is stale


def test_within_the_limit_nothing_fails_and_past_it_the_command_ends_with_1(run: Run) -> None:
    good, late = run("stale", "--today", "2026-11-30"), run("stale", "--today", "2027-06-01")
    assert good.exit_code == 0 and "0 are older than 6 months" in good.output
    assert late.exit_code == 1 and "OLD birth_to_three.phone: 2026-11" in late.output
    assert run("stale", "--today", "2027-05-31", "--months", "5").exit_code == 1


def test_unconfirmed_facts_are_listed_and_alone_do_not_fail(run: Run) -> None:
    said = run("stale", "--today", "2026-11-30").output
    assert "healthy_homes.url: 2026-11" in said and "maternal_mental_health_hotline.phone: 2026-11" in said
    assert "OLD healthy_homes.url" not in run("stale", "--today", "2029-01-01").output


def test_a_caution_fails_once_it_has_come_due_while_its_fact_is_shown(run: Run, content: Path) -> None:
    before, after = run("stale", "--today", "2026-11-30"), run("stale", "--today", "2026-12-01")
    assert before.exit_code == 0 and after.exit_code == 1
    assert "DUE north_hartford_ascend" in after.output and "DUE healthy_homes" not in after.output
    change(content, "healthy_homes", "unconfirmed: [url]", "unconfirmed: []")
    assert "DUE healthy_homes" in run("stale", "--today", "2026-11-30", "--content", content).output


def test_a_fact_is_as_old_as_its_own_evidence(run: Run, content: Path) -> None:
    change(content, "birth_to_three", '{facts: [fax], source: "https://www.birth23.org/", checked: "2026-11"',
           '{facts: [fax], source: "https://www.birth23.org/", checked: "2025-01"')
    said = run("stale", "--today", "2026-11-30", "--content", content)
    assert said.exit_code == 1 and [line for line in said.output.splitlines() if line.startswith("OLD")] == [
        "OLD birth_to_three.fax: 2025-01"]


def test_a_month_still_to_come_is_a_mistake(run: Run, content: Path) -> None:
    change(content, "easy_breathing", 'checked: "2026-11"\nevidence', 'checked: "2036-11"\nevidence')
    said = run("stale", "--today", "2026-11-30", "--content", content)
    assert said.exit_code == 1 and "AHEAD easy_breathing.tell: 2036-11" in said.output


@pytest.mark.parametrize("words", [("--today", "yesterday"), ("--months", "0"), ("--months", "six")])
def test_a_wrong_word_gets_a_clear_answer(run: Run, words: tuple[str, str]) -> None:
    assert run("stale", *words).exit_code == 2


def test_a_broken_folder_is_named_with_file_and_line(run: Run, content: Path) -> None:
    change(content, "hvip", "kind: violence_recovery", "kind: violence")
    said = run("stale", "--content", content)
    assert said.exit_code == 1 and "hvip.yaml:" in said.output and "'kind'" in said.output


# HSDS


def test_the_directory_goes_out_and_comes_back_as_drafts(run: Run, tmp_path: Path) -> None:
    file, to = tmp_path / "hsds.json", tmp_path / "drafts" / "new"
    assert run("export", "--hsds", file).exit_code == 0
    done = run("import", file, "--to", to)
    assert done.exit_code == 0 and "12 drafts written, 0 not" in done.output
    assert sorted(path.stem for path in to.iterdir()) == sorted(PROGRAMS.programs)
    assert "hvip.yaml: written; missing: ages" in done.output


def test_no_file_is_ever_overwritten(run: Run, tmp_path: Path) -> None:
    file, to = tmp_path / "hsds.json", tmp_path / "drafts"
    to.mkdir()
    (to / "birth_to_three.yaml").write_text("ours", encoding="utf-8")
    run("export", "--hsds", file)
    done = run("import", file, "--to", to)
    assert done.exit_code == 1 and "birth_to_three.yaml: not written" in done.output and "11 drafts written, 1 not" in done.output
    assert (to / "birth_to_three.yaml").read_text(encoding="utf-8") == "ours"


@pytest.mark.parametrize(("written", "answer"), [
    (b"{not json", "not JSON"),
    (b"", "not JSON"),
    (b"\xff\xfe\x00", "not UTF-8"),
    (b"[" * 100_000, "nested too deeply"),
    (b'{"things": []}', "holds no services"),
    (b'[{"name": "A"}]', "service 1 ('A'): id: Field required"),
    (b'[{"id": "1", "name": "A", "minimum_age": "two"}]', "minimum_age"),
    (b'[{"id": "1", "name": "A", "minimum_age": NaN}]', "number"),
    (b'[{"id": "1", "name": "A", "phones": [{"type": "voice"}]}]', "phones[1].number"),
    (b'[{"id": "1", "name": "A"}, {"id": "1", "name": "B"}]', "stands 2 times"),
    (b'[7, null]', "service 2"),
    (b" " * 10_000_000 + b"[]", "larger than 5 MB"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_file_that_cannot_be_taken_over_is_refused_and_says_why(run: Run, tmp_path: Path, written: bytes, answer: str) -> None:
    file, to = tmp_path / "hsds.json", tmp_path / "drafts"
    file.write_bytes(written)
    done = run("import", file, "--to", to)
    assert done.exit_code == 2 and answer in done.output and "Traceback" not in done.output
    assert not to.exists()


def test_a_missing_file_and_a_folder_that_is_a_file_get_a_clear_answer(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "hsds.json"
    assert run("import", file, "--to", tmp_path / "to").exit_code == 2
    file.write_text(json.dumps([]), encoding="utf-8")
    assert run("import", file, "--to", file).exit_code == 2
    assert run("export", "--hsds", tmp_path / "none" / "hsds.json").exit_code == 1
