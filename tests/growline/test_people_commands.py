"""``growline staff …``: the operator looks after accounts without the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from growline.people import add_people_commands
from intake.store.connection import Store
from intake.usecases import people

LUZ = "luz@example.org"
Run = Callable[..., Result]


@pytest.fixture
def run(store: Store, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs one command over the test's store."""
    monkeypatch.setenv("GROWLINE_CONSOLE_URL", "https://console.example")
    commands = typer.Typer()

    @contextmanager
    def opened() -> Iterator[Store]:
        yield store

    add_people_commands(commands, opened)
    return lambda *words: CliRunner().invoke(commands, list(words))


def test_a_person_is_invited_listed_and_given_another_role(run: Run, store: Store) -> None:
    invited = run("invite", LUZ, "Luz Marin", "--role", "supervisor")
    address = invited.output.splitlines()[0]
    assert address.startswith("https://console.example/password/")
    assert people.choose_password(store, address.rpartition("/")[2], "nine loud herons sing")
    assert run("role", LUZ, "intake").exit_code == 0
    line = run("list").output.strip().split("\t")
    assert line == [LUZ, "Luz Marin", "intake", "signed in never", "no second factor", "active"]


def test_a_person_is_locked_unlocked_and_reset(run: Run, store: Store) -> None:
    run("invite", LUZ, "Luz Marin")
    for words, state in ((("lock", LUZ), "locked"), (("unlock", LUZ), "no password yet")):
        assert run(*words).exit_code == 0
        assert run("list").output.strip().endswith(state)
    assert run("reset-second-factor", LUZ).exit_code == 0
    assert "/password/" in run("link", LUZ).output


def test_what_cannot_be_done_is_said_and_ends_with_an_error(run: Run, store: Store) -> None:
    run("invite", "ada@example.org", "Ada Cruz", "--role", "administrator")
    ada = people.id_of(store, "ada@example.org")
    assert ada is not None
    people.choose_password(store, people.renew_link(store, ada, by=None).token, "nine loud herons sing")
    for words in (("lock", "ada@example.org"), ("role", "ada@example.org", "intake"), ("lock", "nobody@example.org"),
                  ("role", "ada@example.org", "root"), ("invite", "ada@example.org", "Ada")):
        assert run(*words).exit_code == 1, words
    assert [person.active for person in people.people(store)] == [True]
