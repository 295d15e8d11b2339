"""The tree as the house tests read it: the files that belong to the repository and the Python of the programs."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ("intake", "actions", "gateway", "worker", "console", "simulator", "growline")
ENGINE = "bot"


@cache
def files() -> tuple[Path, ...]:
    """Every file that is committed or would be (not ignored), as paths relative to the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return tuple(sorted(path for name in names if name and (ROOT / (path := Path(name))).is_file()))


def text_of(path: Path) -> str:
    """The text of ``path``; empty for a file that is no text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@dataclass(frozen=True)
class Module:
    """One Python file: its ``path`` relative to the root, its ``source`` and its syntax ``tree``."""

    path: Path
    source: str
    tree: ast.Module

    @property
    def dotted(self) -> str:
        """The name it is imported by."""
        return ".".join(self.path.with_suffix("").parts).removesuffix(".__init__")


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """The Python files under ``folders``."""
    found = [path for path in files() if path.suffix == ".py" and path.parts[0] in folders]
    return tuple(Module(path, text_of(path), ast.parse(text_of(path))) for path in found)


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(module: Module) -> Iterator[Function]:
    """Every function of ``module``, methods and inner functions too."""
    return (node for node in ast.walk(module.tree) if isinstance(node, Function))


def page(path: str) -> str:
    """The text of a page of the documentation; fails with its name while it is not written."""
    if Path(path) not in files():
        pytest.fail(f"{path} is not written yet", pytrace=False)
    return text_of(Path(path))


def pages() -> tuple[Path, ...]:
    """README, CONTRIBUTING and everything under docs/ that is Markdown."""
    return tuple(path for path in files() if path.suffix == ".md" and (len(path.parts) == 1 or path.parts[0] == "docs"))
