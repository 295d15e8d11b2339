"""Every file that names a Python names the same two: 3.11 for the programs, 3.10 for the engine."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from tree import page, pages, text_of

PROGRAMS, ENGINE = "3.11", "3.10"


def project(path: str) -> dict[str, Any]:
    return tomllib.loads(text_of(Path(path)))


def test_the_version_files_name_the_programs_python_and_the_engines() -> None:
    assert text_of(Path(".python-version")).split() == [PROGRAMS, ENGINE]
    assert text_of(Path("bot/.python-version")).split() == [ENGINE]


def test_the_project_files_ask_for_these_pythons() -> None:
    assert project("pyproject.toml")["project"]["requires-python"].startswith(f">={PROGRAMS},")
    assert project("bot/pyproject.toml")["project"]["requires-python"] == f">={ENGINE},<{PROGRAMS}"


def test_the_types_are_checked_for_the_oldest_python_the_programs_run_on() -> None:
    assert project("pyproject.toml")["tool"]["mypy"]["python_version"] == PROGRAMS


def test_these_tests_run_on_the_programs_python() -> None:
    assert f"{sys.version_info.major}.{sys.version_info.minor}" == PROGRAMS


def test_the_pages_name_no_other_python() -> None:
    page("README.md")
    others = {f"{path}: Python {version}" for path in pages()
              for version in re.findall(r"[Pp]ython ?(3\.\d+)", text_of(path)) if version not in (PROGRAMS, ENGINE)}
    assert others == set()
