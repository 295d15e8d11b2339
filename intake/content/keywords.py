"""Loads the words that rule the channel (stop, start, help, wrong person) and those that tell languages apart.

They are data so that an affiliate can add what its families write; a pattern that cannot be read stops the
program at start.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from intake.content.yaml_source import ContentError, Problem, Source, parse, read_source
from intake.rules.keywords import Keyword, KeywordLists, OnlySaying, SayingLists
from intake.rules.language import LanguageLists, Ours
from intake.rules.phrases import LOOK_ALIKE, PatternError, PhraseBook
from intake.rules.words import fold, words_of

COMMANDS, LANGUAGES = "commands.yaml", "language.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Sentences(_Strict):
    sets: Mapping[str, tuple[str, ...]]
    patterns: tuple[str, ...]
    look_alikes: tuple[str, ...]


class _Saying(_Strict):
    whole: tuple[str, ...]
    sentences: _Sentences


class _OnlySaying(_Strict):
    whole: tuple[str, ...]
    may_be_answers: tuple[str, ...]
    courtesy: tuple[str, ...]
    sentences: _Sentences
    beside: tuple[str, ...]


class _Commands(_Strict):
    exact: Mapping[Keyword, tuple[str, ...]]
    opt_in_while_stopped: tuple[str, ...]
    courtesy: tuple[str, ...]
    opt_out_sentences: _Sentences
    around: tuple[str, ...]
    wrong_number: _Saying
    who_is_this: _Saying
    activities: _OnlySaying
    watching: _OnlySaying


class _Requests(_Strict):
    whole: tuple[str, ...]
    sentences: tuple[str, ...]


class _OurRequests(_Strict):
    en: _Requests
    es: _Requests


class _Languages(_Strict):
    telling_words: Mapping[str, tuple[str, ...]]
    asks: _OurRequests
    look_alikes: tuple[str, ...]


def load_keywords(folder: Path) -> KeywordLists:
    """The channel's words in ``folder`` (content/keywords). Raises ContentError with file and line."""
    source = read_source(folder / COMMANDS)
    commands = parse(source, (), source.data, _Commands)
    if source.problems or commands is None:
        raise ContentError(source.problems)
    exact = {keyword: frozenset(map(_plain, messages)) for keyword, messages in commands.exact.items()}
    return KeywordLists(
        MappingProxyType(exact),
        frozenset(map(_plain, commands.opt_in_while_stopped)),
        frozenset(map(fold, commands.courtesy)),
        _book(source, commands.opt_out_sentences),
        _saying(source, commands.wrong_number),
        _saying(source, commands.who_is_this),
        frozenset(map(fold, commands.around)),
        _only_saying(source, commands.activities),
        _only_saying(source, commands.watching),
    )


def load_languages(folder: Path) -> LanguageLists:
    """The languages' telling words in ``folder`` (content/keywords). Raises ContentError with file and line."""
    source = read_source(folder / LANGUAGES)
    languages = parse(source, (), source.data, _Languages)
    if source.problems or languages is None:
        raise ContentError(source.problems)
    words = {name: frozenset(map(fold, telling)) for name, telling in languages.telling_words.items()}
    asks: dict[Ours, _Requests] = {"en": languages.asks.en, "es": languages.asks.es}
    books = {name: _request_book(source, requests, languages) for name, requests in asks.items()}
    whole = {name: frozenset(map(_plain, requests.whole)) for name, requests in asks.items()}
    return LanguageLists(MappingProxyType(words), MappingProxyType(books), MappingProxyType(whole))


def _request_book(source: Source, requests: _Requests, languages: _Languages) -> PhraseBook:
    return _book(source, _Sentences(sets={}, patterns=requests.sentences, look_alikes=languages.look_alikes))


def _saying(source: Source, saying: _Saying) -> SayingLists:
    return SayingLists(frozenset(map(_plain, saying.whole)), _book(source, saying.sentences))


def _only_saying(source: Source, words: _OnlySaying) -> OnlySaying:
    courtesy = frozenset(map(fold, words.courtesy))
    return OnlySaying(frozenset(map(_plain, words.whole)), frozenset(map(_plain, words.may_be_answers)), courtesy,
                         _book(source, words.sentences), courtesy | frozenset(map(fold, words.beside)))


def _plain(message: str) -> str:
    return " ".join(words_of(message))


def _book(source: Source, sentences: _Sentences) -> PhraseBook:
    try:
        return PhraseBook(
            {"sentence": sentences.patterns, LOOK_ALIKE: sentences.look_alikes}, sets=sentences.sets
        )
    except PatternError as error:
        raise ContentError([Problem(str(source.path), 1, str(error))]) from error
