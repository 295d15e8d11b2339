"""What a deed gives back: the lines to say, by name and with their variables, and the question that is open next.

A line's name is the name of a response in domain.yml without its "utter_"; no sentence is written here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from intake.content.bilingual import Language
from intake.rules.interview import Expects, Kind
from intake.rules.progress import Progress


@dataclass(frozen=True)
class Line:
    """One thing to say: ``name`` of the response and its ``variables``."""

    name: str
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """A ready answer to the open question: the ``label`` shown and the ``text`` it sends."""

    label: str
    text: str


@dataclass(frozen=True)
class Outcome:
    """The end of a turn: ``lines`` in order, the ``expects`` that follows, its ``choices``, the turn's ``language``,
    how many of the last lines are the question itself (``asks``), and the ``progress`` that is then reached."""

    lines: tuple[Line, ...]
    expects: Expects | None
    choices: tuple[Choice, ...] = ()
    language: Language = "en"
    child_name: str | None = None
    asks: int = 0
    progress: Progress | None = None

    def to_json(self) -> dict[str, Any]:
        """The outcome as plain JSON, for the turn's receipt."""
        return {
            "lines": [[line.name, line.variables] for line in self.lines],
            "expects": None if self.expects is None else [self.expects.kind.value, self.expects.id],
            "choices": [[choice.label, choice.text] for choice in self.choices],
            "language": self.language,
            "child_name": self.child_name,
            "asks": self.asks,
            "progress": None if self.progress is None else asdict(self.progress),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Outcome:
        """The outcome that ``to_json`` wrote."""
        expects, reached = value["expects"], value.get("progress")
        return cls(
            lines=tuple(Line(name, variables) for name, variables in value["lines"]),
            expects=None if expects is None else Expects(Kind(expects[0]), expects[1]),
            choices=tuple(Choice(label, text) for label, text in value["choices"]),
            language=value["language"],
            child_name=value["child_name"],
            asks=value.get("asks", 0),
            progress=None if reached is None else Progress(**reached),
        )
