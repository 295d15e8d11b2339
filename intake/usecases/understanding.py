"""What is understood of one message: by the rules that come before the engine, and by the engine.

The same functions read a live message (``taking``) and a line given to ``growline understand``, so that what is measured is
what happens.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from intake.content.bilingual import LANGUAGES, Language, as_language
from intake.content.library import Content
from intake.rules.age import completed_months
from intake.rules.interview import Kind
from intake.rules.keywords import Keyword, means_opt_out, read_keyword, wants_to_watch
from intake.rules.language import recognise
from intake.rules.outreach import OPENED_BY_GO
from intake.rules.safety import SafetyHit, find_safety
from intake.rules.text import clean, for_engine
from intake.rules.triage import AnswerValue
from intake.usecases.danger import graver, hit_of_engine

REPLIES = frozenset({"yes", "sometimes", "not_yet", "not_sure", "lost_skill", "skip", "ask_clarification", "ask_repeat",
                     "wants_person", "correct_previous", "out_of_scope"})
Parse = Callable[[str, dict[str, Any]], dict[str, Any]]


def asks_to_stop(text: str, content: Content) -> bool:
    """Whether the message wants no more texts: a keyword alone, or a sentence that means it."""
    return read_keyword(text, content.keywords) is Keyword.OPT_OUT or means_opt_out(text, content.keywords)


def danger_in(text: str, content: Content, true_age_days: int | None = None) -> SafetyHit | None:
    """The gravest danger the message tells of."""
    return find_safety(text, content.safety.lexicon, true_age_days=true_age_days)


def written_in(text: str, content: Content, otherwise: Language) -> Language:
    """The language of these very words, however few: a stranger need not speak the family's."""
    written = recognise(text, content.languages)
    return as_language(written) if written in LANGUAGES else otherwise


def read_by_rule(text: str, kind: str | None, id_: object, content: Content, *, picked: bool = False) -> dict[str, Any]:
    """What of a turn's context tells the engine that ``text`` is read already: who wants to watch is not sure yet, and the "go"
    to a text of ours has made its question the open one. ``picked``: it is one of the answers offered, word for word."""
    if picked or (kind == Kind.FREE and id_ in OPENED_BY_GO):
        return {"picked": True}
    watching = kind == Kind.MILESTONE and wants_to_watch(text, content.keywords)
    return {"read_as": AnswerValue.NOT_SURE.value} if watching else {}


def understand(text: str, expects: dict[str, Any] | None, today: date, content: Content, parse: Parse) -> dict[str, Any]:
    """Everything understood of ``text``, with the question ``expects`` ({"kind", "id"?}) in view, as plain JSON.

    ``parse(text, context)`` asks the engine; it is not asked about a message that holds nothing to read.
    """
    seen = clean(text)
    language, words = recognise(seen, content.languages), for_engine(seen)
    danger = danger_in(seen, content)
    context = {"language": "es" if language == "es" else "en", "channel": "sms", "child_name": None,
               "expects": _question(expects), "today": today.isoformat(),
               **read_by_rule(seen, (expects or {}).get("kind"), (expects or {}).get("id"), content)}
    parsed: dict[str, Any] = parse(words, context) if words else {"intent": "out_of_scope", "confidence": 1.0, "entities": []}
    danger = graver(danger, hit_of_engine(next(iter(_values(parsed["entities"], "danger")), None), content))
    return {
        "text": text, "language": language, "opt_out": asks_to_stop(seen, content),
        "safety": None if danger is None else {"category": danger.category.value, "level": danger.level.value},
        **_from_engine(parsed, today),
    }


def _question(expects: dict[str, Any] | None) -> dict[str, Any] | None:
    """The question in view as the engine takes it; a kind that no question has is as good as none."""
    if expects is None or expects.get("kind") not in set(Kind):
        return None
    id_ = expects.get("id")
    return {"kind": expects["kind"], "id": id_ if isinstance(id_, str) else None}


def _from_engine(parsed: dict[str, Any], today: date) -> dict[str, Any]:
    entities = parsed["entities"]
    intent = parsed["intent"]
    carried = next((e["value"] for e in entities if e["entity"] == "reply"), None)
    return {
        "reply": carried if carried and intent not in REPLIES else intent if intent in REPLIES else None,
        "intent": intent, "confidence": round(float(parsed["confidence"] or 0.0), 4),
        "concerns": _values(entities, "concern"), "negated": _values(entities, "fine"),
        "birth": _birth(next((e["value"] for e in entities if e["entity"] == "birth"), None), today),
        "out_of_scope": intent == "out_of_scope",
    }


def _values(entities: list[dict[str, Any]], name: str) -> list[str]:
    return list(dict.fromkeys(e["value"] for e in entities if e["entity"] == name))


def _birth(value: dict[str, Any] | None, today: date) -> dict[str, Any] | None:
    if value is None:
        return None
    dob, months = value.get("dob"), value.get("months")
    if dob and months is None and date.fromisoformat(dob) <= today:
        months = completed_months(date.fromisoformat(dob), today)
    return {"dob": dob, "months": months, "weeks_early": value.get("weeks_early"), "ambiguous": bool(value.get("ambiguous")),
            "reason": value.get("reason")}
