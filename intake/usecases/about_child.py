"""Who is asking, and who the child is: relation, first name, birth date or age, early birth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from intake.rules.age import MOST_WEEKS_EARLY, BirthProblem, check_birth, latest_birth_date
from intake.rules.interview import NO, SKIP, YES, Expects, Kind, is_somebody_else
from intake.rules.names import read_name
from intake.usecases.flags import refresh_flags
from intake.usecases.ready_answers import relation_reader
from intake.usecases.scene import Scene
from intake.usecases.somebody_else import keep_relation

ASKED_AGAIN = "again"  # the birth date was unclear and is asked for in full


@dataclass(frozen=True)
class Birth:
    """How the engine read a birth date or an age: ``dob``, or completed ``months``; ``weeks_early`` when told;
    ``ambiguous`` with the ``readings`` a person could mean; ``reason`` says what is wrong with it."""

    dob: date | None = None
    months: int | None = None
    weeks_early: int | None = None
    ambiguous: bool = False
    reason: str | None = None
    readings: tuple[str, ...] = ()


def tell_relation(scene: Scene) -> Expects | None:
    """Who is asking: parent, other family, provider, child care."""
    told = relation_reader(scene.content).read(scene.turn.text)
    if told is None:
        scene.say("please_pick")
        return None
    keep_relation(scene, told)
    return None


def tell_child_name(scene: Scene, birth: Birth | None = None) -> Expects | None:
    """The child's first name, as given; a whole sentence is asked again, once more plainly.

    A birth date or an age that was told with it is kept too, where it leaves no doubt.
    """
    name = read_name(scene.turn.text, scene.content.names)
    if name is None:
        scene.say("name_not_understood")
        return None
    child = scene.child_or_new()
    child.name = name
    scene.answer(Kind.CHILD_NAME, name)
    born = None if birth is None or birth.ambiguous or birth.reason else _born(scene, birth)
    if born is not None and birth is not None and check_birth(born, scene.turn.today) is None:
        _keep_birth(scene, born, exact=birth.dob is not None, weeks_early=birth.weeks_early)
    return None


def tell_birth_date(scene: Scene, birth: Birth | None, *, tried: bool = True) -> Expects | None:
    """The birth date or age; what is unclear or impossible is asked again in plain words, never guessed.

    ``tried`` is False for a bare "no" or "I don't know": then nothing was misread, and only the question comes again.
    """
    birth = _picked_reading(scene) or birth
    if birth is None:
        if tried:
            scene.say("birth_not_understood")
        return Expects(Kind.BIRTH_DATE)
    if birth.ambiguous and not (_asked_again(scene) and birth.months is not None):
        return Expects(Kind.BIRTH_DATE, "|".join(birth.readings)) if len(birth.readings) > 1 else _whole_date(scene)
    born = _born(scene, birth)
    if born is None and birth.reason is None and _keep_early_birth(scene, birth.weeks_early):
        return Expects(Kind.BIRTH_DATE)
    if born is None:
        return _again(scene, "birth_future" if birth.reason == "future" else "birth_not_understood")
    problem = check_birth(born, scene.turn.today)
    if problem is not None:
        return _again(scene, "birth_future" if problem is BirthProblem.FUTURE else "birth_over_age")
    _keep_birth(scene, born, exact=birth.dob is not None, weeks_early=birth.weeks_early)
    return None


def _born(scene: Scene, birth: Birth) -> date | None:
    """The birth date told, or the latest one that fits the age told."""
    return birth.dob or (latest_birth_date(birth.months, scene.turn.today) if birth.months is not None else None)


def _asked_again(scene: Scene) -> bool:
    expects = scene.turn.expects
    return expects is not None and expects.id == ASKED_AGAIN


def _whole_date(scene: Scene) -> Expects:
    """Asks once for the whole date; who then only knows "almost three" is taken at their word."""
    scene.say("birth_unclear")
    return Expects(Kind.BIRTH_DATE, ASKED_AGAIN)


def _again(scene: Scene, line: str) -> Expects:
    scene.say(line)
    return Expects(Kind.BIRTH_DATE)


def _picked_reading(scene: Scene) -> Birth | None:
    """The reading picked by number when the open question offered several."""
    expects = scene.turn.expects
    if expects is None or expects.kind is not Kind.BIRTH_DATE or expects.id in (None, ASKED_AGAIN):
        return None
    assert expects.id is not None
    readings = expects.id.split("|")
    picked = scene.turn.text.strip().rstrip(".)")
    if not picked.isdigit() or not 1 <= int(picked) <= len(readings):
        return None
    return birth_of_reading(readings[int(picked) - 1])


def birth_of_reading(reading: str) -> Birth:
    """A reading as offered ("2024-03-04", "3 years" as P3Y, "3 months" as P3M) back into a birth."""
    if reading.startswith("P"):
        number = int(reading[1:-1])
        return Birth(months=number * 12 if reading.endswith("Y") else number)
    return Birth(dob=date.fromisoformat(reading))


def _keep_birth(scene: Scene, born: date, *, exact: bool, weeks_early: int | None) -> None:
    child = scene.child_or_new()
    child.birth_date, child.birth_is_exact = born, exact
    scene.answer(Kind.BIRTH_DATE, born.isoformat())
    _keep_early_birth(scene, weeks_early)
    _say_checklist(scene)


def _keep_early_birth(scene: Scene, weeks_early: int | None) -> bool:
    """Keeps by how many weeks the child came early; says whether there was something to keep."""
    if weeks_early is None or not 0 < weeks_early <= MOST_WEEKS_EARLY:
        return False
    scene.child_or_new().weeks_early = weeks_early
    scene.answer(Kind.EARLY_BIRTH, YES)
    return True


def tell_early_birth(scene: Scene, reply: str, weeks_early: int | None) -> Expects | None:
    """Whether the child came early, and how many weeks; a bare yes is asked for the weeks once."""
    asked_weeks = scene.turn.expects is not None and scene.turn.expects.id == "weeks"
    child = scene.child_or_new()
    if _keep_early_birth(scene, weeks_early):
        _say_checklist(scene)
        return None
    if reply == YES and not asked_weeks:
        scene.say("ask_weeks_early_because")
        return Expects(Kind.EARLY_BIRTH, "weeks")
    child.weeks_early = None
    scene.answer(Kind.EARLY_BIRTH, NO if reply == NO else SKIP if reply == SKIP else "not_sure")
    return None


def _say_checklist(scene: Scene) -> None:
    """Tells which list is used when it is not the one of the true age (P5), and when there is none (A4, A5)."""
    choice = None if is_somebody_else(scene.answers()) else scene.checklist_choice()
    if choice is None:
        return
    if choice.months is None:
        scene.say("no_checklist_young" if choice.reason == "A4" else "no_checklist_older")
    elif choice.age.adjusted and scene.child is not None:
        scene.say("checklist_adjusted", weeks=scene.child.weeks_early, months=choice.months, age=choice.age.true_months)
    refresh_flags(scene)
