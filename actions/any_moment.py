"""What a parent may say at any moment; each ends at the question that was open."""

from __future__ import annotations

from actions.about_the_child import birth_of
from actions.turn import Deed, Heard, StepAction
from intake.rules.interview import NEXT_CHECK
from intake.usecases import asking_again, consent, corrections, interruptions, next_check, worry

_OPENED_BY_GO = {NEXT_CHECK: next_check.begin_next_check, asking_again.ASK_AGAIN: asking_again.asked_again}
AT_HOME = "ask_at_home"  # the one question whose answer depends on the child


class Explain(StepAction):
    """A question parents ask."""

    step = "explain"

    def deed(self, heard: Heard) -> Deed:
        if heard.intent == AT_HOME:
            return lambda scene: interruptions.suggest_activities(scene, heard.all("concern"))
        return lambda scene: interruptions.explain(scene, heard.intent)


class Why(StepAction):
    """Why the open question is asked."""

    step = "why"

    def deed(self, heard: Heard) -> Deed:
        return interruptions.explain_why


class Repeat(StepAction):
    """The open question again."""

    step = "repeat"

    def deed(self, heard: Heard) -> Deed:
        return interruptions.repeat


class Skip(StepAction):
    """Leaves the open question out."""

    step = "skip"

    def deed(self, heard: Heard) -> Deed:
        return interruptions.skip


class Correct(StepAction):
    """A later answer corrects an earlier one."""

    step = "correct"

    def deed(self, heard: Heard) -> Deed:
        tapped = heard.one("item_to_change")
        if tapped is not None:
            return lambda scene: corrections.change_named(scene, str(tapped))
        return lambda scene: corrections.correct(scene, heard.one("reply"), birth_of(heard))


class GoBack(StepAction):
    """One question back."""

    step = "go_back"

    def deed(self, heard: Heard) -> Deed:
        return corrections.go_back


class Pause(StepAction):
    """Later."""

    step = "pause"

    def deed(self, heard: Heard) -> Deed:
        return interruptions.pause


class Person(StepAction):
    """A person please."""

    step = "person"

    def deed(self, heard: Heard) -> Deed:
        return interruptions.ask_for_person


class DeleteData(StepAction):
    """Delete my data."""

    step = "delete_data"

    def deed(self, heard: Heard) -> Deed:
        return interruptions.ask_for_deletion


class AnotherChild(StepAction):
    """Another child."""

    step = "another_child"

    def deed(self, heard: Heard) -> Deed:
        return interruptions.ask_for_another_child


class ReferralStatus(StepAction):
    """What became of my referral."""

    step = "referral_status"

    def deed(self, heard: Heard) -> Deed:
        return interruptions.tell_referral_status


class ChangeLanguage(StepAction):
    """The other language: the turn already speaks it."""

    step = "change_language"

    def deed(self, heard: Heard) -> Deed:
        return interruptions.change_language


class Thanks(StepAction):
    """A thank-you."""

    step = "thanks"

    def deed(self, heard: Heard) -> Deed:
        return interruptions.thank


class NotUnderstood(StepAction):
    """Neither an answer nor a known wish; a worry in it is kept all the same."""

    step = "not_understood"
    keeps_worries = True

    def deed(self, heard: Heard) -> Deed:
        concerns = heard.all("concern")
        return (lambda scene: worry.note_worry(scene, concerns)) if concerns else interruptions.not_understood


class Resume(StepAction):
    """Goes on after a pause, a safety message, a refusal or the end."""

    step = "resume"
    keeps_worries = True

    def deed(self, heard: Heard) -> Deed:
        expects = heard.turn.expects
        if expects is not None and expects.id == "refused":
            return consent.reconsider
        if expects is not None and expects.id in _OPENED_BY_GO:
            return _OPENED_BY_GO[expects.id]
        concerns = heard.all("concern")
        return (lambda scene: worry.note_worry(scene, concerns)) if concerns else interruptions.resume
