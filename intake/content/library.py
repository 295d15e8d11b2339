"""All content of an affiliate in one place.

``load_content`` reads it at the start of a program and refuses to go on with a broken file, naming file and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from intake.content.activities import Activity, load_activities
from intake.content.keywords import load_keywords, load_languages
from intake.content.messages import Messages, load_messages
from intake.content.names import load_names
from intake.content.outreach import OutreachContent, load_outreach
from intake.content.practice import PracticeFamily, load_practice
from intake.content.programs import Programs, load_programs
from intake.content.questions import Questions, load_questions
from intake.content.safety import SafetyContent, load_safety
from intake.rules.keywords import KeywordLists
from intake.rules.language import LanguageLists
from intake.rules.names import NameLists


@dataclass(frozen=True)
class Content:
    """Everything that is said or read, checked."""

    questions: Questions
    programs: Programs
    safety: SafetyContent
    keywords: KeywordLists
    languages: LanguageLists
    names: NameLists
    messages: Messages
    outreach: OutreachContent
    practice: Mapping[str, PracticeFamily]
    activities: dict[int, tuple[Activity, ...]]


def load_content(folder: Path) -> Content:
    """All content of ``folder``; raises ContentError naming every file and line that is wrong."""
    questions = load_questions(folder / "questions")
    return Content(
        questions=questions, programs=load_programs(folder / "programs"),
        safety=load_safety(folder / "safety"), keywords=load_keywords(folder / "keywords"),
        languages=load_languages(folder / "keywords"),
        names=load_names(folder / "keywords"), messages=load_messages(folder),
        outreach=load_outreach(folder), practice=load_practice(folder / "practice", questions),
        activities=load_activities(folder / "activities"),
    )
