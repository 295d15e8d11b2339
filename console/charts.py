"""Works out charts: where each bar stands in a picture of fixed width. The templates draw them, without script or style.

A picture is 360 wide and grows with its card; a label stands above its bar, so that it is readable on a phone too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH = 360
_BARS_WIDTH, _ROW, _LABEL_Y, _BAR_Y, BAR_HEIGHT = 270, 38, 13, 18, 14
_COLUMNS_TOP, _COLUMNS_HEIGHT, _LABELS_EVERY = 16, 96, 5


@dataclass(frozen=True)
class Series:
    """What one colour and pattern stands for; ``look`` is a class of the style sheet."""

    look: str
    label: str


@dataclass(frozen=True)
class Line:
    """One line of figures: its label and a number for each series, in their order; ``said`` is how its sum is written."""

    label: str
    values: tuple[float, ...]
    said: str = ""


@dataclass(frozen=True)
class Block:
    """A rectangle of one look."""

    look: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Words:
    """Words at a place."""

    text: str
    x: float
    y: float
    anchor: str = "start"


@dataclass(frozen=True)
class Chart:
    """A chart with the figures it shows; ``described`` says them in a line for who does not see it."""

    id: str
    title: str
    series: tuple[Series, ...]
    lines: tuple[Line, ...]
    blocks: tuple[Block, ...]
    words: tuple[Words, ...]
    height: int
    described: str

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not any(any(line.values) for line in self.lines)


def bars(chart_id: str, title: str, series: Sequence[Series], lines: Sequence[Line]) -> Chart:
    """Bars that lie: one for each line, its series behind each other, the sum at its end."""
    most = max((sum(line.values) for line in lines), default=0) or 1
    blocks: list[Block] = []
    words: list[Words] = []
    for number, line in enumerate(lines):
        top, x = number * _ROW, 0.0
        words.append(Words(line.label, 0, top + _LABEL_Y))
        for one, value in zip(series, line.values, strict=True):
            width = round(_BARS_WIDTH * value / most, 1)
            blocks += [Block(one.look, x, top + _BAR_Y, width, BAR_HEIGHT)] if value else []
            x += width
        words.append(Words(_sum(line), x + 5, top + _BAR_Y + BAR_HEIGHT - 3))
    return Chart(chart_id, title, tuple(series), tuple(lines), tuple(blocks), tuple(words), len(lines) * _ROW,
                 _described(series, lines))


def columns(chart_id: str, title: str, series: Sequence[Series], lines: Sequence[Line]) -> Chart:
    """Columns that stand: a group for each line, a column for each series; every fifth group and the last have a label,
    where there is room for both."""
    most = max((max(line.values) for line in lines), default=0) or 1
    group, foot = WIDTH / max(len(lines), 1), _COLUMNS_TOP + _COLUMNS_HEIGHT
    width = round(group / (len(series) + 1), 1)
    blocks: list[Block] = []
    words: list[Words] = [Words(f"{most:g}", 0, _COLUMNS_TOP - 4)]
    for number, line in enumerate(lines):
        for place, (one, value) in enumerate(zip(series, line.values, strict=True)):
            height = round(_COLUMNS_HEIGHT * value / most, 1)
            if value:
                blocks.append(Block(one.look, round(number * group + place * width, 1), round(foot - height, 1), width, height))
        left = len(lines) - 1 - number
        if left == 0 or (number % _LABELS_EVERY == 0 and left >= _LABELS_EVERY):
            words.append(Words(line.label, round(number * group, 1) if left else WIDTH, foot + 15, "start" if left else "end"))
    return Chart(chart_id, title, tuple(series), tuple(lines), tuple(blocks), tuple(words), foot + 20,
                 _described(series, lines))


def _sum(line: Line) -> str:
    return line.said or f"{sum(line.values):g}"


def _described(series: Sequence[Series], lines: Sequence[Line]) -> str:
    def told(line: Line) -> str:
        parts = [f"{one.label} {value:g}" for one, value in zip(series, line.values, strict=True) if value]
        return f"{line.label}: {', '.join(parts) if len(series) > 1 and parts else _sum(line)}"

    return "; ".join(told(line) for line in lines)


def lines_of(counted: Mapping[str, int], labels: Mapping[str, str]) -> list[Line]:
    """A line for each label with its count, those without any among them."""
    return [Line(label, (counted.get(code, 0),)) for code, label in labels.items()]
