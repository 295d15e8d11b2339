"""What belongs to one affiliate stands in its folder: no program, number or place of Connecticut in code or in shared words.

The demo, the benches and the tests may name them: they are about the first affiliate.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tree import ENGINE, ROOT, Module, modules, text_of

PROGRAMS = ("intake", "actions", "gateway", "worker", "console", ENGINE)
DIRECTORY = ROOT / "content" / "programs"
# Words that every affiliate shares; console*.yaml is read by staff and held to it too.
SHARED = ("domain.yml", "content/messages", "content/questions", "content/safety", "content/activities")
NAMES = ("Connecticut", "Birth to Three", "Sparkler", "Easy Breathing", "Healthy Homes", "CT Safe Connect", "DCF", "Careline",
         "CT")
# Kept in the database as an answer, and shown as "211".
NOT_SAID = frozenset({"ct211"})
NOT_HEARD = frozenset({"source", "canonical_source", "patterns", "unclear", "young", "words", "sets"})
EVERYWHERE = frozenset({"211", "911", "988"})


def read(path: Path) -> Any:
    """A YAML file as plain data."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


@cache
def directory() -> dict[str, Any]:
    """The files of the first affiliate's directory by name."""
    return {path.stem: read(path) for path in DIRECTORY.glob("*.yaml")}


def of_the_state() -> Iterator[dict[str, Any]]:
    """The programs, and the crisis lines that do not serve the whole nation."""
    for name, data in directory().items():
        if "id" in data:
            assert data["id"] == name
            yield data
    yield from (line for line in directory()["crisis"]["lines"] if line["reach"] == "area")


def ids() -> set[str]:
    return {data["id"] for data in of_the_state()}


def numbers() -> set[str]:
    """The numbers of the state's programs and lines, as digits without the leading 1."""
    own = [str(number) for data in of_the_state() for number in (data.get("phone"), data.get("text"), data.get("fax")) if number]
    own += [more["phone"] for data in of_the_state() for more in data.get("more_phones", ())]
    return {digits for number in own if len(digits := re.sub(r"\D", "", number).removeprefix("1")) == 10}


def places() -> set[str]:
    """The towns and ZIP codes of the programs."""
    return {place for data in of_the_state() if "places" in data
            for place in (*data["places"].get("towns", ()), *data["places"].get("zip_codes", ()))}


def strings(module: Module) -> Iterator[ast.Constant]:
    """The string constants of a module that are no docstrings."""
    free = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}
    return (node for node in ast.walk(module.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in free)


def named(text: str, names: set[str]) -> list[str]:
    """Which of ``names`` stand in ``text`` as words of their own."""
    return [name for name in sorted(names) if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]


def numbers_in(text: str) -> list[str]:
    """Which of the state's numbers stand in ``text``, however they are written."""
    digits = re.sub(r"(?<=\d)[-. )(]+(?=\d)", "", text)
    return [number for number in sorted(numbers()) if number in digits]


@pytest.mark.parametrize("module", modules(*PROGRAMS), ids=lambda module: str(module.path))
def test_no_program_place_or_number_of_one_state_stands_in_code(module: Module) -> None:
    wanted = ids() | places() | set(NAMES)
    found = [f"line {node.lineno}: {name}" for node in strings(module) for name in named(node.value, wanted)]
    assert found == [] and numbers_in(module.source) == []


def shared_files() -> list[Path]:
    """The files of words that all affiliates share."""
    found = [ROOT / name for name in SHARED]
    return [file for path in found for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]


def texts(data: Any) -> Iterator[str]:
    """Every text in what was read, without the sources of facts and the ways in which families write."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, list):
        yield from (text for item in data for text in texts(item))
    elif isinstance(data, dict):
        yield from (text for key, item in data.items() if key not in NOT_HEARD for text in texts(item))


@pytest.mark.parametrize("path", shared_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_word_that_all_affiliates_share_names_one_state(path: Path) -> None:
    data = read(path)
    said = data["responses"] if path.name == "domain.yml" else data
    wanted = (set(NAMES) | places() | ids()) - EVERYWHERE
    found = [(text, hit) for text in texts(said) if text not in NOT_SAID for hit in (*named(text, wanted), *numbers_in(text))]
    assert found == []


def test_the_directory_has_what_is_searched_for() -> None:
    assert len(ids()) > 12 and len(numbers()) > 5 and "Hartford" in places()


def test_a_name_or_number_of_one_state_would_be_found() -> None:
    assert named("the program birth_to_three fits", ids()) == ["birth_to_three"] and named("ask_birth_to_three", ids()) == []
    assert numbers_in("call 1-800-" + "505-7000") and numbers_in("(800) 505" + ".7000")
    assert named("families in Connecticut", set(NAMES)) == ["Connecticut"]


def test_the_second_affiliate_is_really_another_one() -> None:
    other = ROOT / "tests" / "second_affiliate" / "content"
    words = " ".join(text_of(path.relative_to(ROOT)) for path in other.rglob("*.yaml"))
    assert named(words, set(NAMES) | places() | ids()) == [] and numbers_in(words) == []
