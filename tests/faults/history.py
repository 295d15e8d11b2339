"""The history checker of the fault tests: what went in, what came out and what is left, compared rule by rule.

The idea is Jepsen's, made small: a run leaves a history (what parents sent and what was acknowledged, which texts the
simulated carrier took, the rows of the database), and the rules are judged afterwards on these plain values alone. A test of
its own shows for each rule that a history which breaks it is found.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

ENDED = frozenset({"done", "suppressed", "silent", "dead"})
WAITING = frozenset({"queued", "sending"})
AMBIGUOUS_PER_DOUBLED = 1000  # a text whose send was left without an answer may arrive twice once in so many

Item = TypeVar("Item")


@dataclass(frozen=True)
class Sent:
    """A text that a parent sent, by the carrier's id; ``acknowledged``: the gateway has answered 200."""

    sid: str
    phone: str
    acknowledged: bool


@dataclass(frozen=True)
class Accepted:
    """A text that the carrier took from us; ``row`` is our id in its status-callback address, None without one."""

    sid: str
    row: str | None


@dataclass(frozen=True)
class Inbound:
    """A row of what came in. ``sid`` is the carrier's id; ``read_with`` the row that it was read and answered with."""

    id: str
    sid: str
    conversation: str
    seq: int
    state: str
    read_with: str | None = None


@dataclass(frozen=True)
class Outbound:
    """A row of what we say. ``unclear``: a send of it was left without an answer; ``confirms``: it confirms an opt-out."""

    id: str
    conversation: str
    phone: str
    seq: int
    state: str
    text: str
    in_reply_to: str | None = None
    position: int | None = None
    attempted_at: datetime | None = None
    unclear: bool = False
    confirms: bool = False
    resend_of: str | None = None


@dataclass(frozen=True)
class Turn:
    """The receipt of a turn: the inbound row it was for, and when its effects were begun, by the database's clock."""

    message: str
    conversation: str
    at: datetime


@dataclass(frozen=True)
class OptOut:
    """A phone that must get no text from ``at`` on, until ``lifted_at``."""

    phone: str
    at: datetime
    lifted_at: datetime | None = None


@dataclass(frozen=True)
class History:
    """Everything a run has left behind."""

    sent: list[Sent] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    inbound: list[Inbound] = field(default_factory=list)
    outbound: list[Outbound] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    opt_outs: list[OptOut] = field(default_factory=list)
    referrals: list[tuple[str, str]] = field(default_factory=list)  # conversation, program
    kept_apart: frozenset[str] = frozenset()  # ids of texts that no person sent, kept in a table of their own
    broken_audit_line: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What the checker found: each violation as ``rule: what``, and the figures of the run."""

    violations: list[str]
    messages: int
    acknowledged: int
    ambiguous: int
    doubled: int

    def count(self, *rules: str) -> int:
        """How many violations there are of these rules."""
        return sum(violation.split(":")[0] in rules for violation in self.violations)


def check(history: History) -> Verdict:
    """Judges every rule."""
    sends = Counter(text.row for text in history.accepted)
    ambiguous = [row for row in history.outbound if row.unclear]
    doubled = sum(sends[row.id] > 1 for row in ambiguous)
    found = [*_lost(history), *_unfinished(history), *_out_of_order(history), *_strangers(history),
             *_sent_twice(history, sends), *_too_many_doubled(len(ambiguous), doubled), *_answered_twice(history, sends),
             *_after_stop(history), *_referred_twice(history), *_left_waiting(history), *_audit(history)]
    return Verdict(found, len(history.sent), sum(text.acknowledged for text in history.sent), len(ambiguous), doubled)


def _lost(history: History) -> Iterator[str]:
    """Every acknowledged text has exactly one row."""
    rows = Counter(row.sid for row in history.inbound) + Counter(history.kept_apart)
    for text in history.sent:
        if text.acknowledged and rows[text.sid] == 0:
            yield f"lost: {text.sid} was acknowledged and has no row"
    yield from (f"row_twice: {sid} has {count} rows" for sid, count in rows.items() if count > 1)


def _unfinished(history: History) -> Iterator[str]:
    """Every row has come to an end, itself or with the row it was read with."""
    by_id = {row.id: row for row in history.inbound}
    for row in history.inbound:
        with_row = by_id.get(row.read_with or "")
        if row.state not in ENDED and (with_row is None or with_row.state not in ENDED):
            yield f"unfinished: {row.id} is {row.state}"


def _out_of_order(history: History) -> Iterator[str]:
    """In each conversation turns are taken, and answers are given, in the order the texts were stored."""
    came = {row.id: row.seq for row in history.inbound}
    turns = sorted(history.turns, key=lambda turn: turn.at)
    answers = sorted((row for row in history.outbound if row.in_reply_to and row.resend_of is None), key=lambda row: row.seq)
    for kind, line in (("turn", [(turn.conversation, turn.message) for turn in turns]),
                       ("answer", [(row.conversation, row.in_reply_to or "") for row in answers])):
        for conversation, messages in _grouped(line).items():
            numbers = [came[message] for message in messages if message in came]
            if numbers != sorted(numbers):
                yield f"order: {kind}s of {conversation} were given out of order"


def _strangers(history: History) -> Iterator[str]:
    """Every text that left belongs to a row of ours."""
    rows = {row.id for row in history.outbound}
    yield from (f"stranger: {text.sid} left and belongs to no row" for text in history.accepted if text.row not in rows)


def _sent_twice(history: History, sends: Counter[str | None]) -> Iterator[str]:
    """Every row left once at most, but for one whose send was left without an answer."""
    yield from (f"sent_twice: {row.id} left {sends[row.id]} times" for row in history.outbound
                if sends[row.id] > 1 and not row.unclear)


def _too_many_doubled(ambiguous: int, doubled: int) -> Iterator[str]:
    """One in a thousand of the ambiguous sends may have gone out twice; one in a run that has fewer."""
    if doubled > math.ceil(ambiguous / AMBIGUOUS_PER_DOUBLED):
        yield f"doubled: {doubled} of {ambiguous} ambiguous sends"


def _answered_twice(history: History, sends: Counter[str | None]) -> Iterator[str]:
    """No two rows stand at one place of an answer, nothing is said twice in it, what is read with another has none."""
    replies = [row for row in history.outbound if row.in_reply_to is not None and row.resend_of is None]
    for (message, position), count in Counter((row.in_reply_to, row.position) for row in replies).items():
        if count > 1:
            yield f"answered_twice: {message} has {count} answers at {position}"
    said = Counter((row.in_reply_to, row.text) for row in replies if sends[row.id])
    yield from (f"answered_twice: {message} was told the same {count} times" for (message, _), count in said.items() if count > 1)
    read_with_another = {row.id for row in history.inbound if row.read_with}
    yield from (f"answered_twice: {row.in_reply_to} was read with another and answered by itself" for row in replies
                if row.in_reply_to in read_with_another)


def _after_stop(history: History) -> Iterator[str]:
    """Nothing is taken up for sending while its phone is on the list, but for one confirmation."""
    tried = _grouped((row.phone, row) for row in history.outbound if row.attempted_at is not None)
    for stop in history.opt_outs:
        rows = [row for row in tried.get(stop.phone, []) if _stood(stop, row.attempted_at)]
        yield from (f"after_stop: {row.id} was taken up" for row in rows if not row.confirms)
        if sum(row.confirms for row in rows) > 1:
            yield f"after_stop: an opt-out of {stop.at.isoformat()} was confirmed more than once"


def _stood(stop: OptOut, at: datetime | None) -> bool:
    return at is not None and stop.at < at and (stop.lifted_at is None or at < stop.lifted_at)


def _referred_twice(history: History) -> Iterator[str]:
    """A conversation is referred once at most to each program."""
    yield from (f"referred_twice: {conversation} to {program}"
                for (conversation, program), count in Counter(history.referrals).items() if count > 1)


def _left_waiting(history: History) -> Iterator[str]:
    """No text of ours waits for ever."""
    yield from (f"waiting: {row.id} is {row.state}" for row in history.outbound if row.state in WAITING)


def _audit(history: History) -> Iterator[str]:
    """The audit trail holds together."""
    if history.broken_audit_line is not None:
        yield f"audit: line {history.broken_audit_line} does not fit"


Key = TypeVar("Key", bound=Hashable)


def _grouped(pairs: Iterable[tuple[Key, Item]]) -> dict[Key, list[Item]]:
    groups: dict[Key, list[Item]] = defaultdict(list)
    for key, item in pairs:
        groups[key].append(item)
    return groups
