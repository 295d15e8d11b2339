"""A text that exists in English and Spanish, always both.

Every sentence of the content is one of these, so that no language can fall behind the other unseen.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["en", "es"]
LANGUAGES: tuple[Language, ...] = ("en", "es")


def as_language(code: str | None) -> Language:
    """The language that is kept as ``code``: Spanish for "es", else English."""
    return "es" if code == "es" else "en"


class Bilingual(BaseModel):
    """The same text in both languages; neither may be empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str = Field(min_length=1)
    es: str = Field(min_length=1)

    def in_language(self, language: Language) -> str:
        """The text in ``language`` ("en" or "es")."""
        return self.es if language == "es" else self.en
