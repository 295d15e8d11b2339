"""The worry in the parent's own words, and anything the child has stopped doing."""

from __future__ import annotations

from collections.abc import Callable

from intake.rules.concerns import ConcernDomain
from intake.rules.interview import NO, SKIP, YES, Expects, Kind, is_somebody_else
from intake.rules.misses import ASKS_ONCE_MORE
from intake.rules.words import words_of
from intake.usecases.flags import refresh_flags
from intake.usecases.scene import Scene

NOTHING_ELSE = "none"
_NO_WORDS = frozenset({"no", "nope", "nah", "not", "nothing", "never", "n", "nada", "nunca", "tampoco"})


def tell_worry(scene: Scene, concerns: list[str], fine: list[str]) -> Expects | None:
    """A worry told at its question. Words with no domain we know are a worry too (rule T2,
    https://www.wichealth.org/Member/Resource?id=6304)."""
    if not concerns and not any(letter.isalpha() for letter in scene.turn.text):
        return worry_without_words(scene)
    if concerns or not fine:
        scene.note_concerns(concerns, scene.turn.text)
        scene.answer(Kind.WORRY, YES)
        scene.say("worry_thanks")
        _mark_regression(scene, concerns)
    else:
        scene.answer(Kind.WORRY, YES if scene.concerns() else NOTHING_ELSE)
    refresh_flags(scene)
    return None


def no_worry(scene: Scene, *, skipped: bool = False) -> Expects | None:
    """Nothing (more) to tell at the worry question."""
    value = YES if scene.concerns() else SKIP if skipped else NOTHING_ELSE
    scene.answer(Kind.WORRY, value)
    refresh_flags(scene)
    return None


def worry_without_words(scene: Scene) -> Expects | None:
    """A bare "yes" to the worry question: ask what it is."""
    return Expects(Kind.WORRY, "words")


def note_worry(scene: Scene, concerns: list[str]) -> Expects | None:
    """A worry told while another question is open: kept, and back to that question."""
    scene.note_concerns(concerns, scene.turn.text)
    _mark_regression(scene, concerns)
    refresh_flags(scene)
    scene.say("worry_noted")
    return None


def keeping(deed: Callable[[Scene], Expects | None], concerns: list[str]) -> Callable[[Scene], Expects | None]:
    """``deed``, which also keeps a worry that was told on the way, unless the parent has just refused to go on."""

    def deed_and_worry(scene: Scene) -> Expects | None:
        instead = deed(scene)
        if concerns and scene.conversation.status != "refused":
            scene.note_concerns(concerns, scene.turn.text)
            _thank_instead_of_asking_again(scene)
            if scene.answers().get(Kind.CONSENT) == YES:
                _mark_regression(scene, concerns)
                refresh_flags(scene)
        return instead

    return deed_and_worry


def _thank_instead_of_asking_again(scene: Scene) -> None:
    """A line that asks for an answer once more is out of place when the parent has just told a worry instead."""
    kept = [line for line in scene.before if line.name not in ASKS_ONCE_MORE]
    if len(kept) < len(scene.before):
        scene.before = kept
        scene.say("worry_thanks")


def _mark_regression(scene: Scene, concerns: list[str]) -> None:
    if ConcernDomain.REGRESSION in concerns and is_somebody_else(scene.answers()):
        scene.say("others_lost_skill")  # the doctor of the child is the family's to call
    elif ConcernDomain.REGRESSION in concerns and Kind.LOST_SKILLS not in scene.answers():
        scene.answer(Kind.LOST_SKILLS, YES)
        scene.say("lost_skill_call_doctor")


def tell_lost_skills(scene: Scene, reply: str, concerns: list[str]) -> Expects | None:
    """Whether the child has stopped doing something; a bare yes is asked which, and is already flagged."""
    if scene.turn.expects is not None and scene.turn.expects.id == "which":
        return _which_skills(scene, reply)
    if _tells_something_else(scene, reply, concerns):
        return note_worry(scene, concerns)
    if reply in (NO, SKIP, "not_sure") and ConcernDomain.REGRESSION not in concerns:
        scene.answer(Kind.LOST_SKILLS, reply)
        if concerns:  # a worry told here is kept, though it was not what was asked
            scene.note_concerns(concerns, scene.turn.text)
        refresh_flags(scene)
        return None
    told_which = reply not in (YES, "lost_skill") or len(scene.turn.text.split()) > 3
    scene.answer(Kind.LOST_SKILLS, YES)
    if told_which:
        scene.note_concerns(sorted({*concerns, ConcernDomain.REGRESSION.value}), scene.turn.text)
    refresh_flags(scene)
    scene.say("lost_skill_call_doctor")
    return None if told_which else Expects(Kind.LOST_SKILLS, "which")


def _tells_something_else(scene: Scene, reply: str, concerns: list[str]) -> bool:
    """Whether a worry was told and this question not answered: "he bites and says no words", "and he looks away"."""
    if not concerns or ConcernDomain.REGRESSION in concerns or _NO_WORDS.intersection(words_of(scene.turn.text)[:1]):
        return False
    return reply in (NO, "inform")


def _which_skills(scene: Scene, reply: str) -> Expects | None:
    if reply not in (SKIP, "not_sure", YES, NO):  # a bare yes or no names nothing; what was told stays urgent
        scene.note_concerns([ConcernDomain.REGRESSION.value], scene.turn.text)
    refresh_flags(scene)
    return None
