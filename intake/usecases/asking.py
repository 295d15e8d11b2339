"""Asks a question: which lines of the dialogue say it, with what in them, and which ready answers go with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from intake.content.bilingual import Language
from intake.content.calendar import say_reading
from intake.rules.age import completed_months
from intake.rules.choices import numbered
from intake.rules.interview import NEXT_CHECK, Expects, Kind, is_somebody_else, place_in_checklist
from intake.usecases.asking_somebody_else import asked_of_somebody_else
from intake.usecases.outcome import Choice, Line
from intake.usecases.told import next_age_of

if TYPE_CHECKING:
    from intake.usecases.scene import Scene

FINISHED = "finished"
INTRODUCTION = "introduction"  # how the lines begin that say who we are
BABY_MONTHS = 9  # younger babies have no words, waving or walking to lose
_HINTED = frozenset({Kind.RELATION, Kind.INSURANCE, Kind.HEARD_FROM, Kind.RACE_ETHNICITY, Kind.NEEDS_MET, Kind.BEST_TIME})


def ask(scene: Scene, expects: Expects | None) -> tuple[tuple[Line, ...], tuple[Choice, ...]]:
    """The lines and ready answers that ask ``expects`` in this scene; at the end of the conversation, the closing line."""
    if expects is None:
        return _at_the_end(scene), ()
    lines = asked_of_somebody_else(scene, expects) or _SPECIAL.get(expects.kind, _plain)(scene, expects)
    choices = choices_for(scene, expects)
    if not _is_on_the_web(scene) and expects.item in _HINTED:
        lines = (*lines, Line("choices", {"choices": numbered([choice.label for choice in choices])}))
    return lines, choices


def _at_the_end(scene: Scene) -> tuple[Line, ...]:
    """The closing line once; who writes on after it gets a shorter one, or only the answer to what they wrote."""
    if scene.turn.expects is not None and scene.turn.expects.item == NEXT_CHECK:
        return ()  # it was said before that question
    if not is_finished(scene):
        page = not _is_on_the_web(scene) and not is_somebody_else(scene.answers())  # for the family to show at the doctor's
        return (Line("finished_by_text") if page else Line("finished"),)
    return () if scene.before else (Line("finished_again"),)


def is_finished(scene: Scene) -> bool:
    """Whether the conversation had come to its end before this message."""
    return scene.turn.expects == Expects(Kind.FREE, FINISHED)


def _is_on_the_web(scene: Scene) -> bool:
    """Whether this turn came from a screen with buttons."""
    return scene.turn.channel == "web"


def child_name(scene: Scene) -> str:
    """The child's first name, or "your child" in the family's language."""
    child = scene.child
    if child is not None and child.name:
        return child.name
    return scene.content.messages.system("child_unnamed", scene.turn.language)


def choices_for(scene: Scene, expects: Expects) -> tuple[Choice, ...]:
    """The ready answers to ``expects`` in the language of the turn."""
    if expects.kind is Kind.BIRTH_DATE and _offers_readings(expects):
        return tuple(Choice(label, str(place)) for place, label in enumerate(_reading_labels(scene, expects.id or ""), start=1))
    yes_or_no = (expects.item == Kind.PHONE and bool(scene.phone_to_call())) or expects.reading is not None
    known = scene.content.messages.choices
    item = Kind.CONSENT if yes_or_no else expects.item if expects.item in known else expects.kind
    labels = [answer.label.in_language(scene.turn.language) for answer in known.get(item, ())]
    return tuple(Choice(label, label) for label in labels)


def _plain(scene: Scene, expects: Expects) -> tuple[Line, ...]:
    return (Line(f"ask_{expects.kind.value}", {"child": child_name(scene)}),)


def _consent(scene: Scene, expects: Expects) -> tuple[Line, ...]:
    asked = Line("ask_consent_web") if _is_on_the_web(scene) else Line("ask_consent")
    if scene.conversation.introduced_at is None:
        scene.introduce()
        return (Line(f"introduction_{'web' if _is_on_the_web(scene) else 'sms'}"), asked)
    return (asked,)


def _birth_date(scene: Scene, expects: Expects) -> tuple[Line, ...]:
    if not _offers_readings(expects):
        name = "ask_birth_date_again" if scene.is_open(Kind.BIRTH_DATE) else "ask_birth_date"
        return (Line(name, {"child": child_name(scene)}),)
    picks = numbered(_reading_labels(scene, expects.id or ""))
    return (Line("ask_birth_date_reading", {"child": child_name(scene), "choices": picks}),)


def _offers_readings(expects: Expects) -> bool:
    """Whether an unclear birth date is asked about by its possible readings ("2024-03-04|2024-04-03", "P3Y|P3M")."""
    return bool(expects.id) and "|" in (expects.id or "")


def _reading_labels(scene: Scene, readings: str) -> list[str]:
    language: Language = "es" if scene.turn.language == "es" else "en"
    return [say_reading(reading, scene.content.messages, language) for reading in readings.split("|")]


def _worry(scene: Scene, expects: Expects) -> tuple[Line, ...]:
    if expects.id == "words":
        return (Line("worry_tell_me"),)
    name = "ask_worry_more" if scene.concerns() else "ask_worry"
    return (Line(name, {"child": child_name(scene)}),)


def _lost_skills(scene: Scene, expects: Expects) -> tuple[Line, ...]:
    asked = "ask_lost_skills_baby" if _is_baby(scene) else "ask_lost_skills"
    name = "ask_lost_skills_which" if expects.id == "which" else asked
    return (Line(name, {"child": child_name(scene)}),)


def _is_baby(scene: Scene) -> bool:
    child = scene.child
    if child is None or child.birth_date is None:
        return False
    return completed_months(child.birth_date, max(scene.turn.today, child.birth_date)) < BABY_MONTHS


def _milestone(scene: Scene, expects: Expects) -> tuple[Line, ...]:
    from intake.usecases.asking_again import is_asked_alone

    assert expects.milestone is not None
    if expects.reading is not None:
        return (Line("read_back_milestone", {"reading": _reading_label(scene, expects.reading)}),)
    situation = scene.situation()
    number, total = place_in_checklist(situation, expects.milestone)
    question = scene.content.questions.question(expects.milestone).question.in_language(scene.turn.language)
    if is_asked_alone(scene, expects.milestone):
        return (Line("ask_milestone_alone", {"question": question.format(child=child_name(scene))}),)
    asked = Line("ask_milestone", {"number": number, "total": total, "question": question.format(child=child_name(scene))})
    first = not scene.is_open(Kind.MILESTONE) and not any(item in situation.answers for item in situation.checklist)
    explain = "explain_answers_web" if _is_on_the_web(scene) else "explain_answers"
    return (Line(explain, {"total": total, "child": child_name(scene)}), asked) if first else (asked,)


def _reading_label(scene: Scene, reading: str) -> str:
    """An answer as a family would say it: "not yet", "ya no"."""
    labels = {answer.code: answer.label for answer in scene.content.messages.choices[Kind.MILESTONE]}
    if reading in labels:
        return labels[reading].in_language(scene.turn.language).lower()
    return scene.content.messages.system("reading_lost_skill", scene.turn.language)


def _confirm(scene: Scene, expects: Expects) -> tuple[Line, ...]:
    from intake.usecases.reading_back import read_back

    if expects.id == "which":  # the words that led here have just asked which one to change
        return ()
    return (*read_back(scene), Line("ask_confirm_answers"))


def _contact_consent(scene: Scene, expects: Expects) -> tuple[Line, ...]:
    if expects.id == NEXT_CHECK:
        coming = next_age_of(scene.content, scene.conversation, scene.turn.today)
        return (Line("ask_next_check", {"child": child_name(scene), "months": coming.months if coming is not None else ""}),)
    if expects.offer is None:
        return (Line("ask_contact_consent"),)
    program = scene.content.programs.programs.get(expects.offer)
    if program is None:  # taken out of the directory while the question was open
        return ()
    language = scene.turn.language
    told = Line("program", {"name": program.name.in_language(language), "tell": program.tell.in_language(language)})
    return told, Line("ask_offer_own") if program.referral.is_taken_by_family else Line("ask_offer")


def why(expects: Expects) -> Line:
    """Why ``expects`` is asked."""
    if expects.offer is not None:
        return Line("why_offer")
    return Line("why_next_check") if expects.id == NEXT_CHECK else Line(f"why_{expects.kind.value}")


def _phone(scene: Scene, expects: Expects) -> tuple[Line, ...]:
    return (Line("ask_phone_same" if scene.phone_to_call() else "ask_phone"),)


def _free(scene: Scene, expects: Expects) -> tuple[Line, ...]:
    return ()


_SPECIAL: dict[Kind, Callable[[Scene, Expects], tuple[Line, ...]]] = {
    Kind.CONSENT: _consent, Kind.BIRTH_DATE: _birth_date, Kind.WORRY: _worry, Kind.LOST_SKILLS: _lost_skills,
    Kind.MILESTONE: _milestone, Kind.CONFIRM_ANSWERS: _confirm, Kind.PHONE: _phone,
    Kind.CONTACT_CONSENT: _contact_consent, Kind.FREE: _free,
}
