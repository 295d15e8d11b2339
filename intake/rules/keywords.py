"""Words by which a person rules the channel itself: stop, start again, help, wrong person.

An exact keyword is the whole message and nothing else; a sentence counts when a reasonable reader takes it as a wish to
get no more texts (47 CFR 64.1200(a)(10)). What a child "won't stop" doing is neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from intake.rules.phrases import PhraseBook
from intake.rules.words import unstretched, words_of


class Keyword(StrEnum):
    """A command to the channel."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"


@dataclass(frozen=True)
class KeywordLists:
    """The words, folded (see ``words.fold``).

    ``exact``: folded whole messages of each keyword. ``opt_in_while_stopped``: words such as "yes" that mean
    opt-in only while the sender is suppressed. ``courtesy``: words that may stand around a keyword ("please").
    ``wrong_person_whole``: whole messages that ask who we
    are. The phrase books are patterns for sentences; their look-alikes are taken out first.
    """

    exact: Mapping[Keyword, frozenset[str]]
    opt_in_while_stopped: frozenset[str]
    courtesy: frozenset[str]
    opt_out: PhraseBook
    wrong_person: PhraseBook
    wrong_person_whole: frozenset[str]


def read_keyword(text: str, lists: KeywordLists, *, stopped: bool = False) -> Keyword | None:
    """The keyword the WHOLE message is, or None. ``stopped``: the sender has opted out, so "yes" is an opt-in."""
    words = words_of(text)
    whole = " ".join(words)
    if stopped and whole in lists.opt_in_while_stopped:
        return Keyword.OPT_IN
    spellings = {whole} | {" ".join(unstretched(word)[0] for word in words)}
    for keyword, messages in lists.exact.items():
        if not spellings.isdisjoint(messages):
            return keyword
    return None


def means_opt_out(text: str, lists: KeywordLists) -> bool:
    """Whether a sentence asks for no more texts: a keyword with courtesies around it, or one of the patterns."""
    if read_keyword(text, lists) is Keyword.OPT_OUT:
        return True
    rest = [unstretched(word)[0] for word in words_of(text) if word not in lists.courtesy]
    stop_words = lists.exact[Keyword.OPT_OUT]
    if rest and (" ".join(rest) in stop_words or all(word in stop_words for word in rest)):
        return True
    return lists.opt_out.finds(text)


def means_wrong_person(text: str, lists: KeywordLists) -> bool:
    """Whether the sender says that we reached the wrong person or asks who we are."""
    return " ".join(words_of(text)) in lists.wrong_person_whole or lists.wrong_person.finds(text)
