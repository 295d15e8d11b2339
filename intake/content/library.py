"""All content of an affiliate in one place.

``load_content`` reads it at the start of a program and refuses to go on with a broken file, naming file and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from intake.content.activities import Activity, load_activities
from intake.content.bilingual import Language
from intake.content.keywords import load_keywords, load_languages
from intake.content.messages import Messages, load_messages
from intake.content.names import load_names
from intake.content.outreach import OutreachContent, load_outreach
from intake.content.practice import PracticeFamily, load_practice
from intake.content.programs import SAFETY_LINES, Programs, load_programs
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

    def named(self, language: Language) -> dict[str, str]:
        """What any line of the dialogue may name: the affiliate and its line, its area, and its programs where a line has to."""
        affiliate, monitoring = self.messages.affiliate, self.programs.monitoring
        return {
            "affiliate": affiliate.short_name.in_language(language), "phone": affiliate.phone,
            "line_name": affiliate.line_name.in_language(language), "area": affiliate.area.in_language(language),
            "child_protection": affiliate.child_protection.in_language(language),
            "early_intervention": self.programs.early_intervention.called.in_language(language),
            "monitoring": "" if monitoring is None else monitoring.called.in_language(language),
        }


def load_content(folder: Path) -> Content:
    """All content of ``folder``; raises ContentError naming every file and line that is wrong."""
    questions = load_questions(folder / "questions")
    return Content(
        questions=questions, programs=load_programs(folder / "programs", _said_of_milestones(questions)),
        safety=load_safety(folder / "safety", folder / "programs" / SAFETY_LINES), keywords=load_keywords(folder / "keywords"),
        languages=load_languages(folder / "keywords"),
        names=load_names(folder / "keywords"), messages=load_messages(folder),
        outreach=load_outreach(folder), practice=load_practice(folder / "practice", questions),
        activities=load_activities(folder / "activities"),
    )


def _said_of_milestones(questions: Questions) -> list[str]:
    """Every word that a milestone is asked, explained or read back with."""
    texts = (text for checklist in questions.checklists.values() for question in checklist.questions
             for text in (question.question, question.example, question.label))
    return [said for text in texts for said in (text.en, text.es)]
