"""A family that writes of a danger in the middle of its conversation, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass

from intake.rules.interview import Kind
from intake.rules.safety import SafetyLevel, Situation
from intake.rules.triage import Urgency
from intake.store.models import Flag
from intake.usecases.danger import ASKED_AS_QUESTION
from tests.matrix.family import GO, SAFE_NOW, Family
from tests.matrix.said import is_said, plain
from tests.matrix.tables import DangerRow, content

ASKS = {Kind.RELATION: "ask_relation", Kind.EARLY_BIRTH: "ask_early_birth"}


@dataclass
class Peril:
    """One family of the table and the danger it writes of."""

    row: DangerRow
    family: Family

    @property
    def situation(self) -> Situation:
        """What the content says of this danger."""
        return content().safety.lexicon.situations[self.row.situation]

    @property
    def stops_questions(self) -> bool:
        """Whether the questions stop for it."""
        return self.situation.level is not SafetyLevel.PRIORITY_FOLLOW_UP

    @property
    def open_before(self) -> Kind:
        """The question that is open when the danger is told; a very young child's birth date is known by then."""
        return Kind.RELATION if self.row.child is None else Kind.EARLY_BIRTH

    def comes_to_a_question(self) -> None:
        """The beginning of an ordinary conversation."""
        self.family.begins()
        self.family.goes_on_until(self.open_before)

    def is_told_what_to_do(self) -> None:
        """The answer begins with what to do, and repeats whom to call."""
        said = plain(self.family.says(self.row.words[self.family.language]))
        lines = content().safety.lines[self.row.situation]
        assert said.startswith(plain(lines.first.in_language(self.family.language))), said
        for line in (lines.second, content().safety.not_read_live, lines.number):
            assert line is None or plain(line.in_language(self.family.language)) in said, said

    def is_heard(self) -> None:
        """A danger that does not stop the questions: the conversation goes on."""
        said = self.family.says(self.row.words[self.family.language])
        missing = [name for name in self.row.lines if not is_said(name, self.family.language, said)]
        assert missing == [], f"not said: {missing}, but {said}"

    def is_flagged(self, queued: set[str]) -> None:
        """Staff are told how urgent it is, and the case stands in their queue."""
        urgency = Urgency.EMERGENCY if self.stops_questions else Urgency.URGENT
        wanted = ("safety", self.situation.category.value, self.situation.trigger, urgency.value)
        if self.row.situation in ASKED_AS_QUESTION:
            wanted = ("lost_skill", None, "T3", Urgency.URGENT.value)
        flags = [(one.code, one.item, one.rule, one.urgency) for one in self.family.rows(Flag, Flag.cleared_at.is_(None))]
        assert wanted in flags, (wanted, flags)
        row = self.family.row()
        assert row.flagged and row.urgency == urgency.value, row.urgency
        assert str(row.id) in queued, "the case is not in the queue"

    def comes_back(self) -> None:
        """Told that it is over, the programs wait for the family's word to go on, and then ask the very question that was open
        before: by rules alone."""
        self.family.says(SAFE_NOW[self.family.language])
        assert self.family.open_question()[0] == Kind.FREE, self.family.open_question()
        said = self.family.says(GO[self.family.language])
        assert is_said(ASKS[self.open_before], self.family.language, said), said
        assert self.family.open_question()[0] == self.open_before, self.family.open_question()

    def goes_on(self) -> None:
        """The question that was open before is open still, and its answer is taken."""
        assert self.family.open_question()[0] == self.open_before, self.family.open_question()
        self.family.says(self.family.answer_to(self.open_before, None))
        assert self.family.open_question()[0] not in (self.open_before, Kind.FREE), "the answer was not taken"
