"""``growline staff …``: the operator's commands to look after the people at the console, as administrators do on its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Annotated

import typer

from intake.settings import LinkSettings, read_settings
from intake.store.connection import Store
from intake.usecases import people
from intake.usecases.staff import StaffNotAdded

OpenStore = Callable[[], AbstractContextManager[Store]]


def add_people_commands(staff: typer.Typer, open_store: OpenStore) -> None:
    """Adds the commands to ``staff``; each opens the store only when it runs."""
    _add_looking(staff, open_store)
    _add_links(staff, open_store)
    _add_changes(staff, open_store)


def _add_looking(staff: typer.Typer, open_store: OpenStore) -> None:
    @staff.command("list")
    def list_people() -> None:
        """Prints who has an account: role, last sign-in, second factor, lock."""
        with open_store() as store:
            for person in people.people(store):
                typer.echo(_line(person))


def _add_links(staff: typer.Typer, open_store: OpenStore) -> None:
    @staff.command("invite")
    def invite(
        email: str, name: str, role: Annotated[str, typer.Option(help="intake, supervisor or administrator")] = "intake"
    ) -> None:
        """Adds a person and prints the link with which they choose a password."""
        with open_store() as store, _refusals():
            _print(people.invite(store, email, name, role, by=None))

    @staff.command("link")
    def link(email: str) -> None:
        """Takes a person's password away and prints a link with which they choose another."""
        with open_store() as store, _refusals():
            _print(people.renew_link(store, _known(store, email), by=None))


def _add_changes(staff: typer.Typer, open_store: OpenStore) -> None:
    @staff.command("role")
    def change_role(email: str, role: str) -> None:
        """Gives a person another role."""
        with open_store() as store, _refusals():
            people.change_role(store, _known(store, email), role, by=None)

    @staff.command("lock")
    def lock(email: str) -> None:
        """Keeps a person out from now on."""
        with open_store() as store, _refusals():
            people.lock(store, _known(store, email), by=None)

    @staff.command("unlock")
    def unlock(email: str) -> None:
        """Lets a person sign in again."""
        with open_store() as store, _refusals():
            people.unlock(store, _known(store, email), by=None)

    @staff.command("reset-second-factor")
    def reset_second_factor(email: str) -> None:
        """Takes a person's second factor away; at the next sign-in they set up a new one."""
        with open_store() as store, _refusals():
            people.reset_second_factor(store, _known(store, email), by=None)


def _known(store: Store, email: str) -> int:
    staff = people.id_of(store, email)
    if staff is None:
        raise people.PersonNotChanged("unknown", "nobody has this e-mail address")
    return staff


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (people.PersonNotChanged, StaffNotAdded) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _print(link: people.OneTimeLink) -> None:
    address = read_settings(LinkSettings).console_url
    typer.echo(f"{address}/password/{link.token}")
    typer.echo(f"Good once, until {link.until:%Y-%m-%d %H:%M} UTC. It is shown here only: hand it over yourself.")


def _line(person: people.Person) -> str:
    seen = f"{person.last_sign_in:%Y-%m-%d}" if person.last_sign_in else "never"
    factor = "second factor" if person.second_factor else "no second factor"
    state = "locked" if not person.active else "active" if person.has_password or person.single_sign_on else "no password yet"
    return "\t".join((person.email, person.name, person.role, f"signed in {seen}", factor, state))
