"""Says what the store holds as codes in the words of the person who is looking: reasons, answers, ages,
times, programs.

A code the content does not know (a newer rule, an older row) is shown as it is rather than hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from console.content import ConsoleContent
from intake.content.bilingual import LANGUAGES, Language
from intake.rules.age import completed_months
from intake.rules.due import Lateness, lateness
from intake.rules.interview import OF_PROGRAM, Kind
from intake.rules.promised import Promise
from intake.rules.triage import Urgency
from intake.store.models import Message

_MINUTES_PER_HOUR, _HOURS_PER_DAY = 60, 24
_AGENT = "agent"
_YEARS_FROM_MONTHS = 24
# A family that needs a call: the line says when, and which program is meant.
_CALLS = frozenset({"follow_up_no", "follow_up_not_asked", "follow_up_unmet", "follow_up_by_phone"})


class Words:
    """The words for one request: its ``language``, the ``content``, the affiliate's time zone and the present
    moment.
    """

    def __init__(
        self, content: ConsoleContent, language: Language, time_zone: ZoneInfo, now: datetime
    ) -> None:
        self.content, self.language, self._zone, self._now = content, language, time_zone, now

    def text(self, purpose: str, **values: object) -> str:
        """A text of the console."""
        return self.content.texts.text(purpose, self.language, **values)

    def code(self, group: str, code: str | None) -> str:
        """The words for a code of a group ("status", "wait_listed"), or the code itself."""
        purpose = f"{group}.{code}"
        return self.text(purpose) if self.content.texts.knows(purpose) else str(code)

    # times

    def time(self, moment: datetime) -> str:
        """A moment in the affiliate's time zone, with the year only when it is another one."""
        local = moment.astimezone(self._zone)
        this_year = local.year == self._now.astimezone(self._zone).year
        pattern = self.text("format.time" if this_year else "format.time_with_year")
        return str(format_datetime(local, pattern, locale=self.language))

    def dated(self, moment: datetime) -> str:
        """A moment with its year, as papers need it."""
        local = moment.astimezone(self._zone)
        return str(format_datetime(local, self.text("format.time_with_year"), locale=self.language))

    def day(self, day: date) -> str:
        """A calendar day, written out."""
        return str(format_date(day, "long", locale=self.language))

    def short_day(self, day: date) -> str:
        """A calendar day for the edge of a chart."""
        return str(format_date(day, self.text("format.short_day"), locale=self.language))

    def month(self, day: date) -> str:
        """The month of a day, with its year."""
        return str(format_date(day, self.text("format.month"), locale=self.language))

    def waiting(self, since: datetime) -> str:
        """How long ago ``since`` is: minutes, hours and minutes, or days and hours."""
        minutes = max(0, int((self._now - since) / timedelta(minutes=1)))
        hours, minutes = divmod(minutes, _MINUTES_PER_HOUR)
        days, hours_left = divmod(hours, _HOURS_PER_DAY)
        if days:
            return self.text("waiting.days", days=days, hours=hours_left)
        return (
            self.text("waiting.hours", hours=hours, minutes=minutes)
            if hours
            else self.text("waiting.minutes", minutes=minutes)
        )

    def due(self, urgency: str, due: datetime) -> str:
        """When a case is due, or by how much it is overdue."""
        grave, calendar = Urgency(urgency), self.content.messages.affiliate.calendar()
        late = lateness(grave, due, self._now, calendar)
        if late is not None:
            return self._overdue(late)
        if grave is Urgency.EMERGENCY:
            return self.text("due.now")
        local, today = due.astimezone(self._zone), self._now.astimezone(self._zone).date()
        clock = self._formatted(local, "format.clock")
        if local.date() == today:
            return self.text("due.today", time=clock)
        if local.date() == today + timedelta(days=1):
            return self.text("due.tomorrow", time=clock)
        return self.text("due.later", day=self._formatted(local, "format.weekday"), time=clock)

    def is_overdue(self, due: datetime) -> bool:
        """Whether the moment has passed."""
        return self._now > due

    def promised(self, promise: Promise) -> str:
        """When a call was promised, as it was said: a time, or a part of a day."""
        local = promise.at.astimezone(self._zone)
        day, clock = self._formatted(local, "format.weekday"), self._formatted(local, "format.clock")
        return self.text(f"promise.{promise.part or 'clock'}", day=day, time=clock)

    def _overdue(self, late: Lateness) -> str:
        if late.days:
            return self.text("due.late_one_day") if late.days == 1 else self.text("due.late_days", days=late.days)
        hours, minutes = divmod(late.minutes, _MINUTES_PER_HOUR)
        return self.text("due.late_hours", hours=hours) if hours else self.text("due.late_minutes", minutes=minutes)

    def _formatted(self, local: datetime, pattern: str) -> str:
        return str(format_datetime(local, self.text(pattern), locale=self.language))

    # the child

    def months(self, birth_date: date | None) -> int | None:
        """The child's true age in completed months today, or None when it is not known."""
        today = self._now.astimezone(self._zone).date()
        return None if birth_date is None or birth_date > today else completed_months(birth_date, today)

    def age(self, birth_date: date | None) -> str:
        """The child's age in months, and from two years on in years as well."""
        months = self.months(birth_date)
        if months is None:
            return self.text("age.unknown")
        if months < _YEARS_FROM_MONTHS:
            return self.text("age.one_month" if months == 1 else "age.months", months=months)
        return self.text("age.years", months=months, years=months // 12, rest=months % 12)

    # answers

    def item(self, item: str) -> str:
        """What was asked: a milestone's label, or the name of a question."""
        if item.startswith(OF_PROGRAM):
            return self.text("case.wants_program", program=self.program(item.removeprefix(OF_PROGRAM)))
        label = self._milestone(item)
        return label if label is not None else self.code("item", item)

    def is_milestone(self, item: str) -> bool:
        """Whether an item is a milestone of the checklists."""
        return self._milestone(item) is not None

    def _milestone(self, item: str) -> str | None:
        try:
            return self.content.questions.question(item).label.in_language(self.language)
        except KeyError:
            return None

    def answer(self, item: str, value: str) -> str:
        """An answer: the label of a ready answer, else what was kept."""
        asked = Kind.CONTACT_CONSENT.value if item.startswith(OF_PROGRAM) else item
        kind = Kind.MILESTONE.value if self.is_milestone(item) else asked
        for ready in self.content.messages.choices.get(kind, ()):
            if ready.code == value:
                return ready.label.in_language(self.language)
        return self.code("answer", value)

    def reading(self, reading: str) -> str:
        """How an unclear answer to a milestone was read back."""
        if self.content.texts.knows(f"reading.{reading}"):
            return self.code("reading", reading)
        ready = self.content.messages.choices.get(Kind.MILESTONE, ())
        return next((one.label.in_language(self.language) for one in ready if one.code == reading), reading)

    # cases

    def reason(self, code: str, item: str | None) -> str:
        """Why a flag was raised, in words."""
        if code == "worry" and item is None:
            return self.text("reason.worry_uncoded")
        about = self._about(code, item)
        purpose = f"reason.{code}"
        if self.content.texts.knows(purpose):
            return self.text(purpose, about=about)
        return self.text("reason.other", code=code)

    def _about(self, code: str, item: str | None) -> str:
        if item is None:
            return ""
        if code.startswith("follow_up_") or code == "offers_left":
            return self.program(item)
        group = {"worry": "concern", "safety": "safety"}.get(code)
        return self.code(group, item) if group else self.item(item)

    def whom_to_call(self, code: str, item: str | None, best_time: str | None) -> str:
        """For a flag that asks for a call about a referral: the program with its number, and the family's good hours."""
        if code not in _CALLS or item is None:
            return ""
        program = self.content.intake.programs.programs.get(item)
        phone = program.shown_phone if program is not None else None
        name = self.program(item)
        at = self.answer(Kind.BEST_TIME, best_time) if best_time else self.text("task.no_best_time")
        return self.text("task.call", program=f"{name}, {phone}" if phone else name, best_time=at)

    def program(self, program_id: str) -> str:
        """The name of a program."""
        name = self.content.program_names.get(program_id)
        return name.in_language(self.language) if name else program_id

    def knows_program(self, program_id: str) -> bool:
        """Whether the program stands in the directory; an older row may name one that is gone."""
        return program_id in self.content.program_names

    def actor(self, actor: str, staff_names: Mapping[str, str]) -> str:
        """Who moved a referral: a colleague's name, or the agent."""
        return self.text("actor.agent") if actor == _AGENT else staff_names.get(actor, actor)

    def delivery(self, message: Message) -> str:
        """The state of a message in words; what came in and was answered needs none."""
        if message.direction == "inbound":
            return "" if message.state == "done" else self.code("inbound_state", message.state)
        said = f"{message.state}_{message.error_code}"
        return self.code("state", said if self.content.texts.knows(f"state.{said}") else message.state)


def pick_language(wanted: str | None, accepted: str | None) -> Language:
    """The language a person chose (their cookie), else the first of the two their browser prefers."""
    for language in LANGUAGES:
        if wanted == language:
            return language
    return "es" if accepted == "es" else "en"
