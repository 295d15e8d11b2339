"""A family at the chat window on an affiliate's site, in a real Chromium: opens it, answers with mouse or keys, looks at it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect
from walking import born

from intake.settings import ROOT

AXE = ROOT / "widget/node_modules/axe-core/axe.min.js"
SCREENS = ROOT / "results/screens"
# What this family types where a question has no ready answers; all else is tapped.
TYPED = {
    "en": {"child_name": "Leo", "worry": "he does not say many words", "contact_name": "Ana Ruiz", "phone": "860 555 0142",
           "place": "Hartford", "doctor": "Dr. Soto"},
    "es": {"child_name": "Leo", "worry": "no dice muchas palabras", "contact_name": "Ana Ruiz", "phone": "860 555 0142",
           "place": "Hartford", "doctor": "la doctora Soto"},
}
TAPPED = {
    "en": {"lost_skills": "No", "early_birth": "No", "worry": "No"},
    "es": {"lost_skills": "No", "early_birth": "No", "worry": "No"},
}
NO_MORE = {"en": "no, nothing else", "es": "no, nada más"}


@dataclass
class Widget:
    """The chat window on ``page``. ``expects`` gives the kind of the question that is open, from the database."""

    page: Page
    language: str
    expects: Callable[[], str | None]
    heard: list[str] = field(default_factory=list)

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def field(self) -> Locator:
        return self.page.locator("growline-chat textarea")

    def opens(self, *, shared: bool | None = False) -> None:
        """Taps the button on the site and says whose computer it is (None: it is not asked)."""
        name = {"en": "Chat about your child", "es": "Escríbanos sobre su niño"}[self.language]
        self.page.get_by_role("button", name=name).click()
        if shared is not None:
            said = {"en": ("No, only me", "Yes, others use it"), "es": ("No, solo yo", "Sí, otros la usan")}[self.language]
            self.page.get_by_role("button", name=said[shared]).click()

    def says(self, text: str) -> None:
        """Types and presses Enter, and waits for the answer."""
        self._and_waits(lambda: (self.field.fill(text), self.field.press("Enter")))

    def taps(self, label: str) -> None:
        """Taps a ready answer, and waits for the answer to it."""
        self._and_waits(lambda: self.page.get_by_role("button", name=label, exact=True).click())

    def _and_waits(self, deed: Callable[[], Any]) -> None:
        before = self.answers()
        deed()
        until(lambda: self.answers() > before, "no answer came")
        expect(self.page.locator("growline-chat .pending")).to_have_count(0)
        time.sleep(0.4)  # an answer may have several lines

    def answers(self) -> int:
        """How many messages of the assistant and of the system stand in the window."""
        return self.page.locator("growline-chat .from-bot, growline-chat .from-system").count()

    def last_said(self) -> str:
        """The last message that is not the family's."""
        return str(self.page.locator("growline-chat .message:not(.from-you) .bubble").last.text_content())

    def answers_the_question(self, birth: date) -> None:
        """One answer to whatever is open, by mouse where something can be tapped."""
        kind = self.expects() or ""
        date_field = self.page.locator("growline-chat input[type=date]")
        if date_field.is_visible():
            self._and_waits(lambda: (date_field.fill(birth.isoformat()), date_field.press("Enter")))
        elif (choices := self.page.locator("growline-chat .choices button")).count():
            wished = TAPPED[self.language].get(kind)
            self._and_waits(lambda: (choices.get_by_text(wished, exact=True) if wished else choices.first).click())
        elif kind in TYPED[self.language]:
            text = TYPED[self.language][kind]
            self.says(NO_MORE[self.language] if text in self.heard else text)
            self.heard.append(text)
        else:
            raise AssertionError(f"nothing to answer {kind} with: {self.last_said()}")

    def goes_on_until(self, kind: str, months: int = 19) -> None:
        """Answers until a question of ``kind`` is open."""
        for _ in range(45):
            if self.expects() == kind:
                return
            self.answers_the_question(born(months))
        raise AssertionError(f"{kind} was never asked; last: {self.last_said()}")

    def has_no_barrier(self, state: str) -> None:
        """axe finds nothing in this state; a picture of it is kept."""
        self.is_pictured(state)
        assert barriers(self.page) == []

    def is_pictured(self, state: str) -> None:
        """Keeps a picture of this state for whoever wants to look at it."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        size = self.page.viewport_size or {"width": 0}
        self.page.screenshot(path=SCREENS / f"{state}-{self.language}-{size['width']}.png")


def barriers(page: Page) -> list[str]:
    """What axe finds wrong on ``page``, by rule and place."""
    page.evaluate(Path(AXE).read_text())
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", rules)
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found["violations"] for node in one["nodes"]]


def until(true: Callable[[], bool], otherwise: str, seconds: float = 20) -> None:
    """Waits for ``true``; fails with ``otherwise``."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, otherwise
        time.sleep(0.05)
