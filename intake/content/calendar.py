"""Dates and ages as a family reads them, in either language."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from intake.content.bilingual import Language
from intake.content.messages import Messages

_LOCALES = {"en": "en_US", "es": "es_US"}


def say_date(day: date, language: Language) -> str:
    """``day`` in words: "March 4, 2024", "4 de marzo de 2024"."""
    return str(format_date(day, format="long", locale=_LOCALES[language]))


def say_reading(reading: str, messages: Messages, language: Language) -> str:
    """One reading of an unclear birth date: an ISO date, or an age as P3Y or P3M."""
    if not reading.startswith("P"):
        return say_date(date.fromisoformat(reading), language)
    one = "age_one_year" if reading.endswith("Y") else "age_one_month"
    many = "age_years" if reading.endswith("Y") else "age_months"
    return messages.system(one if reading[1:-1] == "1" else many, language).replace("#", reading[1:-1])
