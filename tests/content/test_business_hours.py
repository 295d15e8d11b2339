"""When a team works and how soon it takes a case up is content: checked when it is read, and what the rules go by."""

from __future__ import annotations

import shutil
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from intake.content.messages import load_messages
from intake.content.yaml_source import ContentError
from intake.rules.due import ASSUMED, due_at
from intake.rules.triage import Urgency
from intake.settings import ROOT

ZONE = ZoneInfo("America/New_York")


def _folder(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """The content with ``affiliate.yaml`` changed."""
    shutil.copytree(ROOT / "content" / "messages", tmp_path / "messages")
    text = (ROOT / "content" / "affiliate.yaml").read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    (tmp_path / "affiliate.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_what_is_set_is_what_we_assume_until_the_affiliate_confirms_it() -> None:
    business = load_messages(ROOT / "content").affiliate.business
    assert business.as_time() == ASSUMED and business.confirmed is False


def test_an_affiliate_changes_hours_days_and_promises_without_code(tmp_path: Path) -> None:
    folder = _folder(tmp_path, ('opens: "08:00"', 'opens: "09:30"'), ('closes: "17:00"', 'closes: "16:00"'),
                     ("days: [monday, ", "days: ["), ("thursday, friday]", "thursday, friday, saturday]"),
                     ("emergency_within_minutes: 60", "emergency_within_minutes: 30"),
                     ("standard_within_business_days: 2", "standard_within_business_days: 1"))
    calendar = load_messages(folder).affiliate.calendar()
    assert (calendar.business.opens, calendar.business.closes) == (time(9, 30), time(16))
    friday = datetime(2026, 3, 6, 15, tzinfo=ZONE)
    assert due_at(Urgency.EMERGENCY, friday, calendar) == friday + timedelta(minutes=30)
    assert due_at(Urgency.URGENT, friday, calendar) == datetime(2026, 3, 6, 16, tzinfo=ZONE)
    assert due_at(Urgency.STANDARD, friday, calendar) == datetime(2026, 3, 7, 15, tzinfo=ZONE), "a Saturday is worked on"
    saturday_evening = datetime(2026, 3, 7, 18, tzinfo=ZONE)
    assert due_at(Urgency.URGENT, saturday_evening, calendar) == datetime(2026, 3, 10, 16, tzinfo=ZONE), "a Monday is not"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('opens: "08:00"', 'opens: "18:00"', "earlier than"),
        ('opens: "08:00"', 'opens: "8 in the morning"', "opens"),
        ("[monday, tuesday, wednesday, thursday, friday]", "[]", "days"),
        ("[monday, tuesday,", "[monday, monday,", "twice"),
        ("[monday, tuesday,", "[moonday, tuesday,", "days"),
        ("urgent_within_business_days: 0", "urgent_within_business_days: 3", "later than a standard"),
        ("standard_within_business_days: 2", "standard_within_business_days: -1", "standard_within_business_days"),
        ("emergency_within_minutes: 60", "emergency_within_minutes: 0", "emergency_within_minutes"),
        ("    confirmed: false\n", "", "confirmed"),
    ],
)
def test_what_cannot_be_meant_is_named_with_file_and_line(tmp_path: Path, before: str, after: str, words: str) -> None:
    with pytest.raises(ContentError, match=rf"affiliate\.yaml:\d+: .*{words}"):
        load_messages(_folder(tmp_path, (before, after)))
