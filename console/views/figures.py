"""The figures of the team: how many wait and how long, what came and went, how referrals end."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.charts import Chart, Line, Series, bars, columns, lines_of
from console.figures import AGES, NO_ANSWER, RECENT, Figures, read_figures
from console.pages import words
from console.permissions import Permission, needs
from console.services import services
from console.views.queue import looking_now
from console.words import Words
from intake.content.bilingual import LANGUAGES
from intake.content.outreach import CALLED_BACK, NOT_CALLED, NOT_NOW
from intake.rules.referral import ReferralStatus
from intake.rules.triage import Urgency
from intake.usecases.casework import record_figures_view
from intake.usecases.outreach_answers import OWN_WORDS

pages = Blueprint("figures", __name__)
_URGENCIES = (Urgency.EMERGENCY, Urgency.URGENT, Urgency.STANDARD)
_ANSWERS = (CALLED_BACK, NOT_CALLED, NOT_NOW, OWN_WORDS, NO_ANSWER)


@pages.get("/figures")
@needs(Permission.SEE_FIGURES)
def show() -> ResponseReturnValue:
    """The page; numbers and codes only, nothing of a family."""
    looking = looking_now()
    record_figures_view(services().store, current_user.id)
    figures = read_figures(services().store, looking.now, looking.calendar)
    return render_template("figures.html", charts=_charts(figures, words()), days=RECENT.days)


def _charts(figures: Figures, said: Words) -> list[Chart]:
    cases = [Series("look-1", said.text("figures.cases"))]
    urgencies = [Series(f"look-{urgency}", said.code("urgency", urgency)) for urgency in _URGENCIES]
    waiting = [Line(said.code("waited", age), tuple(figures.waiting[age].get(urgency, 0) for urgency in _URGENCIES))
               for age in AGES]
    languages = {code: said.code("language", code) for code in (*LANGUAGES, *sorted(set(figures.languages) - set(LANGUAGES)))}
    came = [Series("look-1", said.text("figures.new")), Series("look-2", said.text("figures.closed"))]
    days = [Line(said.short_day(each.day), (each.new, each.closed)) for each in figures.days]
    statuses = {status.value: said.code("status", status) for status in ReferralStatus}
    answers = {answer: said.code("figure_answer", answer) for answer in _ANSWERS}
    return [
        bars("waiting", said.text("figures.waiting"), urgencies, waiting),
        bars("languages", said.text("figures.languages"), cases, lines_of(figures.languages, languages)),
        columns("days", said.text("figures.days", count=len(days)), came, days),
        bars("referrals", said.text("figures.referrals"), [Series("look-1", said.text("figures.referral_count"))],
             lines_of(figures.referrals, statuses)),
        _connecting(figures, said),
        bars("follow-ups", said.text("figures.follow_ups", days=RECENT.days),
             [Series("look-1", said.text("figures.follow_up_count"))], lines_of(figures.follow_ups, answers)),
    ]


def _connecting(figures: Figures, said: Words) -> Chart:
    found, series = figures.connecting, [Series("look-1", said.text("figures.days_taken"))]
    title = said.text("figures.connecting", days=RECENT.days, count=found.referrals)
    lines = [Line(said.text(purpose), (round(value, 1),), said.text("figures.in_days", days=f"{value:.1f}"))
             for purpose, value in (("figures.median", found.median), ("figures.ninety", found.ninety)) if value is not None]
    return bars("connecting", title, series, lines)
