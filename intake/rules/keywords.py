"""Words by which a person rules the channel itself: stop, start again, help, wrong person.

An exact keyword is the whole message and nothing else; a sentence counts when a reasonable reader takes it as a wish to
get no more texts (47 CFR 64.1200(a)(10)). What a child "won't stop" doing is neither. A wrong number is heard only where it
is plain: a mother taken for a stranger would lose her place, a stranger not heard is asked one question more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product, takewhile

from intake.rules.phrases import PhraseBook
from intake.rules.words import unstretched, words_of

MOST_AROUND = 4  # words on each side of a whole message: "oh no sorry, wrong person, thank you"


class Keyword(StrEnum):
    """A command to the channel."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    WEB = "web"
    VISIT = "visit"


@dataclass(frozen=True)
class SayingLists:
    """One thing a person may say: ``whole`` folded messages, and ``sentences`` that are found inside a longer one."""

    whole: frozenset[str]
    sentences: PhraseBook


@dataclass(frozen=True)
class OnlySaying:
    """Ways to say one thing and nothing else, such as asking what to do at home: ``whole`` messages, those that
    ``may_be_answers`` to some questions ("jugar"), the words that may stand around either (``courtesy``), and ``sentences``,
    beside which only the words ``beside`` may stand."""

    whole: frozenset[str]
    may_be_answers: frozenset[str]
    courtesy: frozenset[str]
    sentences: PhraseBook
    beside: frozenset[str]


@dataclass(frozen=True)
class KeywordLists:
    """The words, folded (see ``words.fold``).

    ``exact``: folded whole messages of each keyword. ``opt_in_while_stopped``: words such as "yes" that mean
    opt-in only while the sender is suppressed. ``courtesy``: words that may stand around a keyword ("please").
    ``around``: words that may stand before or after a whole message of a wrong person ("sorry", "lol").
    The phrase books are patterns for sentences; their look-alikes are taken out first.
    """

    exact: Mapping[Keyword, frozenset[str]]
    opt_in_while_stopped: frozenset[str]
    courtesy: frozenset[str]
    opt_out: PhraseBook
    wrong_number: SayingLists
    who_is_this: SayingLists
    around: frozenset[str]
    activities: OnlySaying
    watching: OnlySaying


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


def means_wrong_number(text: str, lists: KeywordLists) -> bool:
    """Whether the sender says that this phone is not the one we mean: "wrong number", "no kids here, sorry"."""
    return _says(text, lists.wrong_number, lists.around)


def asks_who_we_are(text: str, lists: KeywordLists) -> bool:
    """Whether the sender asks who writes to them: "who is this", "de quién es este número"."""
    return _says(text, lists.who_is_this, lists.around)


def means_wrong_person(text: str, lists: KeywordLists) -> bool:
    """Whether the sender says that we reached the wrong person or asks who we are."""
    return means_wrong_number(text, lists) or asks_who_we_are(text, lists)


def asks_for_activities(text: str, lists: KeywordLists, *, may_be_an_answer: bool = False) -> bool:
    """Whether the WHOLE message asks what to do at home with the child: "PLAY", "qué puedo hacer en casa".

    A message that also tells something ("he says no words, what can I do") is left to who understands that too.
    ``may_be_an_answer``: the open question can be answered by "play" or "jugar", so these alone ask for nothing.
    """
    return _says_only(text, lists.activities, may_be_an_answer=may_be_an_answer)


def wants_to_watch(text: str, lists: KeywordLists) -> bool:
    """Whether the WHOLE message says that the parent will look out for it: "I'll watch for it", "lo voy a observar".

    "He watches TV" tells what a child does, and "I'll watch him, he fell" tells of a fall: neither is meant.
    """
    return _says_only(text, lists.watching)


def _says_only(text: str, saying: OnlySaying, *, may_be_an_answer: bool = False) -> bool:
    core = " ".join(word for word in map(_shortest, words_of(text)) if word not in saying.courtesy)
    if core in saying.whole or (core in saying.may_be_answers and not may_be_an_answer):
        return True
    line = saying.sentences.read(text)
    besides = ({*range(len(line.words))} - {*match.covered} for match in saying.sentences.matches(line))
    return any(all(_shortest(line.words[place]) in saying.beside for place in places) for places in besides)


def _shortest(word: str) -> str:
    return unstretched(word)[0]


def _says(text: str, saying: SayingLists, around: frozenset[str]) -> bool:
    return any(core in saying.whole for core in _cores(text, around)) or saying.sentences.finds(text)


def _cores(text: str, around: frozenset[str]) -> Iterator[str]:
    """The message as it is, and without some or all of the words ``around`` it: "sorry no kids lol" holds "no kids"."""
    words = [unstretched(word)[0] for word in words_of(text)]
    before = sum(1 for _ in takewhile(around.__contains__, words[:MOST_AROUND]))
    after = sum(1 for _ in takewhile(around.__contains__, words[:-MOST_AROUND - 1:-1]))
    for start, end in product(range(before + 1), range(after + 1)):
        yield " ".join(words[start:len(words) - end])
