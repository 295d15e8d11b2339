"""``growline programs …``: the operator's commands to look after the directory of programs."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from growline.directory_page import README, NoTable, write_table
from intake.content.hsds_export import to_hsds
from intake.content.hsds_import import Draft, drafts_of, write_draft
from intake.content.hsds_read import HsdsError, read_hsds
from intake.content.library import Content, load_content
from intake.content.staleness import FactChecked, Staleness, staleness
from intake.content.yaml_source import ContentError
from intake.settings import ROOT

MONTHS = 6
Folder = Annotated[Path, typer.Option("--content", help="The content folder.")]


def add_program_commands(programs: typer.Typer) -> None:
    """Adds the commands to ``programs``."""
    _add_looking(programs)
    _add_hsds(programs)


def _add_looking(programs: typer.Typer) -> None:
    @programs.command("stale")
    def stale(
        months: Annotated[int, typer.Option(min=1, max=120, help="How many months a fact may go unchecked.")] = MONTHS,
        content: Folder = ROOT / "content",
        today: Annotated[str | None, typer.Option(help="Another day than today, as YYYY-MM-DD.")] = None,
    ) -> None:
        """Prints what was checked too long ago, what nobody has confirmed, and which cautions have come due.

        Ends with 1 when families may be told something that should be looked at, so that a scheduled job can use it.
        """
        found = staleness(_content(content).programs, _day(today), months)
        typer.echo("\n".join(_report(found, months)))
        if found.is_wrong:
            raise typer.Exit(1)

    @programs.command("table")
    def table(
        content: Folder = ROOT / "content", page: Annotated[Path, typer.Option(help="The page with the marks.")] = README
    ) -> None:
        """Writes the table of programs in README.md anew from the directory."""
        try:
            write_table(_content(content).programs, page)
        except (NoTable, OSError) as error:
            _give_up(str(error))
        typer.echo(f"Written: {page.name}")


def _add_hsds(programs: typer.Typer) -> None:
    @programs.command("export")
    def export(
        hsds: Annotated[Path, typer.Option("--hsds", help="The file to write, as Open Referral HSDS 3.1 JSON.")],
        with_unconfirmed: Annotated[bool, typer.Option(help="Also what nobody has confirmed.")] = False,
        content: Folder = ROOT / "content",
    ) -> None:
        """Writes the directory as one page of HSDS services."""
        read = _content(content)
        page = to_hsds(read.programs.programs.values(), read.messages.affiliate, with_unconfirmed=with_unconfirmed)
        try:
            hsds.write_text(json.dumps(page, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            _give_up(f"{hsds}: {error.strerror}")
        typer.echo(f"Written: {hsds.name}, {len(page['contents'])} services")

    @programs.command("import")
    def import_(
        file: Annotated[Path, typer.Argument(help="A file of HSDS services, JSON.")],
        to: Annotated[Path, typer.Option("--to", help="The folder for the drafts.")],
    ) -> None:
        """Writes a draft for every service; all in it is unconfirmed until a person has checked it. Overwrites nothing.

        Ends with 1 when a draft was not written because its file is there already, and with 2 when the file cannot be read.
        """
        try:
            services = read_hsds(file)
            to.mkdir(parents=True, exist_ok=True)
        except HsdsError as error:
            _give_up("\n".join(f"{file}: {problem}" for problem in error.problems), 2)
        except OSError as error:
            _give_up(f"{to}: {error.strerror}", 2)
        drafts, passed_over = drafts_of(services, file.name)
        written = [_write(draft, to, file.name) for draft in drafts]
        for told in passed_over:
            typer.echo(f"passed over: {told}")
        typer.echo(f"{sum(written)} drafts written, {len(written) - sum(written)} not, {len(passed_over)} services passed over")
        if not all(written):
            raise typer.Exit(1)


def _write(draft: Draft, folder: Path, source: str) -> bool:
    """Writes one draft and says what became of it."""
    try:
        path = write_draft(draft, folder, source)
    except OSError as error:
        typer.echo(f"{draft.id}.yaml: not written: {error.strerror}", err=True)
        return False
    if path is None:
        typer.echo(f"{draft.id}.yaml: not written, there is such a file already", err=True)
        return False
    missing = f"; missing: {', '.join(draft.missing)}" if draft.missing else ""
    typer.echo("\n".join([f"{path.name}: written{missing}", *(f"  not taken over: {note}" for note in draft.notes)]))
    return True


def _report(found: Staleness, months: int) -> list[str]:
    due = [caution for caution in found.cautions if caution.is_due]
    lines = [
        f"Shown facts were last checked from {found.oldest} to {found.newest}. {len(found.old)} are older than {months} months.",
        *(_line(fact, "OLD") for fact in found.old), *(_line(fact, "AHEAD") for fact in found.ahead),
        f"{len(found.unconfirmed)} facts are not confirmed and not shown:", *(_line(fact, "   ") for fact in found.unconfirmed),
        f"{len(found.cautions)} cautions, {len(due)} of them due:",
    ]
    for told in found.cautions:
        since = f" (from {told.caution.since})" if told.caution.since else ""
        lines.append(f"{'DUE' if told.is_due else '   '} {told.subject}: {told.caution.note}{since}")
    return lines


def _line(fact: FactChecked, mark: str) -> str:
    return f"{mark} {fact.subject}.{fact.fact}: {fact.checked}"


def _day(written: str | None) -> date:
    try:
        return date.today() if written is None else date.fromisoformat(written)
    except ValueError:
        raise typer.BadParameter("a day is written YYYY-MM-DD") from None


def _content(folder: Path) -> Content:
    try:
        return load_content(folder)
    except ContentError as error:
        _give_up(str(error))


def _give_up(why: str, code: int = 1) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(code)
