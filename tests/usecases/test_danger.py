"""What the engine's network sees may add a danger and never take one away; it is asked about, and staff know."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import AFamily, said

from intake.content.library import Content, load_content
from intake.rules.interview import Expects, Kind
from intake.rules.safety import SafetyHit
from intake.settings import ROOT
from intake.store.models import Flag
from intake.usecases import interruptions
from intake.usecases.danger import graver, heeding, hit_of_engine

Family = Callable[..., AFamily]


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(ROOT / "content")


def _hit(content: Content, seen: str) -> SafetyHit:
    hit = hit_of_engine(seen, content)
    assert hit is not None
    return hit


@pytest.mark.parametrize("seen", ["breathing_emergency/emergency", "abuse_violence/urgent_same_day"])
def test_a_danger_the_network_sees_stops_the_questions_and_calls_staff(family: Family, seen: str) -> None:
    parent = family(until=Kind.MILESTONE)
    outcome = parent.say("words that no rule knows", heeding(interruptions.not_understood, seen, []))
    assert said(outcome) == ["safety"] and outcome.expects == Expects(Kind.FREE, "after_safety")
    assert "?" in outcome.lines[0].variables["lines"]  # the one question: is it happening now
    assert parent.case()["urgency"] == "emergency" and ("safety", seen.split("/")[0]) in parent.reasons()


def test_what_can_wait_is_flagged_and_the_conversation_goes_on(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    outcome = parent.say("so tired", heeding(interruptions.repeat, "parent_crisis/priority_follow_up", []))
    assert said(outcome)[-1] == "ask_milestone" and ("safety", "parent_crisis") in parent.reasons()


def test_a_graver_word_of_the_same_kind_takes_the_place_of_a_milder_one(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    parent.say("so tired", heeding(interruptions.repeat, "parent_crisis/priority_follow_up", []))
    [mild] = [flag for flag in parent.all(Flag) if flag.code == "safety"]
    parent.say("I am afraid of what I may do", heeding(interruptions.repeat, "parent_crisis/emergency", []))
    [grave] = [flag for flag in parent.all(Flag) if flag.code == "safety"]
    assert (mild.urgency, grave.urgency, parent.case()["urgency"]) == ("urgent", "emergency", "emergency")
    assert grave.message_id != mild.message_id and grave.raised_at > mild.raised_at


@pytest.mark.parametrize("seen", [None, "none", "", "no_such/emergency"])
def test_nothing_seen_changes_nothing(family: Family, seen: str | None) -> None:
    parent = family(until=Kind.MILESTONE)
    assert "safety" not in said(parent.say("ok", heeding(interruptions.repeat, seen, [])))


def test_the_network_adds_and_never_removes(content: Content) -> None:
    grave, mild = _hit(content, "seizure/emergency"), _hit(content, "parent_crisis/priority_follow_up")
    assert graver(grave, mild) is grave and graver(grave, None) is grave and graver(None, mild) is mild
    assert graver(mild, grave) is grave and graver(None, None) is None
