"""Marked places at which a fault test ends the program at once, as a power cut would. In ordinary running nothing is armed.

A test that wants a program to die at a place puts an empty file with the place's name into the folder
``GROWLINE_FAILPOINTS``. Whichever process reaches the place first takes the file away and dies, so each file is one death.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Final, Literal

Place = Literal[
    "before_receiving",  # gateway: the signature is checked, nothing is stored yet
    "received",          # gateway: the message is committed, Twilio has no answer yet
    "taken",             # worker: the message is taken up and its context committed, the engine not asked yet
    "engine_answered",   # worker: the engine has answered, nothing of it is stored yet
    "turn_finished",     # worker: replies and the message's end are committed, the job is not
    "step_done",         # actions: a step and its receipt are committed, the engine has no answer yet
    "claimed",           # worker: a text is marked as being sent, the provider not asked yet
    "accepted",          # worker: the provider has taken the text, we have not stored that yet
]

_folder: Path | None = None
NOT_ARMED: Final = None


def arm(folder: Path | None) -> None:
    """From now on a file in ``folder`` ends the program at the place it is named after; None arms nothing."""
    global _folder
    _folder = folder


def reach(place: Place) -> None:
    """Dies here when the place is armed. Costs nothing otherwise."""
    if _folder is NOT_ARMED:
        return
    try:
        os.unlink(_folder / place)
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
