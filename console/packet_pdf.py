"""Draws a packet as a PDF in large, plain type.

fpdf2 takes every text as it is: it knows no markup here, so nothing a family wrote can become any. The font is in this
folder, so a PDF looks the same on every machine; a letter that it does not have is written out as its number.
"""

from __future__ import annotations

from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from console.packet import Packet, Section

FONT = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
_FAMILY = "packet"
_MARGIN, _LABEL, _INDENT = 18, 46, 5  # millimetres
_FACT = 45  # millimetres: the room that the longest fact takes, a name or a place of 200 letters
_TITLE, _HEADING, _BODY, _SMALL = 19, 14, 12, 10  # points
_LINE = 1.35  # of the size of the type
_MM_PER_POINT = 25.4 / 72


class _Paper(FPDF):
    """A letter-sized page; on each one the receipt number and the page's own number stand at the foot."""

    def __init__(self, number: str, warning: str | None) -> None:
        super().__init__(format="letter")
        self.number, self.warning = number, warning
        self.alias_nb_pages("")  # "{nb}" is no sign for the number of pages here, but what somebody wrote
        self.set_margin(_MARGIN)
        self.set_auto_page_break(True, margin=_MARGIN)
        self.add_font(_FAMILY, fname=FONT)
        self.letters = frozenset(self.fonts[_FAMILY].cmap)  # type: ignore[union-attr]

    def header(self) -> None:
        """The warning on each page of a packet that tells of no real family."""
        if self.warning is not None:
            self.say(self.warning, _HEADING)
            self.ln(2)

    def footer(self) -> None:
        """The foot of a page."""
        self.set_y(-_MARGIN)
        self.set_font(_FAMILY, size=_SMALL)
        self.cell(0, 8, f"{self.number} · {self.page_no()}", align="R")

    def say(self, text: str, size: int, indent: float = 0, width: float = 0) -> None:
        """One paragraph, broken where it must be, inside a word too."""
        self.set_font(_FAMILY, size=size)
        self.set_x(self.get_x() + indent)
        self.multi_cell(width, size * _LINE * _MM_PER_POINT, self._drawable(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _drawable(self, text: str) -> str:
        return "".join(letter if letter == "\n" or ord(letter) in self.letters else f"[U+{ord(letter):04X}]"
                       for letter in text.expandtabs(4))


def packet_pdf(packet: Packet, language: str) -> bytes:
    """The packet as the bytes of a PDF."""
    paper = _Paper(packet.number, packet.warning)
    paper.set_title(packet.number)
    paper.set_lang(language)
    paper.add_page()
    paper.say(packet.title, _TITLE)
    paper.say(packet.number, _HEADING)
    paper.say(packet.from_whom, _SMALL)
    for section in packet.sections:
        _draw(paper, section)
    paper.ln(4)
    paper.say(packet.closing, _SMALL)
    return bytes(paper.output())


def _draw(paper: _Paper, section: Section) -> None:
    paper.ln(3)
    paper.say(section.title, _HEADING)
    paper.line(paper.l_margin, paper.get_y(), paper.w - paper.r_margin, paper.get_y())
    paper.ln(1)
    for label, value in section.facts:
        _draw_fact(paper, label, value)
    for line in section.lines:
        paper.say(f"– {line}", _BODY, _INDENT)
    for quote in section.quotes:
        paper.say(f"“{quote}”", _BODY, _INDENT)


def _draw_fact(paper: _Paper, label: str, value: str) -> None:
    """A label with its value beside it; both begin on the same line, also where a page ends."""
    if paper.will_page_break(_FACT):
        paper.add_page()
    top = paper.get_y()
    paper.say(label, _BODY, width=_LABEL)
    below = paper.get_y()
    paper.set_y(top)
    paper.say(value, _BODY, _LABEL)
    paper.set_y(max(below, paper.get_y()))
