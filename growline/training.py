"""Trains the engine's model when anything it is made of has changed, and only then."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

from intake.settings import ROOT

MODEL = ROOT / "models" / "growline.tar.gz"
_STAMP = ROOT / "models" / "growline.sha256"
_MADE_OF = ("config.yml", "domain.yml", "data/**/*.yml", "bot/**/*.py", "bot/**/*.yml", "bot/**/*.yaml", "bot/requirements.lock",
            "bot/training/*.jsonl", "bot/meaning/learned.npz", "content/questions/*-months.yaml")
_OWN = ".venv"


class TrainingFailed(RuntimeError):
    """Rasa could not train; the message is all it said."""


def rasa() -> Path:
    """The engine's command, in its own environment."""
    return ROOT / "bot" / ".venv" / "bin" / "rasa"


def fingerprint() -> str:
    """A hash over everything the model is made of."""
    digest = hashlib.sha256()
    for pattern in _MADE_OF:
        for path in sorted(ROOT.glob(pattern)):
            if _OWN not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_fresh() -> bool:
    """Whether the model on disk was made from what stands here now."""
    return MODEL.exists() and _STAMP.exists() and _STAMP.read_text().strip() == fingerprint()


def train(*, force: bool = False) -> bool:
    """Trains the model unless it is fresh; True when it trained. Raises TrainingFailed with what Rasa said."""
    if is_fresh() and not force:
        return False
    made_of = fingerprint()
    command = [str(rasa()), "train", "--out", str(MODEL.parent), "--fixed-model-name", "growline", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, env=engine_environment(dict(os.environ)), text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise TrainingFailed(done.stdout)
    _STAMP.write_text(made_of + "\n")
    return True


def engine_environment(environment: dict[str, str]) -> dict[str, str]:
    """``environment`` for the engine: no telemetry, no neural network's chatter, one thread for its small matrices.

    Further threads only wait for such work, and they wait by spinning: they took processor time from every other program.
    """
    return {**environment, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "PYTHONWARNINGS": "ignore", "GROWLINE_ACTIONS_URL": environment.get("GROWLINE_ACTIONS_URL",
                                                                            "http://127.0.0.1:5055/webhook")}


def validate() -> str:
    """Rasa's own check of domain, rules and training data; returns what it complains of, "" when it is clean.

    One kind of complaint is left out: that a response "is not used in any story or rule". Ours are said by custom actions,
    and a test of our own (tests/content/test_dialogue.py) proves that each is used and none is missing.
    """
    command = [str(rasa()), "data", "validate"]
    done = subprocess.run(command, cwd=ROOT, env=engine_environment(dict(os.environ)), text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    complaints = [line for line in done.stdout.splitlines() if _complains(line)]
    if done.returncode != 0 and not complaints:
        return done.stdout
    return "\n".join(complaints)


def _complains(line: str) -> bool:
    ours = "is not used in any story or rule" in line and "utterance" in line
    return ("UserWarning" in line or "ERROR" in line) and "DeprecationWarning" not in line and not ours
