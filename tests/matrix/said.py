"""What was said, compared with the lines by their names: nothing that is said is written down a second time here."""

from __future__ import annotations

import re
from string import Formatter

from tests.content.dialogue import responses
from tests.matrix.tables import Language, content


def plain(text: str) -> str:
    """``text`` on one line: a line break is a space to whoever looks for words."""
    return " ".join(text.split())


def pattern(line: str) -> re.Pattern[str]:
    """What ``line`` looks like once it is filled in."""
    parts = (re.escape(plain_part(before)) + ("" if name is None else ".*?") for before, name, _, _ in Formatter().parse(line))
    return re.compile("".join(parts))


def plain_part(text: str) -> str:
    """``text`` with every stretch of blanks as one space, also at its ends."""
    return re.sub(r"\s+", " ", text)


def response(name: str, language: Language) -> re.Pattern[str]:
    """What the response ``name`` of domain.yml looks like in ``language``."""
    for variation in responses()[name]:
        if variation["condition"][0]["value"] == language:
            return pattern(variation["text"])
    raise LookupError(f"{name} is not said in {language}")


def is_said(name: str, language: Language, heard: str) -> bool:
    """Whether the response was said in what was heard."""
    return response(name, language).search(plain(heard)) is not None


def is_told(program: str, language: Language, heard: str) -> bool:
    """Whether the program was named and what it does was told."""
    about = content().programs.program(program)
    told = plain(heard)
    return plain(about.name.in_language(language)) in told and plain(about.tell.in_language(language)) in told
