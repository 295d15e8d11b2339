"""Writes ``docs/referrals.md`` from the tables of the rules: the life of a referral as a picture and in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from intake.content.console_texts import ConsoleTexts, load_console_texts
from intake.rules.referral import MOVES, SOURCES_OF_STAFF, BarrierCode, GapCode, MoveSource, ReferralStatus, needs_reason
from intake.settings import ROOT

PAGE = ROOT / "docs" / "referrals.md"

_BEGINNING = """# The life of a referral

Written by `growline referrals diagram` from the tables in `intake/rules/referral.py`; a test fails when this page says
something else. What each word means stands in [the glossary](glossary.md#status-of-a-referral).

A move keeps who made it, when, who told us ({sources}), and a note. The agent makes a draft and
moves it on as the family agrees. A way that the family goes by itself (a page, an app, the doctor) it moves on to sent at once,
for nobody carries anything; everything else is told to staff, who name {sources_of_staff}.

```mermaid
{diagram}
```

"Reason" in the picture: the move names what stood in the way, a barrier or a gap. To close, only where none stands yet.

"""

_WORDS = """
"Once": a reason that was named at the step before still stands and need not be named again.

## What may stand in the way

A gap means that no service exists for the need; a barrier stands before a service that exists. A move names one or none.

"""


def referral_page(texts: ConsoleTexts) -> str:
    """The whole page, with the words of the console for statuses, barriers and gaps."""
    beginning = _BEGINNING.format(diagram="\n".join(_diagram(texts)), sources=_listed(MoveSource),
                                  sources_of_staff=_listed(SOURCES_OF_STAFF))
    return beginning + "\n".join([*_table(texts), *_WORDS.splitlines(), *_reasons(texts)]) + "\n"


def write_referral_page(folder: Path = ROOT / "content", page: Path = PAGE) -> None:
    """Writes the page anew."""
    page.write_text(referral_page(load_console_texts(folder)), encoding="utf-8")


def _diagram(texts: ConsoleTexts) -> Iterator[str]:
    yield "stateDiagram-v2"
    for status in ReferralStatus:
        yield f"    state \"{texts.text(f'status.{status}', 'en')}\" as {status}"
    yield f"    [*] --> {ReferralStatus.DRAFT}"
    for before in ReferralStatus:
        for after in _moves(before):
            yield f"    {before} --> {after}" + (" : reason" if needs_reason(before, after) else "")
        if not MOVES[before]:
            yield f"    {before} --> [*]"


def _table(texts: ConsoleTexts) -> Iterator[str]:
    yield "| status | in words | may go to | needs a barrier or a gap |"
    yield "| --- | --- | --- | --- |"
    for status in ReferralStatus:
        moves = _listed(_moves(status)) or "nowhere: it stays as it is"
        yield f"| `{status}` | {texts.text(f'status.{status}', 'en')} | {moves} | {_need(status)} |"


def _need(status: ReferralStatus) -> str:
    """When a move to ``status`` must name a reason: always, never, or depending on what stands before."""
    before = [other for other in ReferralStatus if status in MOVES[other]]
    asked = [other for other in before if needs_reason(other, status)]
    if not asked:
        return "no"
    spared = [other for other in before if other not in asked]
    once = any(not needs_reason(other, status, BarrierCode.OTHER) for other in asked)
    return "yes" + (", once" if once else "") + (f"; not from {_listed(spared)}" if spared else "")


def _reasons(texts: ConsoleTexts) -> Iterator[str]:
    yield "| kind | code | in words |"
    yield "| --- | --- | --- |"
    for kind, codes in (("barrier", tuple(BarrierCode)), ("gap", tuple(GapCode))):
        for code in codes:
            yield f"| {kind} | `{code}` | {texts.text(f'{kind}.{code}', 'en')} |"


def _moves(before: ReferralStatus) -> list[ReferralStatus]:
    return [status for status in ReferralStatus if status in MOVES[before]]


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(f"`{code}`" for code in codes)
