"""``growline``: the operator's command line."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from growline.demo import DEMO_ADMINISTRATOR, DEMO_LOGIN, demo_secrets
from growline.directory import add_program_commands
from growline.people import add_people_commands
from growline.system import DATABASE, System
from growline.training import train as train_model
from growline.training import validate as validate_training
from intake.settings import ROOT, StoreSettings, read_settings
from intake.store.connection import Store, open_store
from intake.store.embedded import EmbeddedServer
from intake.store.encryption import new_key

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="Growline: run it and look after it.")
staff = typer.Typer(no_args_is_help=True, help="Accounts of the people who work with the console.")
audit = typer.Typer(no_args_is_help=True, help="The audit trail.")
content = typer.Typer(no_args_is_help=True, help="The words and data in content/.")
referrals = typer.Typer(no_args_is_help=True, help="The life of a referral.")
programs = typer.Typer(no_args_is_help=True, help="The directory of programs in content/programs.")
app.add_typer(staff, name="staff")
app.add_typer(referrals, name="referrals")
app.add_typer(audit, name="audit")
app.add_typer(content, name="content")
app.add_typer(programs, name="programs")

OPERATOR = "operator"


@app.command()
def run(demo: Annotated[bool, typer.Option(help="Made-up keys, the Twilio simulator, a demo login.")] = False) -> None:
    """Starts every program, starts again what ends, and stops all at Ctrl-C."""
    train_model()
    system = System(demo=demo)
    done = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: done.set())
    with system:
        _greet(system)
        done.wait()
        typer.echo("stopping …")


def _greet(system: System) -> None:
    ports = system.ports
    typer.echo("Growline is running." + (" Demo mode: no text leaves this machine." if system.demo else ""))
    typer.echo(f"  Chat page  http://127.0.0.1:{ports.gateway}/chat")
    if system.demo:
        typer.echo(f"  On a site  http://127.0.0.1:{ports.simulator}/agency")
    if system.demo:
        typer.echo(f"  Phone      http://127.0.0.1:{ports.simulator}/")
    typer.echo(f"  Console    http://127.0.0.1:{ports.console}/")
    if system.demo:
        typer.echo(f"             sign in with {DEMO_LOGIN} and the password {system.environment['GROWLINE_DEMO_PASSWORD']}")
        typer.echo(f"             or, to look after accounts, with {DEMO_ADMINISTRATOR} and the same password")
        typer.echo("             (the demo asks for no second factor; in production everybody needs one)")
    typer.echo("Ctrl-C stops everything.")
    sys.stdout.flush()


@app.command()
def migrate() -> None:
    """Brings the database to the newest schema, and lets names from before be found."""
    from intake.store.schema import migrate as to_newest
    from intake.usecases.searching import mark_names

    with _store() as store:
        to_newest(store.engine)
        mark_names(store)
    typer.echo("The database is at the newest schema.")


@app.command()
def train(force: Annotated[bool, typer.Option(help="Train even when nothing has changed.")] = False) -> None:
    """Trains the engine's model when anything it is made of has changed."""
    typer.echo("Trained." if train_model(force=force) else "Nothing has changed; the model is fresh.")


@app.command()
def validate() -> None:
    """Lets Rasa check domain, rules and training data; ends with an error when it complains."""
    complaints = validate_training()
    if complaints:
        typer.echo(complaints, err=True)
        raise typer.Exit(1)
    typer.echo("Rasa finds nothing wrong in domain, rules and training data.")


@app.command()
def key() -> None:
    """Prints a fresh 256-bit key for the settings."""
    typer.echo(new_key())


@app.command()
def understand() -> None:
    """Reads JSON lines from standard input and writes what is understood of each, as a live message would be."""
    from growline.understanding import understand_lines

    for stream in (sys.stdin, sys.stdout):  # broken UTF-8 must not end the reading of the lines after it
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    understand_lines(sys.stdin, sys.stdout)


@app.command()
def case(
    receipt_or_conversation: Annotated[str | None, typer.Argument(help="A receipt number or a conversation id.")] = None,
    phone: Annotated[str | None, typer.Option(help="A phone, +1…")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON (the only form there is).")] = True,
) -> None:
    """Prints what stands in the database about a case; leaves an audit line."""
    from intake.usecases.case_view import CaseUnknown, view_case

    if (receipt_or_conversation is None) == (phone is None):
        raise typer.BadParameter("give a receipt number or conversation id, or --phone")
    with _store() as store:
        try:
            data = view_case(store, actor=OPERATOR, receipt_or_conversation=receipt_or_conversation, phone=phone)
        except CaseUnknown as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))


@app.command()
def export() -> None:
    """Writes every flagged or referred case to standard output as JSON lines; each leaves an audit line."""
    from intake.usecases.case_view import cases_of_staff, view_case

    with _store() as store:
        for conversation in cases_of_staff(store):
            case_data = view_case(store, actor=OPERATOR, receipt_or_conversation=conversation)
            typer.echo(json.dumps(case_data, ensure_ascii=False))


@app.command("sms-cost")
def sms_cost(
    days: Annotated[int, typer.Option(min=1, help="How many days are looked back.")] = 30,
    segment_dollars: Annotated[float | None, typer.Option(min=0, help="What one segment costs, instead of the setting.")] = None,
) -> None:
    """Prints what texting costs: segments, dollars per finished screening, and how texts fare. Counts only."""
    from growline.costs import cost_lines, read_prices
    from intake.content.library import load_content
    from intake.usecases.local_day import local_today
    from intake.usecases.sms_cost import sms_cost as counted

    prices = read_prices(segment_dollars)
    since = datetime.now(UTC) - timedelta(days=days)
    with _store() as store:
        cost = counted(store, since=since, today=local_today(load_content(ROOT / "content")))
    typer.echo("\n".join(cost_lines(cost, prices)))


@staff.command("add")
def staff_add(
    email: str,
    name: str,
    role: Annotated[str, typer.Option(help="intake, supervisor or administrator")] = "intake",
) -> None:
    """Adds a member of staff; the password is asked for and never shown."""
    from intake.usecases.staff import StaffNotAdded, add_staff

    password = os.environ.get("GROWLINE_STAFF_PASSWORD") or typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    with _store() as store:
        try:
            add_staff(store, email, name, password, role)
        except StaffNotAdded as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
    typer.echo(f"{name} can sign in to the console.")


@audit.command("verify")
def audit_verify() -> None:
    """Walks the audit trail and names the first line that was altered."""
    from intake.store.audit import verify

    with _store() as store, store.reading() as session:
        broken = verify(session)
    if broken is not None:
        typer.echo(f"The audit trail is broken at line {broken}.", err=True)
        raise typer.Exit(1)
    typer.echo("The audit trail is whole.")


@referrals.command("diagram")
def referrals_diagram() -> None:
    """Writes docs/referrals.md anew from the table of moves."""
    from growline.referral_page import PAGE, write_referral_page

    write_referral_page()
    typer.echo(f"Written: {PAGE.relative_to(ROOT)}")


@content.command("check")
def content_check(folder: Path = ROOT / "content") -> None:
    """Reads all content and names every file and line that is wrong."""
    from intake.content.console_texts import load_console_texts
    from intake.content.library import load_content
    from intake.content.practice import FEWEST
    from intake.content.yaml_source import ContentError

    try:
        found = load_content(folder)
        load_console_texts(folder)
    except ContentError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if len(found.practice) < FEWEST:
        typer.echo(f"{folder / 'practice'}: {len(found.practice)} made-up families; practicing needs {FEWEST}", err=True)
        raise typer.Exit(1)
    questions = sum(len(checklist.questions) for checklist in found.questions.checklists.values())
    directory = f"{len(found.programs.programs)} programs, {len(found.programs.crisis)} crisis lines"
    typer.echo(f"{questions} questions in {len(found.questions.checklists)} checklists, {directory}, 2 languages: all good")


@contextmanager
def _store() -> Iterator[Store]:
    """The operator's database; without GROWLINE_DATABASE_URL the demo's own under var/."""
    if "GROWLINE_DATABASE_URL" in os.environ or (ROOT / ".env").exists():
        settings = read_settings(StoreSettings)
        store = open_store(settings.database_url, settings.key_ring())
        yield store
        store.close()
        return
    for name, value in demo_secrets(ROOT / "var").items():
        os.environ.setdefault(name, value)
    with EmbeddedServer(ROOT / "var" / "postgres") as server:
        os.environ["GROWLINE_DATABASE_URL"] = server.database(DATABASE)
        settings = read_settings(StoreSettings)
        store = open_store(settings.database_url, settings.key_ring())
        yield store
        store.close()


add_people_commands(staff, _store)
add_program_commands(programs)


def main() -> None:
    """The entry point of the command line."""
    app()


if __name__ == "__main__":
    main()
