"""The words of the web-chat page and of the answers its programming interface gives when it must say no.

Each text has a field here, so that a page cannot ask for words that nobody wrote: a missing one is found when the file is
read, with its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from intake.content.bilingual import Bilingual, Language
from intake.content.messages import Affiliate, load_messages
from intake.content.yaml_source import ContentError, parse, read_source


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _PageTexts(_Strict):
    title: Bilingual
    about: Bilingual
    emergency: Bilingual
    leave: Bilingual
    other_language: Bilingual
    log_label: Bilingual
    choices_label: Bilingual
    field_label: Bilingual
    send: Bilingual
    start: Bilingual
    start_note: Bilingual
    reload: Bilingual
    no_answer_yet: Bilingual
    speaker_bot: Bilingual
    speaker_you: Bilingual
    speaker_staff: Bilingual
    speaker_staff_named: Bilingual
    speaker_system: Bilingual
    connecting: Bilingual
    cannot_connect: Bilingual
    sending: Bilingual
    not_sent: Bilingual
    refused: Bilingual
    offline: Bilingual
    waiting: Bilingual
    ended: Bilingual
    ended_with_words: Bilingual
    new_chat: Bilingual


class _ProblemTexts(_Strict):
    unknown_session: Bilingual
    same_id_other_text: Bilingual
    not_a_phone: Bilingual
    goes_by_text: Bilingual
    asked_too_often: Bilingual
    nothing_to_change: Bilingual
    too_fast: Bilingual
    too_many_chats: Bilingual
    too_many_waiting: Bilingual
    too_large: Bilingual
    too_slow: Bilingual
    not_json: Bilingual
    not_a_form: Bilingual
    invalid: Bilingual
    forbidden: Bilingual
    not_found: Bilingual
    method_not_allowed: Bilingual
    unavailable: Bilingual
    failed: Bilingual


class _WindowTexts(_Strict):
    open: Bilingual
    close: Bilingual
    shared_ask: Bilingual
    shared_note: Bilingual
    shared_no: Bilingual
    shared_yes: Bilingual
    shared_on: Bilingual
    locked: Bilingual
    progress: Bilingual
    progress_last_minute: Bilingual
    choices_announced: Bilingual
    date_label: Bilingual
    date_use: Bilingual
    answers: Bilingual
    answers_back: Bilingual
    answers_none: Bilingual
    answers_wait: Bilingual
    answers_late: Bilingual
    answers_change: Bilingual
    answers_change_this: Bilingual
    visit: Bilingual
    visit_late: Bilingual
    by_text: Bilingual
    by_text_about: Bilingual
    by_text_label: Bilingual
    by_text_send: Bilingual
    by_text_sent: Bilingual
    by_text_late: Bilingual


class _AnswerTexts(_Strict):
    asks_to_change: Bilingual
    skipped: Bilingual
    relation: Bilingual
    child_name: Bilingual
    birth_date: Bilingual
    early_birth: Bilingual
    worry: Bilingual
    lost_skills: Bilingual
    contact_consent: Bilingual
    contact_name: Bilingual
    phone: Bilingual
    best_time: Bilingual
    place: Bilingual
    doctor: Bilingual
    insurance: Bilingual
    heard_from: Bilingual
    race_ethnicity: Bilingual
    relation_guardian: Bilingual
    contact_consent_parent_knows: Bilingual
    phone_parent: Bilingual
    contact_name_referrer: Bilingual
    doctor_agency: Bilingual
    phone_referrer: Bilingual
    needs_met: Bilingual


class _WidgetFile(_Strict):
    version: int
    window: _WindowTexts
    answers: _AnswerTexts


class _ChatPageFile(_Strict):
    version: int
    leave_address: Annotated[str, Field(pattern="^https://")]
    page: _PageTexts
    problems: _ProblemTexts


@dataclass(frozen=True)
class ChatPage:
    """The page's words and what to say about each problem, by language and purpose; ``leave_address`` is where the
    quick way out leads, ``phone`` the affiliate's as it stands in the words; ``window`` and ``answers`` are the words of the
    chat window and of its list of answers."""

    page: Mapping[Language, Mapping[str, str]]
    problems: Mapping[Language, Mapping[str, str]]
    leave_address: str
    phone: str
    window: Mapping[Language, Mapping[str, str]]
    answers: Mapping[Language, Mapping[str, str]]


def load_chat_page(folder: Path) -> ChatPage:
    """Reads ``folder``/messages/chat_page.yaml and widget.yaml, the affiliate filled in; raises ContentError naming file
    and line."""
    affiliate = load_messages(folder).affiliate
    page_source, widget_source = (read_source(folder / f"messages/{name}.yaml") for name in ("chat_page", "widget"))
    page = None if page_source.problems else parse(page_source, (), page_source.data, _ChatPageFile)
    widget = None if widget_source.problems else parse(widget_source, (), widget_source.data, _WidgetFile)
    problems = [*page_source.problems, *widget_source.problems]
    if page is None or widget is None or problems:
        raise ContentError(problems)
    said = (_by_language(texts, affiliate) for texts in (page.page, page.problems, widget.window, widget.answers))
    on_page, of_problems, of_window, of_answers = said
    return ChatPage(on_page, of_problems, page.leave_address, affiliate.phone, of_window, of_answers)


def _by_language(texts: BaseModel, affiliate: Affiliate) -> Mapping[Language, Mapping[str, str]]:
    return {"en": _filled(texts, affiliate, "en"), "es": _filled(texts, affiliate, "es")}


def _filled(texts: BaseModel, affiliate: Affiliate, language: Language) -> Mapping[str, str]:
    names = {"affiliate": affiliate.short_name.in_language(language), "phone": affiliate.phone}
    return {purpose: text.in_language(language).format_map(_FilledLater(names)) for purpose, text in texts}


class _FilledLater(dict[str, str]):
    """Leaves a place that only the window can fill in, such as {number}, as it stands."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"
