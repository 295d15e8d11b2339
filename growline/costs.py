"""``growline sms-cost``: the figures of ``intake.usecases.sms_cost`` as lines for an operator, at the prices of the settings."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from intake.settings import WorkerSettings, read_settings
from intake.usecases.sms_cost import Finished, SmsCost, Sum

_DEFAULTS = {name: field.default for name, field in WorkerSettings.model_fields.items()}


class SmsPrices(BaseSettings):
    """What the worker's settings say of money, without all else the worker needs."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    segment_dollars: float = Field(_DEFAULTS["segment_dollars"], gt=0, alias="GROWLINE_SEGMENT_DOLLARS",
                                   description="what one SMS segment costs")
    daily_spend_dollars: float = Field(_DEFAULTS["daily_spend_dollars"], gt=0, alias="GROWLINE_DAILY_SPEND_DOLLARS",
                                       description="what a day's texts may cost")


def read_prices(segment_dollars: float | None = None) -> SmsPrices:
    """The prices of the settings; ``segment_dollars`` is used instead of theirs. Raises SettingsError."""
    prices = read_settings(SmsPrices)
    return prices if segment_dollars is None else prices.model_copy(update={"segment_dollars": segment_dollars})


def cost_lines(cost: SmsCost, prices: SmsPrices) -> list[str]:
    """The figures, a line each."""
    each = prices.segment_dollars
    return [
        f"SMS since {cost.since:%Y-%m-%d}, at ${each:g} a segment",
        f"  sent out       {_amount(cost.sent_out, each)}",
        f"  came in        {_amount(cost.came_in, each)}",
        f"  encodings      {_encodings(cost)}",
        f"  not delivered  {_lost(cost)}",
        f"  waiting        {cost.waiting} texts",
        f"  spent today    {_spent(cost, prices)}",
        "Finished screenings, the texts of their whole conversations",
        *([f"  {language}             {_finished(one, each)}" for language, one in cost.finished.items()] or ["  none"]),
    ]


def _amount(of: Sum, each: float) -> str:
    return f"{of.texts} texts, {of.segments} segments, ${of.segments * each:.2f}"


def _encodings(cost: SmsCost) -> str:
    texts = sum(cost.encodings.values())
    return ", ".join(f"{name} {100 * count / texts:.0f} %" for name, count in cost.encodings.items()) or "nothing sent"


def _lost(cost: SmsCost) -> str:
    share = cost.lost_share()
    known = cost.arrived + cost.lost
    return "nothing known yet" if share is None else f"{100 * share:.1f} % of {known} texts whose fate is known"


def _spent(cost: SmsCost, prices: SmsPrices) -> str:
    most = int(prices.daily_spend_dollars / prices.segment_dollars)
    spent = cost.spent_today * prices.segment_dollars
    return f"{cost.spent_today} of {most} segments, ${spent:.2f} of ${prices.daily_spend_dollars:.2f}"


def _finished(one: Finished, each: float) -> str:
    out, came = one.sent_out.segments / one.screenings, one.came_in.segments / one.screenings
    segments = one.segments_each()
    return f"{one.screenings}: {segments:.1f} segments each ({out:.1f} out, {came:.1f} in), ${segments * each:.2f} each"
