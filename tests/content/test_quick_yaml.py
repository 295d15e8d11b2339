"""The quick reader of YAML reads as the careful one does, or gives up."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from intake.content.quick_yaml import read_quickly
from intake.content.yaml_source import Source, read_source
from intake.settings import ROOT

FILES = sorted([*(ROOT / "content").rglob("*.yaml"), *(ROOT / "tests" / "second_affiliate").rglob("*.yaml")])
GIVES_UP = object()
# What people write, and what some reader of YAML takes for something else than a word.
ODD = ["yes", "no", "on", "off", "y", "n", "Yes", "NO", "~", "null", "true", "False",
       "0", "7", "-7", "+7", "07", "0o17", "0x1F", "0b1", "1_000", "1:30", "1.5", "1.", ".5", "-.5", "1e3", "1.5E-3",
       ".inf", "-.INF", ".nan", "2026-11-26", "2026-11-26 10:00:00", "2026-11", "=", "<<", "-", "--", "...",
       "211", "1-800", "3yo", "2 years", "3 feb", "4d", "12e", "x", "¿sí?", "No, gracias", "1,5", "5%"]


def carefully(text: str) -> object:
    try:
        return YAML(typ="rt").load(text)
    except YAMLError:
        return GIVES_UP


def quickly(text: str) -> object:
    try:
        return read_quickly(text)
    except yaml.YAMLError:
        return GIVES_UP


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_content_file_is_read_quickly_and_alike(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert quickly(text) == carefully(text)


def same(one: object, other: object) -> bool:
    """Whether both are equal and the one is a word, a truth value or nothing where the other is."""
    return one == other and all(isinstance(one, kind) == isinstance(other, kind) for kind in (str, bool, type(None)))


@pytest.mark.parametrize("word", ODD)
@pytest.mark.parametrize("form", ["a: {}", "- {}", "{}: a"])
def test_an_odd_word_is_read_alike_or_left_to_the_other_reader(word: str, form: str) -> None:
    text = form.format(word)
    mine, other = quickly(text), carefully(text)
    if mine is GIVES_UP or other is GIVES_UP:
        assert mine is GIVES_UP, "what the careful reader refuses must not come through"
        return
    pairs = (next(iter(tree.items())) if isinstance(tree, dict) else tree for tree in (mine, other))
    assert all(same(one, two) for one, two in zip(*pairs, strict=True))


@given(st.text(alphabet="0123456789.+-_:eExobTZ~<=tfnulares", max_size=12))
def test_any_word_of_digits_and_signs_is_read_alike_or_left_to_the_other_reader(word: str) -> None:
    text = f"a: {word}"
    mine, other = quickly(text), carefully(text)
    if mine is not GIVES_UP and other is not GIVES_UP:
        assert isinstance(mine, dict) and isinstance(other, dict)
        assert [same(mine[key], other[key]) for key in mine] == [True] * len(other)


@pytest.mark.parametrize("text", ["a: 1\na: 2", "a: [1", "a: *b", "a: !!python/name:os.system x", "a: \x00"])
def test_what_is_wrong_is_never_read_quickly(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        read_quickly(text)


def test_a_complaint_still_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("# a comment\nfirst: 1\nsecond:\n  - {third: 2}\n")
    source: Source = read_source(file)
    assert not source.problems and source.line_of(("second", 0, "third")) == 4


def test_a_key_that_stands_twice_is_complained_of_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("first: 1\nfirst: 2\n")
    [problem] = read_source(file).problems
    assert problem.line == 2 and "duplicate key" in problem.message
