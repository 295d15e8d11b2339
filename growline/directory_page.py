"""Writes the table of programs in ``README.md`` from the directory, so that the page says what families are told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from intake.content.program_facts import Program
from intake.content.programs import Programs
from intake.settings import ROOT

README = ROOT / "README.md"
BEGIN, END = "<!-- programs: written by growline programs table -->", "<!-- end of programs -->"

_WAYS = {
    "phone": "phone", "text": "text", "online_form": "online form", "email": "e-mail", "fax": "fax", "letter": "letter",
    "app": "an app", "link_only": "a link only", "ask_the_doctor": "ask the doctor", "bedside": "at the hospital bedside",
}
_PARTS = {
    "hub": "the hub", "coordination": "coordination", "early_intervention": "early intervention", "preschool": "preschool",
    "monitoring": "monitoring",
}


class NoTable(ValueError):
    """The page has no place for the table: one of its marks is missing."""


def program_table(programs: Programs) -> str:
    """The table, one row a program: what it is for, whom it serves and where, how a referral travels, when it was checked."""
    return "\n".join([
        "| program | its part | ages | where | how a referral travels | phone | last checked | not confirmed |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *(_row(program, programs) for program in _in_order(programs)),
    ])


def page_with_table(page: str, programs: Programs) -> str:
    """``page`` with the table between its marks. Raises NoTable when there is no place for it."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoTable(f"the page needs {BEGIN} and, below it, {END}")
    return f"{before}{BEGIN}\n{program_table(programs)}\n{END}{after}"


def write_table(programs: Programs, page: Path = README) -> None:
    """Writes the table into ``page`` anew."""
    page.write_text(page_with_table(page.read_text(encoding="utf-8"), programs), encoding="utf-8")


def _in_order(programs: Programs) -> list[Program]:
    """Those that play a part first, as the rules name them; then the others by name."""
    parts = list(_parts(programs))
    others = sorted(set(programs.programs) - set(parts))
    return [programs.programs[name] for name in (*parts, *others)]


def _parts(programs: Programs) -> dict[str, str]:
    """What each program is to the rules, by its id."""
    doors = programs.doors
    named = [("hub", doors.hub), ("coordination", doors.coordination),
             ("early_intervention", doors.early_intervention.program_id), ("preschool", doors.preschool.program_id)]
    if doors.monitoring is not None:
        named.append(("monitoring", doors.monitoring.program_id))
    found: dict[str, str] = {}
    for part, name in named:
        found[name] = f"{found[name]}, {_PARTS[part]}" if name in found else _PARTS[part]
    for concern, door in doors.by_concern:
        found[door.program_id] = f"worry `{concern}`"
    return found


def _row(program: Program, programs: Programs) -> str:
    part = _parts(programs).get(program.id) or _part_without_a_door(program)
    cells = [
        f"{program.name.en} (`{program.id}`)", part, _ages(program), _places(program), _ways(program, programs),
        program.shown_phone or "–", program.checked, ", ".join(f"`{fact}`" for fact in program.unconfirmed) or "–",
    ]
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"


def _part_without_a_door(program: Program) -> str:
    if program.kind == "place_based":
        return "the place"
    return "the family's words" if program.recognised_by is not None else "offered by staff"


def _ages(program: Program) -> str:
    ages = program.ages
    if not program.shows("ages"):
        return "–"
    begin = "pregnancy" if ages.from_pregnancy else _age(ages.from_months) if ages.from_months else "birth"
    return f"{begin} to under {_age(ages.to_months)}"


def _age(months: int) -> str:
    return f"{months // 12}" if months % 12 == 0 else f"{months} months"


def _places(program: Program) -> str:
    places = program.places
    if not program.shows("places"):
        return "–"
    if places.everywhere:
        return "the whole area"
    codes = [f"ZIP {code}" for code in places.zip_codes]
    hint = " (only a hint)" if codes and places.zip_is_only_a_hint else ""
    return ", ".join([*places.towns, *places.districts, *codes]) + hint


def _ways(program: Program, programs: Programs) -> str:
    return ", ".join(_ways_of(program, programs)) if program.shows("referral") else "–"


def _ways_of(program: Program, programs: Programs) -> Iterator[str]:
    for way in program.referral.ways:
        if way == "hub":
            yield f"through {programs.program(str(program.referral.through)).name.en}"
        else:
            yield _WAYS[way]
