"""Checks the content folder before anybody relies on it: ``python -m intake.content content/``.

Prints every problem as ``file:line: what to do`` and exits 1, or says in one line what was found and exits 0.
"""

from __future__ import annotations

import sys
from pathlib import Path

from intake.content.bilingual import LANGUAGES
from intake.content.questions import load_questions
from intake.content.yaml_source import ContentError


def main(arguments: list[str]) -> int:
    """Checks the one folder named in ``arguments``; returns the exit status (2 when called wrongly)."""
    if len(arguments) != 1:
        print("usage: python -m intake.content CONTENT_FOLDER", file=sys.stderr)
        return 2
    try:
        print(_summary(Path(arguments[0])))
    except ContentError as error:
        print(error)
        return 1
    return 0


def _summary(folder: Path) -> str:
    checklists = load_questions(folder / "questions").checklists
    questions = sum(len(checklist.questions) for checklist in checklists.values())
    return f"{questions} questions in {len(checklists)} checklists, {len(LANGUAGES)} languages: all good"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
