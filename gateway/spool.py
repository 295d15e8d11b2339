"""A folder in which texts and receipts wait, sealed, while the database cannot take them.

One file each, ``<hash of the provider's id>.sealed``: written beside, synced, renamed, and the folder synced, so that it is
there whole or not at all, also after a power cut. Its time is when the webhook came, which is the order it is stored in
later. What does not open is set aside as ``*.unreadable``. Several gateways may share a folder.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from intake.settings import SettingsError
from intake.store.encryption import DecryptionError, KeyRing

SEALED, NEW, UNREADABLE = ".sealed", ".new", ".unreadable"
_PLACE = "spool.text"
_LOCK = "draining.lock"
_ABANDONED_SECONDS = 60  # a file that is still being written after this was left by a gateway that died, unacknowledged
_PROBE = bytes(16 * 1024)  # room for the longest text Twilio lets through (1,600 characters), sealed


@dataclass(frozen=True)
class Figures:
    """How many files wait, for how long the oldest has (seconds), and how many could not be read."""

    waiting: int
    oldest_seconds: float
    unreadable: int


class Spool:
    """The folder ``folder``, sealed with ``keys``. ``stuck`` are names that fail by a fault of ours, kept and tried on."""

    def __init__(self, folder: Path, keys: KeyRing) -> None:
        self._folder, self._keys = folder, keys
        self.stuck: set[str] = set()

    def prepare(self) -> None:
        """Makes the folder; raises SettingsError when nothing can be written there."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._probe()
        except OSError as error:
            raise SettingsError(
                "Growline cannot start; GROWLINE_SPOOL: the folder where texts wait while the database is down cannot be "
                f"written to ({error.strerror}); name a folder on a real disk that this program may write to"
            ) from None

    def works(self) -> bool:
        """Whether a file could be kept now."""
        try:
            self._probe()
        except OSError:
            return False
        return True

    def put(self, name: str, plain: bytes, arrived_ns: int) -> None:
        """Keeps ``plain`` under ``name``, once; it is on the disk when this returns. Raises OSError, leaving no half file."""
        kept = self._folder / f"{name}{SEALED}"
        if not kept.exists():
            self._write(kept, self._keys.seal(plain, _PLACE), arrived_ns)
        self._sync_folder()

    def holds_any(self) -> bool:
        """Whether a file waits that can be expected to be stored soon."""
        return any(entry.name not in self.stuck for entry in self._entries(SEALED))

    def waiting(self) -> list[Path]:
        """The files that wait, in the order their webhooks came."""
        return [path for _, path in sorted(self._dated(SEALED))]

    def open(self, path: Path) -> bytes:
        """What was put. Raises FileNotFoundError (another gateway has stored it) or DecryptionError."""
        return self._keys.open(path.read_bytes(), _PLACE)

    def remove(self, path: Path) -> None:
        """Forgets a file that was stored. It may come back after a power cut; what it holds is stored once all the same."""
        path.unlink(missing_ok=True)
        self.stuck.discard(path.name)

    def set_aside(self, path: Path) -> None:
        """Keeps a file that does not open out of the way, for somebody to look at."""
        with suppress(FileNotFoundError):
            path.rename(self._beside(path, UNREADABLE))

    def look_again(self) -> None:
        """Gives files set aside that open now their place back: a key may have been missing from the ring."""
        for _, path in self._dated(UNREADABLE):
            with suppress(DecryptionError, OSError):
                self.open(path)
                path.rename(path.with_name(path.name.split(".")[0] + SEALED))

    def sweep(self) -> None:
        """Takes away what gateways left half written when they died."""
        for written, path in self._dated(NEW):
            if time.time_ns() - written > _ABANDONED_SECONDS * 10**9:
                path.unlink(missing_ok=True)

    @contextmanager
    def draining(self) -> Iterator[bool]:
        """Holds the right to empty the folder; False when another gateway has it. Two at once would mix up the order."""
        with (self._folder / _LOCK).open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def figures(self) -> Figures:
        """What waits now."""
        waiting = [arrived for arrived, _ in self._dated(SEALED)]
        oldest = (time.time_ns() - min(waiting)) / 10**9 if waiting else 0.0
        return Figures(len(waiting), max(oldest, 0.0), sum(1 for _ in self._entries(UNREADABLE)))

    def _write(self, path: Path, sealed: bytes, arrived_ns: int) -> None:
        new = self._beside(path, NEW)
        try:
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(sealed)
                file.flush()
                os.utime(file.fileno(), ns=(arrived_ns, arrived_ns))
                os.fsync(file.fileno())
            new.rename(path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise

    def _probe(self) -> None:
        probe = self._beside(self._folder / "probe", NEW)
        self._write(probe, _PROBE, time.time_ns())
        probe.unlink()

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _beside(self, path: Path, suffix: str) -> Path:
        return path.with_name(f"{path.name.split('.')[0]}.{secrets.token_hex(4)}{suffix}")

    def _entries(self, suffix: str) -> Iterable[os.DirEntry[str]]:
        with suppress(OSError), os.scandir(self._folder) as entries:
            yield from (entry for entry in entries if entry.name.endswith(suffix))

    def _dated(self, suffix: str) -> Iterator[tuple[int, Path]]:
        for entry in self._entries(suffix):
            with suppress(FileNotFoundError):
                yield entry.stat().st_mtime_ns, Path(entry.path)
