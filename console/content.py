"""The words and data the console shows, read once when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from intake.content.bilingual import Bilingual
from intake.content.console_texts import ConsoleTexts, load_console_texts
from intake.content.library import Content, load_content
from intake.content.messages import Messages
from intake.content.questions import Questions
from intake.content.replies import load_replies


@dataclass(frozen=True)
class ConsoleContent:
    """The console's own texts, the ready answers and the affiliate, the questions, the programs' names by
    id, all that the agent says and reads, and the replies that staff may use.
    """

    texts: ConsoleTexts
    messages: Messages
    questions: Questions
    program_names: Mapping[str, Bilingual]
    intake: Content
    replies: Mapping[str, Bilingual]


def load_console_content(folder: Path) -> ConsoleContent:
    """Reads the content ``folder``; raises ContentError naming file and line."""
    content = load_content(folder)
    return ConsoleContent(
        load_console_texts(folder),
        content.messages,
        content.questions,
        {program_id: program.name for program_id, program in content.programs.programs.items()},
        content,
        load_replies(folder, content.messages.affiliate),
    )
