"""The peer: an ordinary Rasa form with an SQL tracker store, trained and driven as our own engine is.

It has the learned readers of our own engine, one rule policy, a form of eight slots with its validator,
rasa-sdk's own server and SQLite. What its turn takes more at the end of a conversation than at the start is the
price of a conversation that is kept as a list of events.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx

from bench.driving import side_by_side, turns_a_second, warm_up
from bench.measuring import Measured, TimedTurn
from bench.parent import MILESTONE, Parent, read_script
from bench.processes import MemoryWatch, running
from growline.free_ports import free_ports
from growline.programs import Program
from growline.training import engine_environment, rasa
from intake.settings import ROOT

FORM = ROOT / "bench" / "peer_form"
LONG_CONVERSATIONS = 1
TURN_SECONDS = 30.0
NAMED = "an ordinary Rasa form, SQL tracker store"


class NoReply(RuntimeError):
    """The peer did not ask its next question, so the turn was not taken."""


class NotTrained(RuntimeError):
    """The peer's model could not be made; the message ends with Rasa's own last lines."""


@dataclass(frozen=True)
class Peer:
    """The two programs of the peer, and the address its turns go to."""

    engine: Program
    actions: Program
    url: str


def measure_peer(folder: Path) -> Measured:
    """Trains the peer in ``folder``, runs it and measures it. Raises NotTrained, NotReady, NoReply."""
    model = train_peer(folder)
    with running_peer(folder, model) as peer, httpx.Client(timeout=TURN_SECONDS) as client:
        begin = partial(PeerTalk, client, peer.url)
        memory = MemoryWatch(peer.engine), MemoryWatch(peer.actions)
        warm_up(begin)
        timed = side_by_side(begin, LONG_CONVERSATIONS)
        return Measured(NAMED, timed, turns_a_second(begin), memory[0].end(), memory[1].end())


def train_peer(folder: Path) -> Path:
    """Trains the peer's model into ``folder`` and returns where it stands; raises NotTrained."""
    files = ["--domain", str(FORM / "domain.yml"), "--config", str(FORM / "config.yml"),
             "--data", str(FORM / "nlu.yml"), str(FORM / "rules.yml")]
    command = [str(rasa()), "train", *files, "--out", str(folder), "--fixed-model-name", "peer", "--quiet"]
    trained = subprocess.run(command, cwd=folder, env=engine_environment(dict(os.environ)), text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if trained.returncode != 0:
        raise NotTrained(trained.stdout[-2000:])
    return folder / "peer.tar.gz"


@contextmanager
def running_peer(folder: Path, model: Path) -> Iterator[Peer]:
    """The peer's two programs, ready, until the block ends."""
    engine_port, actions_port = free_ports(2)
    environment = {**engine_environment(dict(os.environ)), "PYTHONUNBUFFERED": "1",
                   "SANIC_HOST": "127.0.0.1",  # the SDK's own server takes no other word about where to listen
                   "PEER_ACTIONS_URL": f"http://127.0.0.1:{actions_port}/webhook",
                   "PEER_TRACKER_DB": str(folder / "trackers.db")}

    def program(name: str, command: list[str], ready_url: str) -> Program:
        return Program(name, command, ready_url, environment, folder / f"{name}.log")

    actions = program("peer-actions", _actions_command(actions_port), f"http://127.0.0.1:{actions_port}/health")
    rest = f"http://127.0.0.1:{engine_port}/webhooks/rest"
    engine = program("peer-engine", _engine_command(engine_port, model), f"{rest}/")
    with running(engine, actions):
        yield Peer(engine, actions, f"{rest}/webhook")


def _engine_command(port: int, model: Path) -> list[str]:
    return [str(rasa()), "run", "-i", "127.0.0.1", "--port", str(port), "--model", str(model),
            "--endpoints", str(FORM / "endpoints.yml"), "--credentials", str(FORM / "credentials.yml")]


def _actions_command(port: int) -> list[str]:
    return [str(rasa().parent / "python"), "-m", "rasa_sdk", "--quiet", "--port", str(port),
            "--actions", "bench.peer_form.actions"]


class PeerTalk:
    """One conversation with the peer at ``url``."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client = client
        self._url = url
        self._sender = uuid4().hex
        self._parent = Parent(read_script(FORM / "conversation.yaml"))

    def take_turn(self) -> TimedTurn:
        """Sends the next message and times the answer; raises NoReply when it asks nothing."""
        message = {"sender": self._sender, "message": self._parent.says(MILESTONE)}
        begun = time.perf_counter()
        response = self._client.post(self._url, json=message)
        seconds = time.perf_counter() - begun
        replies = response.raise_for_status().json()
        if not replies or not replies[-1].get("text", "").endswith("?"):
            raise NoReply(f"turn {self._parent.turn} was answered with {replies!r}")
        return TimedTurn(self._parent.turn, seconds)
