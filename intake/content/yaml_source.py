"""Reads a content file and remembers on which line each thing stands.

People who are not programmers write the content, so every complaint must say file, line and what to do. A
reader collects all problems of all files before it gives up, so that an editor is not sent round for each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from yaml import YAMLError as QuickYAMLError

from intake.content.quick_yaml import read_quickly

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a content file: ``file`` as given, ``line`` from 1, ``message`` says what to do."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class ContentError(Exception):
    """The content cannot be used; ``problems`` holds every one found, in the order of the files."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class Source:
    """One parsed file: ``data`` is the YAML tree; ``problems`` is what is wrong in it."""

    path: Path
    data: Any
    problems: list[Problem] = field(default_factory=list)

    @cached_property
    def _marked(self) -> Any:
        """The tree with line marks. It takes long to read and is needed by complaints alone."""
        return YAML(typ="rt").load(self.path.read_text(encoding="utf-8")) if self.data else {}

    def line_of(self, where: tuple[str | int, ...]) -> int:
        """The line (from 1) of the place ``where``, or of its nearest parent that exists."""
        node, line = self._marked, 1
        for key in where:
            if isinstance(node, CommentedMap) and key in node:
                line = node.lc.key(key)[0] + 1
                node = node[key]
            elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
                line = node.lc.item(key)[0] + 1
                node = node[key]
            else:
                break
        return line

    def complain(self, where: tuple[str | int, ...], message: str) -> None:
        """Adds a problem at the place ``where`` (keys and list positions from the top of the file)."""
        self.problems.append(Problem(str(self.path), self.line_of(where), message))


@dataclass(frozen=True)
class Place:
    """A place in a file, whose line is looked up only when it is told."""

    source: Source
    where: tuple[str | int, ...]

    def __str__(self) -> str:
        return f"{self.source.path}:{self.source.line_of(self.where)}"


def read_source(path: Path) -> Source:
    """Parses ``path``; a file that is no YAML mapping gives a Source with ``data == {}`` and one problem."""
    source = Source(path, {})
    try:
        parsed = _parsed(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = (error.problem_mark.line + 1) if error.problem_mark else 1
        source.problems.append(Problem(str(path), line, f"this is not valid YAML: {error.problem}"))
        return source
    except UnicodeDecodeError:
        source.problems.append(Problem(str(path), 1, "this file is not UTF-8 text"))
        return source
    except YAMLError:
        source.problems.append(Problem(str(path), 1, "this file holds a control character: remove it"))
        return source
    except OSError as error:
        source.problems.append(Problem(str(path), 1, f"this file cannot be read: {error.strerror}"))
        return source
    if not isinstance(parsed, dict):
        source.problems.append(Problem(str(path), 1, "the file must hold a mapping (key: value)"))
        return source
    source.data = parsed
    return source


def _parsed(text: str) -> Any:
    try:
        return read_quickly(text)
    except QuickYAMLError:
        return YAML(typ="rt").load(text)


def parse(source: Source, where: tuple[str | int, ...], node: Any, model: type[Model]) -> Model | None:
    """``node`` as a ``model``, or None when it does not fit; each failure becomes a problem with its line."""
    try:
        return model.model_validate(node)
    except ValidationError as error:
        for detail in error.errors():
            place = where + tuple(detail["loc"]) + _field_named(detail)
            name = ".".join(str(part) for part in detail["loc"])
            kind = "missing" if detail["input"] is None else detail["type"]
            source.complain(place, _explain(kind, name, detail["msg"]))
        return None


def _field_named(detail: ErrorDetails) -> tuple[str, ...]:
    """The field that a rule about a whole part complains of: its message begins with the name in quotes."""
    named = re.match(r"Value error, '(\w+)'", detail["msg"]) if detail["type"] == "value_error" else None
    return (named[1],) if named else ()


def _explain(kind: str, name: str, message: str) -> str:
    if kind == "missing":
        return f"'{name}' is missing: add it (both languages, where it is a text)"
    if kind == "extra_forbidden":
        return f"unknown field '{name}': remove it or correct its spelling"
    if kind == "model_type":
        return "here belong fields (key: value), each on its own line"
    message = message.removeprefix("Value error, ")
    return f"'{name}': {message}" if name else message
