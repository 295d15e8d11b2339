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


class _ChatPageFile(_Strict):
    version: int
    leave_address: Annotated[str, Field(pattern="^https://")]
    page: _PageTexts
    problems: _ProblemTexts


@dataclass(frozen=True)
class ChatPage:
    """The page's words and what to say about each problem, by language and purpose; ``leave_address`` is where the
    quick way out leads, ``phone`` the affiliate's as it stands in the words."""

    page: Mapping[Language, Mapping[str, str]]
    problems: Mapping[Language, Mapping[str, str]]
    leave_address: str
    phone: str


def load_chat_page(folder: Path) -> ChatPage:
    """Reads ``folder``/messages/chat_page.yaml, the affiliate filled in; raises ContentError naming file and line."""
    affiliate = load_messages(folder).affiliate
    source = read_source(folder / "messages/chat_page.yaml")
    file = None if source.problems else parse(source, (), source.data, _ChatPageFile)
    if file is None or source.problems:
        raise ContentError(source.problems)
    page, problems = _by_language(file.page, affiliate), _by_language(file.problems, affiliate)
    return ChatPage(page, problems, file.leave_address, affiliate.phone)


def _by_language(texts: BaseModel, affiliate: Affiliate) -> Mapping[Language, Mapping[str, str]]:
    return {"en": _filled(texts, affiliate, "en"), "es": _filled(texts, affiliate, "es")}


def _filled(texts: BaseModel, affiliate: Affiliate, language: Language) -> Mapping[str, str]:
    names = {"affiliate": affiliate.short_name.in_language(language), "phone": affiliate.phone}
    return {purpose: text.in_language(language).format(**names) for purpose, text in texts}
