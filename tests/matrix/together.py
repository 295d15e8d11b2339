"""Many families at once, step by step: each goes on by itself, and what went wrong with one is kept for its own tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

AT_ONCE = 6  # enough to keep two cores busy, and others are answered in time beside them

Somebody = TypeVar("Somebody")


@dataclass
class Played(Generic[Somebody]):
    """How far everybody came, by name: the steps taken, and the first one that went wrong with the reason."""

    people: Mapping[str, Somebody]
    done: dict[str, list[str]] = field(default_factory=dict)
    failed: dict[str, tuple[str, BaseException]] = field(default_factory=dict)

    def step(self, name: str, deed: Callable[[Somebody], object]) -> None:
        """Everybody who came so far takes this step, many at once."""
        going = [key for key in self.people if key not in self.failed]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(lambda key: self._one(key, name, deed), going))

    def _one(self, key: str, name: str, deed: Callable[[Somebody], object]) -> None:
        try:
            deed(self.people[key])
        except Exception as error:  # told by the tests of this one; the others go on
            self.failed[key] = (name, error)
        else:
            self.done.setdefault(key, []).append(name)

    def check(self, key: str, step: str) -> None:
        """Fails when ``key`` did not take this step well: with what was wrong, or with where it had stopped before."""
        where, error = self.failed.get(key, (None, None))
        if where == step and error is not None:
            raise AssertionError(f"{key}, {step}: {error!r}") from error
        assert step in self.done.get(key, []), f"{key} came only to '{where}'"
