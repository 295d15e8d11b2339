"""Reads the words people write before a name (content/keywords/names.yaml)."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from intake.content.yaml_source import ContentError, parse, read_source
from intake.rules.names import NameLists


class _NamesFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    leads: tuple[tuple[str, ...], ...]
    not_names: frozenset[str]


def load_names(folder: Path) -> NameLists:
    """The lists of ``folder``/names.yaml; raises ContentError naming the line that is wrong."""
    source = read_source(folder / "names.yaml")
    file = None if source.problems else parse(source, (), source.data, _NamesFile)
    if file is None:
        raise ContentError(source.problems)
    return NameLists(file.leads, file.not_names)
