"""README, CONTRIBUTING and docs/ tell the truth: every folder is named, every command, setting and link exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import click
import pytest
import typer.main
from pydantic_settings import BaseSettings
from tree import ENGINE, ROOT, SERVICE, files, modules, page, pages, text_of

import console.settings
import intake.settings
from growline.cli import app
from growline.demo import Ports

SETTING = re.compile(r"\b(?:GROWLINE|TWILIO|GATEWAY|WORKER|CONSOLE|ACTIONS|SIMULATOR|ENGINE|RASA)_[A-Z][A-Z0-9_]*[A-Z0-9]\b")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
MAKE = re.compile(r"(?:^|[`$;&] ?)make((?: [a-z][\w-]*)+)", re.MULTILINE)
GROWLINE = re.compile(r"(?:^|[`$;&|/] ?|-m )growline((?: [a-z][\w-]*)+)", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)

OPERATING = "docs/operating.md"


@cache
def code_on_pages() -> tuple[tuple[Path, str], ...]:
    """Every piece of code on every page."""
    return tuple((path, code) for path in pages() for code in CODE.findall(text_of(path)))


def top_folders() -> list[str]:
    """The folders at the root that hold committed files."""
    return sorted({path.parts[0] for path in files() if len(path.parts) > 1 and not path.parts[0].startswith(".")})


def test_the_readme_says_of_every_top_level_folder_what_it_is() -> None:
    lines = page("README.md").splitlines()
    silent = [folder for folder in top_folders()
              if not any(re.search(rf"(?<![\w/]){folder}/(?![\w])", line) and len(line.split()) > 3 for line in lines)]
    assert silent == []


def test_the_readme_shows_the_three_commands_first() -> None:
    start = "\n".join(page("README.md").splitlines()[:60])
    assert [command for command in ("make run", "make test", "make bench") if command not in start] == []


def make_targets() -> set[str]:
    """The targets of the Makefile."""
    return set(re.findall(r"^([a-z][\w-]*):", text_of(Path("Makefile")), re.MULTILINE))


def test_every_make_target_on_a_page_exists() -> None:
    page("README.md")
    missing = [f"{path}: make {target}" for path, code in code_on_pages() for named in MAKE.findall(code)
               for target in named.split()[:1] if target not in make_targets()]
    assert missing == []


def unknown_command(words: list[str]) -> str | None:
    """The first of ``words`` that is no command of ``growline`` at its place; None when all are."""
    at: click.Command = typer.main.get_command(app)
    for word in words:
        if not hasattr(at, "commands"):
            return None  # what follows are arguments
        if word not in at.commands:
            return word
        at = at.commands[word]
    return None


def test_every_growline_command_on_a_page_exists() -> None:
    page("README.md")
    missing = [f"{path}: growline{named}" for path, code in code_on_pages() for named in GROWLINE.findall(code)
               if unknown_command(named.split())]
    assert missing == []


def test_an_unknown_growline_command_would_be_found() -> None:
    assert unknown_command(["staff", "add", "somebody"]) is None
    assert unknown_command(["staff", "fire"]) == "fire" and unknown_command(["dance"]) == "dance"


@cache
def settings_in_code() -> frozenset[str]:
    """Every name of a setting that the code, the Makefile or Rasa's files know."""
    written = {node.value for module in modules(*SERVICE, ENGINE, "bench", "tests") for node in ast.walk(module.tree)
               if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    ports = {f"{name.upper()}_PORT" for name in Ports.__dataclass_fields__}
    others = " ".join(text_of(path) for path in files() if path.name == "Makefile" or path.suffix in (".yml", ".sh"))
    return frozenset(text for text in written if SETTING.fullmatch(text)) | frozenset(SETTING.findall(others)) | ports


def test_every_setting_on_a_page_exists() -> None:
    page(OPERATING)
    missing = {f"{path}: {name}" for path in pages() for name in SETTING.findall(text_of(path)) if name not in settings_in_code()}
    assert missing == set()


def settings_read() -> set[str]:
    """The names of every setting a program reads."""
    kinds = [kind for module in (intake.settings, console.settings) for kind in vars(module).values()
             if isinstance(kind, type) and issubclass(kind, BaseSettings)]
    return {str(field.alias) for kind in kinds for field in kind.model_fields.values()}


def test_every_setting_is_explained_to_operators() -> None:
    explained = set(SETTING.findall(page(OPERATING)))
    assert sorted(settings_read() - explained) == []


def anchors(text: str) -> set[str]:
    """The anchors of the headings, as a forge makes them."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text)}


@pytest.mark.parametrize("path", pages(), ids=str)
def test_every_link_to_a_file_leads_somewhere(path: Path) -> None:
    dead = []
    for link in ("".join(found) for found in LINK.findall(text_of(path))):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (ROOT / path).parent / file if file else ROOT / path
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            dead.append(link)
    assert dead == []
