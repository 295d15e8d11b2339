"""Reads a content file with libyaml, ten times as fast as the reader that remembers lines and comments.

Every program reads all the content when it starts, so that this is most of its start. It reads YAML 1.2 as that reader does
("yes", "no" and "on" are words), and gives up at whatever the two might read differently.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any, ClassVar

import yaml

_DIGITS = "0123456789"
# What YAML 1.1 or 1.2 may take for a number of another kind, a time, a merge or a default: left to the other reader.
_DOUBTFUL = re.compile(r"(?:[-+.]*\d[\da-fA-F_.:xotTzZ+\- ]*|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)|<<|=)$")


class NotPlain(yaml.YAMLError):  # type: ignore[misc]
    """The file holds something that this reader does not read."""


def read_quickly(text: str) -> Any:
    """The YAML document ``text`` as plain mappings, lists, words and numbers.

    Raises yaml.YAMLError (NotPlain among others) for whatever is wrong or doubtful: then the careful reader decides.
    """
    return yaml.load(text, Loader=_Plain)


class _Plain(yaml.CSafeLoader):  # type: ignore[misc]
    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {
        **{first: [("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL)$"))] for first in "~nN"},
        **{first: [("tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"))] for first in "tTfF"},
        "": [("tag:yaml.org,2002:null", re.compile(r"$"))],
        **{first: [("tag:yaml.org,2002:int", re.compile(r"(?:0|[1-9]\d*)$")), ("!doubtful", _DOUBTFUL)] for first in _DIGITS},
        **{first: [("!doubtful", _DOUBTFUL)] for first in "-+.<="},
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping, refused when a key stands in it twice."""
        built: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        if len(built) != len(node.value):
            raise NotPlain("a key stands twice")
        return built
