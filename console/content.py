"""The words and data the console shows, read once when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from intake.content.bilingual import Bilingual
from intake.content.console_texts import ConsoleTexts, load_console_texts
from intake.content.messages import Messages, load_messages
from intake.content.programs import load_programs
from intake.content.questions import Questions, load_questions


@dataclass(frozen=True)
class ConsoleContent:
    """The console's own texts, the ready answers and the affiliate, the questions, and the programs' names by
    id.
    """

    texts: ConsoleTexts
    messages: Messages
    questions: Questions
    program_names: Mapping[str, Bilingual]


def load_console_content(folder: Path) -> ConsoleContent:
    """Reads the content ``folder``; raises ContentError naming file and line."""
    programs = load_programs(folder / "programs").programs
    return ConsoleContent(
        load_console_texts(folder),
        load_messages(folder),
        load_questions(folder / "questions"),
        {program_id: program.name for program_id, program in programs.items()},
    )
