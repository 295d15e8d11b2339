"""What stands in domain.yml and data/rules, and what the use cases can say, for the tests of the dialogue.

The lines are found by reading the source of ``intake/usecases``: ``Line("finished")``, ``scene.say("receipt", ...)``. A name
that is put together (``f"why_{...}"``) is spelled out from the enum behind it in ``SPELLED_OUT``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from ruamel.yaml import YAML

from intake.rules.interview import Kind
from intake.rules.misses import WAYS_PAST
from intake.rules.triage import AnswerValue
from intake.usecases import asking, interruptions, reading_back

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "utter_"
LANGUAGES = ("en", "es")

# The actions fill these in for every line (``actions.turn``).
ALWAYS_KNOWN = frozenset({"affiliate", "phone", "child", "line_name", "area", "child_protection", "early_intervention",
                          "monitoring"})

# Names put together in the code, by what they begin with, and every ending that can come out.
SPELLED_OUT: dict[str, frozenset[str]] = {
    # A birth date is asked plainly too, unless it could be read in several ways.
    "ask_": frozenset(kind.value for kind in Kind if kind not in asking._SPECIAL or kind is Kind.BIRTH_DATE),
    "why_": frozenset(kind.value for kind in Kind),
    "faq_": frozenset(topic.removeprefix("ask_") for topic in interruptions.QUESTIONS),
    "corrected_": frozenset(value.value for value in AnswerValue),
    "read_back_": frozenset(value.value for value in reading_back._READ_BACK),
    "introduction_": frozenset({"web", "sms"}),
}


@dataclass(frozen=True)
class Said:
    """One place in the code that says a line: its ``name``, the ``variables`` handed over, ``where`` it stands."""

    name: str
    variables: frozenset[str]
    where: str


@cache
def domain() -> dict[str, Any]:
    """domain.yml as plain data."""
    return dict(YAML(typ="safe", pure=True).load((ROOT / "domain.yml").read_text(encoding="utf-8")))


def responses() -> dict[str, list[dict[str, Any]]]:
    """The variations of every response, by the name the use cases know it by."""
    return {name.removeprefix(PREFIX): variations for name, variations in domain()["responses"].items()}


def fitting(variations: list[dict[str, Any]], slots: dict[str, str]) -> list[str]:
    """The texts that Rasa could pick: those whose every condition holds, compared without regard to case."""
    return [
        variation["text"]
        for variation in variations
        if all(
            condition["type"] == "slot"
            and str(slots.get(condition["name"])).casefold() == str(condition["value"]).casefold()
            for condition in variation.get("condition", [])
        )
    ]


def texts() -> list[tuple[str, str, str]]:
    """(name, language, text) of everything the dialogue says."""
    return [
        (name, language, text)
        for name, variations in responses().items()
        for language in LANGUAGES
        for text in fitting(variations, {"language": language})
    ]


def placeholders(text: str) -> frozenset[str]:
    """The names in braces in ``text``."""
    return frozenset(field for _, field, _, _ in Formatter().parse(text) if field)


@cache
def all_said() -> tuple[Said, ...]:
    """Every place in the use cases that says a line, and what a rule hands them to say."""
    by_rule = (Said(name, frozenset(), "rules/misses.py") for name in sorted(WAYS_PAST))
    return (*(said for path in sorted((ROOT / "intake" / "usecases").glob("*.py")) for said in _said_in(path)), *by_rule)


def _said_in(path: Path) -> Iterator[Said]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for call in _calls_of(function):
                argument = _line_argument(call)
                if argument is None:
                    continue
                for name in _names(argument, function):
                    yield Said(name, _variables(call), f"{path.name}:{call.lineno}")


def _calls_of(function: ast.FunctionDef) -> Iterator[ast.Call]:
    return (node for node in ast.walk(function) if isinstance(node, ast.Call))


def _line_argument(call: ast.Call) -> ast.expr | None:
    """The argument that names the line when ``call`` says one; None for any other call."""
    called = call.func
    if isinstance(called, ast.Attribute) and called.attr == "say":
        return call.args[0]
    if isinstance(called, ast.Name) and called.id == "Line":
        return call.args[0]
    if isinstance(called, ast.Name) and called.id == "_again":
        return call.args[1]
    return None


def _names(argument: ast.expr, function: ast.FunctionDef) -> frozenset[str]:
    """Every name ``argument`` can be; none for a parameter, which the callers name."""
    if isinstance(argument, ast.Constant):
        return frozenset({str(argument.value)})
    if isinstance(argument, ast.IfExp):
        return _names(argument.body, function) | _names(argument.orelse, function)
    if isinstance(argument, ast.JoinedStr):
        start = argument.values[0].value if isinstance(argument.values[0], ast.Constant) else ""
        assert start in SPELLED_OUT, f"say in SPELLED_OUT which names {ast.unparse(argument)} can be"
        return frozenset(start + ending for ending in SPELLED_OUT[start])
    assert isinstance(argument, ast.Name), f"a line named by {ast.unparse(argument)} cannot be read"
    assigned = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == argument.id
    ]
    return frozenset().union(*(_names(value, function) for value in assigned))


def _variables(call: ast.Call) -> frozenset[str]:
    named = {keyword.arg for keyword in call.keywords if keyword.arg}
    for argument in call.args[1:]:
        if isinstance(argument, ast.Dict):
            named |= {key.value for key in argument.keys if isinstance(key, ast.Constant)}
    return frozenset(named)


@dataclass(frozen=True)
class Rule:
    """One rule: the ``kind`` of open question it needs (None: any), its first ``intents``, and its ``action``."""

    name: str
    kind: str | None
    intents: frozenset[str]
    action: str


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of data/rules."""
    read = YAML(typ="safe", pure=True).load
    files = sorted((ROOT / "data" / "rules").glob("*.yml"))
    return tuple(_rule(written) for path in files for written in read(path.read_text(encoding="utf-8"))["rules"])


def _rule(written: dict[str, Any]) -> Rule:
    slots = [pair for condition in written.get("condition", []) for pair in condition["slot_was_set"]]
    kinds = [pair["expects_kind"] for pair in slots]
    assert len(kinds) <= 1 and len(slots) == len(kinds), f"rule '{written['rule']}' asks for more than the open question"
    first, second = written["steps"]
    intents = frozenset(step["intent"] for step in first.get("or", [first]))
    return Rule(written["rule"], kinds[0] if kinds else None, intents, second["action"])


def actions_for(kind: str, intent: str) -> list[str]:
    """The actions of the most specific rules that fit, as the engine weighs them: a rule with a condition wins."""
    fitting_rules = [rule for rule in rules() if rule.kind in (None, kind) and intent in rule.intents]
    special = [rule for rule in fitting_rules if rule.kind is not None]
    return [rule.action for rule in special or fitting_rules]
